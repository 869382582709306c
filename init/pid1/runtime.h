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
	/* the cell was continued, or killed, because it has not reported an end (mains.h) */
	SLOT_CONTINUED = 8,
	SLOT_SHOT = 16,
	/* its main process has ended and the cell waits for others; the core has been told (EV_LEFT) */
	SLOT_LEAVES = 32,
	SLOT_LEFT = 64
};

/* One process of a service: its cell. The place is taken until the cell has been reaped and its
 * descriptors are closed; only then is the core told of an end, and may start another there. A
 * cell that nothing ends is an exception (mains.h, leave.h). */
struct slot {
	int32_t pid;    /* 0 = none */
	int32_t main;   /* the service's own process, the cell's child; 0 = not known yet */
	int32_t pidfd;  /* of `main`, -1 = none */
	int32_t report; /* our end of its report channel */
	int32_t ready;  /* our end of its NotificationFD */
	uint32_t flags; /* enum slot_flags */
	/* SLOT_HAS_STATUS: wait status of the service's own process; SLOT_FAILED: errno of the step */
	int32_t status;
	/* `main` has ended or is not watched: when to act on that (mains.h); 0 = no need */
	uint64_t due_ms;
};

struct runtime {         /* what the loop holds for one service */
	struct slot slot[2]; /* by enum core_slot */
	int32_t group;       /* O_PATH of its cgroup, -1 = none */
	int32_t events;      /* its cgroup.events, watched after it was killed */
	int32_t log_read, log_write;
	int32_t notify; /* its readiness socket, -1 = none */
	/* network namespace kept for its processes (plan_service.network), -1 = none */
	int32_t network;
	/* pid of the child that takes a message with descriptors from `notify` (take.h), 0 = none */
	int32_t taker;
	int32_t asked_pid;       /* pid of the child that works for it (ask.h), 0 = none */
	int32_t asked_fd;        /* the child's answers, -1 = none */
	int32_t netdev_returner; /* pid of the process that returns its interfaces, 0 = none */
	/* pid of the process that empties its directories below /run (clean.h), 0 = none */
	int32_t cleaner;
	uint8_t log_sent;    /* bulkhead-log has the reading end */
	uint8_t log_over;    /* it is still to be told that processes have ended (CHANNEL_OVER) */
	uint8_t await_empty; /* the core waits for EV_EMPTY */
	uint8_t checked;     /* the conditions of this life hold */
	uint8_t unlabelled;  /* SocketContext could not be set */
	/* cgroup.kill was written to its group (see group_ready()) */
	uint8_t killed;
	uint8_t taker_killed;
	uint8_t doubted; /* a message was ignored for its sender: reported once */
	/* it keeps its output pipe from being read; 2: or another process does, which is not found
	 * (hunt.h) */
	uint8_t log_held;
	uint8_t left;        /* processes left in its group are not waited for (leave.h) */
	uint8_t long_winded; /* a message was too long: reported once */
	uint8_t vain;        /* a message had a word without effect: reported once */
	uint8_t clean_killed;
	uint8_t asked_for;      /* enum ask_for */
	uint8_t asked_waits;    /* `asked` waits for the child */
	uint8_t asked_killed;   /* the child was given up and has not ended */
	uint32_t hunted;        /* number of the last hunt that killed it (hunt.h) */
	uint32_t hunted_before; /* value of pid1.hunts when its pipe was last found held */
	/* sockets whose files a child is to remove (sockets.h), as bits */
	uint32_t socket_files;
	uint64_t asked_ms; /* when the child is given up; 0 = it was */
	uint64_t clean_ms; /* when the cleaner is killed, and then given up */
	/* `notify` is not watched; when to act on the taker; 0 = it is watched */
	uint64_t take_ms;
	uint64_t log_lost;  /* bytes of its output that were dropped while bulkhead-log was away */
	uint64_t log_told;  /* of these, what bulkhead-log has been told */
	uint64_t oom_kills; /* in its group before this life (OOMPolicy = stop) */
	/* enum plan_optional: walls that its last start had to leave out, of the cgroup and of the
	 * cell */
	uint32_t absent_group, absent_cell;
	struct core_action asked;        /* what is carried out when the child has ended */
	struct storm storm[STORM_KINDS]; /* limits lines about it */
	char why[124];                   /* failed step and detail, or STATUS= text */
};
