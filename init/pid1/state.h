/* SPDX-License-Identifier: MIT
 * PID 1's whole running state, in one block of fixed layout that lives in a memfd, so that a
 * re-execution (after a crash, or to load SELinux's domain) takes it over together with the
 * descriptors it names. Nothing else in PID 1 outlives a round of the loop.
 */
#pragma once
#include "core/core.h"
#include "ctl/proto.h"
#include "pid1/storm.h"
#include "plan/plan.h"

#define STATE_MAGIC 0x6275636b68656164ull
/* another binary with another layout does not adopt it */
#define STATE_LAYOUT (20u << 24 | (uint32_t)sizeof(struct pid1))

#define CLOSERS 16

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
	uint8_t unlabelled;  /* SocketContext is asked for, and was not to be had */
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

struct listener { /* an open socket of [Socket] */
	int32_t fd;   /* <= 0: this place is free */
	uint16_t service;
	uint16_t index; /* in plan_service.sockets */
};

enum client_state {
	CLIENT_FREE,
	CLIENT_READING,
	CLIENT_LISTING,
	CLIENT_WAITING,
	CLIENT_ENDING,
	CLIENT_LEAVING /* it has sent descriptors: closed at its deadline (discard_client) */
};

struct client {
	int32_t fd;
	uint32_t state;
	uint32_t verb;
	uint32_t cursor; /* LISTING: next service; WAITING: the service */
	uint32_t last;
	uint32_t uid;
	int32_t result;
	int32_t service; /* whose process it is, -1 = nobody's */
	uint64_t since_ms;
	uint64_t deadline_ms; /* a client that does not take its answer is dropped */
};

struct rescue {    /* rescue.h */
	uint32_t mode; /* enum plan_rescue */
	/* ~mode: after a crash without the firmware's plan only this can tell whether it is still what
	 * that said */
	uint32_t witness;
	uint32_t account; /* enum account: root's */
	uint32_t asker;   /* which program asks for its password */
	uint32_t phase;
	int32_t pid; /* the shell */
	uint32_t short_lives;
	uint64_t since_ms; /* when it began */
	uint64_t due_ms;   /* when the next thing is done */
};

struct pid1 {
	uint64_t magic;
	uint32_t layout;
	uint32_t recoveries;
	uint64_t recovered_ms; /* when the last crash was, monotonic */
	uint32_t quick_crashes;
	/* the boot is through: before that there is nothing to take over, and it begins anew */
	uint32_t booted;
	uint32_t selinux; /* 0 off, 1 permissive, 2 enforcing */

	int32_t state_fd, plan_fd, epoll_fd, signal_fd, control_fd, log_fd, watchdog_fd, console_fd,
		kmsg_fd, cgroup_root, null_fd;
	uint64_t control_file; /* the inode of the control socket's file */
	uint32_t plan_size;
	uint32_t plan_source; /* as proto_machine.plan_ahead */
	uint32_t debug;
	uint32_t final_request; /* ACT_FINAL was decided: enum plan_final */
	uint64_t watchdog_fed_ms;
	uint32_t watchdog_ms;
	uint32_t watchdog_gap_ms; /* the longest time between two feeds */
	uint32_t boot_late;       /* BootTimeoutSec has passed */
	uint64_t boot_done_ms;
	/* since when every Essential service is ready; 0 = not all are */
	uint64_t essential_ms;
	uint64_t boot_good_ms; /* and that for long enough; 0 = not yet */
	uint64_t look_ms;      /* when the groups are looked at again, 0 = no need */
	/* no child for what a client has sent before that, 0 = at once */
	uint64_t client_ms;
	int32_t closer[CLOSERS]; /* pids of the children that close (discard.h), 0 = none */
	/* the next time that lines which were left out are to be told, 0 = none were */
	uint64_t storm_ms;
	/* since when bulkhead-log is not there, or not for long; 0 = it is well */
	uint64_t log_gone_ms;
	uint64_t log_made_ms; /* its channel */
	uint64_t log_look_ms; /* when the pipes are looked at again, while it is away */
	uint64_t log_lost;    /* bytes dropped since then */
	uint64_t log_ask_ms;  /* when it is looked at again */
	/* it was asked, and so many looks found no answer; 0 = it was not, or has answered */
	uint32_t log_asked;
	uint32_t hunt_for;           /* hunt.h: whose output it is about */
	uint32_t hunts;              /* that have found somebody */
	int32_t hunt_fd, hunt_pidfd; /* what the child finds, and it; -1 = there is none */
	uint64_t hunt_ms;            /* when it began */
	uint64_t hunt_look_ms;       /* when it is looked at */
	uint32_t log_away;           /* reads of its own that do not come back, as it says */
	uint32_t leave_looks;        /* leave.h: so many in a row have found it ending */
	uint64_t leave_ms;           /* and the next */
	/* drain.h: the service whose pipe the child is at, and 1; 0 = none */
	uint32_t drain_at;
	int32_t drain_fd, drain_pidfd; /* what it counts, and it; -1 = there is none */
	uint64_t drain_ms;             /* when it last said something */
	uint64_t loop_max_ms;          /* longest stay away from epoll_wait (stay.h) */
	uint32_t loop_max_in;
	uint32_t loop_asleep_ms[STAY_COUNT];
	uint32_t said_lost; /* console lines that did not fit the terminal's buffer */
	int32_t marker;     /* pid of the child that leaves the boot's mark in /var, 0 = none */
	/* what the core has handed out and is not carried out yet; ACT_KIND_COUNT = nothing */
	struct core_action doing;
	struct rescue rescue;

	struct core core;
	struct runtime runtime[CONFIG_MAX_SERVICES];
	struct client client[CONFIG_MAX_CLIENTS];
	struct listener listener[CONFIG_MAX_SOCKETS];
};
