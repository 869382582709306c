/* SPDX-License-Identifier: MIT
 * What the loop holds for one service: a part of PID 1's state (state.h).
 */
#pragma once
#include "core/core.h"
#include "pid1/storm.h"
#include <stdint.h>

enum slot_flags {
	SLOT_STARTED = 1,
	SLOT_FAILED = 2,
	SLOT_HAS_STATUS = 4,
	SLOT_CONTINUED = 8, /* so, and killed: the cell, since it does not tell of an end (mains.h) */
	SLOT_SHOT = 16
};

struct slot {       /* one process of a service: its cell */
	int32_t pid;    /* 0 = none */
	int32_t main;   /* the service's own process, the cell's child; 0 = not known yet */
	int32_t pidfd;  /* of `main`, -1 = none */
	int32_t report; /* read end of its report pipe */
	int32_t ready;  /* our end of its NotificationFD */
	uint32_t flags; /* enum slot_flags */
	int32_t status; /* SLOT_HAS_STATUS: the service's own wait status */
	/* `main` has ended, or is not watched: when that is looked at (mains.h), 0 = not */
	uint64_t due_ms;
};

struct runtime {         /* what the loop holds for one service */
	struct slot slot[2]; /* by enum core_slot */
	int32_t group;       /* O_PATH of its cgroup, -1 = none */
	int32_t events;      /* its cgroup.events, watched while it is being killed */
	int32_t log_read, log_write;
	int32_t notify; /* its readiness socket, -1 = none */
	/* the network namespace that is kept for its processes (plan_service.network), -1 = none */
	int32_t network;
	/* pid of the child that takes a message with descriptors from `notify` (take.h), 0 = none */
	int32_t taker;
	int32_t asked_pid;       /* pid of the child that looks at something for it (ask.h), 0 = none */
	int32_t asked_fd;        /* its answers, -1 = none */
	int32_t netdev_returner; /* pid of the process that gives its interfaces back, 0 = none */
	/* pid of the process that empties its directories below /run (clean.h), 0 = none */
	int32_t cleaner;
	uint8_t log_sent;    /* bulkhead-log has the reading end */
	uint8_t await_empty; /* the core waits for EV_EMPTY */
	uint8_t checked;     /* the conditions of this life hold */
	uint8_t unlabelled;  /* SocketContext is asked for, and could not be set */
	/* cgroup.kill has been written to its group (group_ready says what follows) */
	uint8_t killed;
	uint8_t taker_killed;
	uint8_t doubted; /* a message was not believed, which is said once */
	/* it keeps its pipe from being read; 2: or another does, who is not found (hunt.h) */
	uint8_t log_held;
	uint8_t left;        /* what its group holds is not waited for (leave.h) */
	uint8_t long_winded; /* one was too long, likewise */
	uint8_t clean_killed;
	uint8_t asked_for;      /* enum ask_for */
	uint8_t asked_waits;    /* `asked` waits for its end */
	uint8_t asked_killed;   /* it was given up, and has not ended */
	uint32_t hunted;        /* the last hunt that has killed it (hunt.h) */
	uint32_t hunted_before; /* so many there were when its pipe was last found held */
	/* which of its sockets' files are to be removed once a child can be sent (sockets.h) */
	uint32_t socket_files;
	uint64_t asked_ms; /* when it is given up; 0 = it was */
	uint64_t clean_ms; /* when the cleaner is killed, and then given up */
	/* `notify` is not watched; what is to be done with the taker then; 0 = watched */
	uint64_t take_ms;
	uint64_t log_lost;  /* bytes of its output that were dropped: bulkhead-log was not there */
	uint64_t log_told;  /* those of them that it has been told of */
	uint64_t oom_kills; /* in its group before this life (OOMPolicy = stop) */
	/* enum plan_optional: what its last start did without, by the cgroup and by the other walls */
	uint32_t absent_group, absent_cell;
	struct core_action asked;        /* what is carried out once it has ended */
	struct storm storm[STORM_KINDS]; /* of lines about it */
	char why[124];                   /* failed step and detail, STATUS= text */
};
