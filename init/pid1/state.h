/* SPDX-License-Identifier: MIT
 * PID 1's whole running state, in one block of fixed layout that lives in a memfd, so that a
 * re-execution (after a crash, or to load SELinux's domain) takes it over together with the
 * descriptors it names. Nothing else in PID 1 outlives a round of the loop.
 */
#pragma once
#include "core/core.h"
#include "ctl/proto.h"
#include "pid1/runtime.h"
#include "plan/plan.h"

#define STATE_MAGIC 0x6275636b68656164ull
/* another binary with another layout does not adopt it */
#define STATE_LAYOUT (20u << 24 | (uint32_t)sizeof(struct pid1))

#define CLOSERS 16

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
	int32_t service; /* whose process it is, -1 = of no service */
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
	/* since when bulkhead-log is not there, or not for long; 0 = it works */
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
