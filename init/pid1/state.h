/* SPDX-License-Identifier: MIT
 * PID 1's whole running state, as one block of fixed layout in a memfd. A re-execution (after a
 * crash, or to enter SELinux's domain) takes it over together with the descriptors that it names.
 * Nothing else in PID 1 outlives a round of the loop.
 */
#pragma once
#include "core/core.h"
#include "ctl/proto.h"
#include "pid1/renewal.h"
#include "pid1/runtime.h"
#include "plan/plan.h"

#define STATE_MAGIC 0x6275636b68656164ull
/* A program with another layout does not take the block over. */
#define STATE_LAYOUT (26u << 24 | (uint32_t)sizeof(struct pid1))

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
	CLIENT_LEAVING /* it has sent descriptors: closed at its deadline (discard_client()) */
};

struct client {
	int32_t fd;
	uint32_t state;
	uint32_t verb;
	uint32_t cursor; /* LISTING: the next service; WAITING: the service */
	uint32_t last;
	uint32_t uid;
	int32_t result;
	int32_t service; /* service of the client's process, -1 = none */
	uint64_t since_ms;
	uint64_t deadline_ms; /* a client that does not read its answer is dropped then */
};

struct rescue {    /* rescue.h */
	uint32_t mode; /* enum plan_rescue */
	/* ~mode: shows whether `mode` is intact, after a crash and without the firmware's plan */
	uint32_t witness;
	uint32_t account; /* enum account: root's */
	uint32_t asker;   /* the program that asks for its password */
	uint32_t phase;
	int32_t pid; /* the shell */
	uint32_t short_lives;
	uint64_t since_ms; /* when it began */
	uint64_t due_ms;   /* when the next step is due */
};

struct pid1 {
	uint64_t magic;
	uint32_t layout;
	uint32_t recoveries;
	uint64_t recovered_ms; /* time of the last crash, CLOCK_MONOTONIC */
	uint32_t quick_crashes;
	/* The boot is complete. Before that there is nothing to take over, and it starts from the
	 * beginning. */
	uint32_t booted;
	uint32_t renewed; /* 1: executed anew for another plan, and not for a crash */
	uint32_t selinux; /* 0 off, 1 permissive, 2 enforcing */

	int32_t state_fd, plan_fd, epoll_fd, signal_fd, control_fd, log_fd, watchdog_fd, console_fd,
		kmsg_fd, cgroup_root, null_fd;
	uint64_t control_file; /* inode of the control socket's file */
	uint32_t plan_size;
	uint32_t plan_source; /* as proto_machine.plan_ahead */
	uint32_t debug;
	uint32_t console_all;   /* ConsoleMessages = all */
	uint32_t final_request; /* ACT_FINAL was decided: enum plan_final */
	uint64_t watchdog_fed_ms;
	uint32_t watchdog_ms;
	uint32_t watchdog_gap_ms; /* the longest time between two feeds */
	uint32_t boot_late;       /* BootTimeoutSec has passed */
	uint64_t settle_ms;       /* when the boot counts as settled at the latest; CORE_NEVER = none */
	uint64_t boot_done_ms;
	/* since when every Essential service is ready; 0 = not all are */
	uint64_t essential_ms;
	uint64_t boot_good_ms; /* when the boot was found good; 0 = not yet */
	uint64_t look_ms;      /* when the groups are checked again, 0 = no need */
	/* no child for a client's descriptors is started before this, 0 = at once */
	uint64_t client_ms;
	int32_t closer[CLOSERS]; /* pids of children that close descriptors (discard.h), 0 = none */
	/* when the count of lines left out is next reported, 0 = none were */
	uint64_t storm_ms;
	/* since when bulkhead-log is away, or only just back; 0 = it works */
	uint64_t log_gone_ms;
	uint64_t log_made_ms; /* when its channel was made */
	uint64_t log_look_ms; /* when the pipes are checked again, while it is away */
	uint64_t log_lost;    /* bytes of all services dropped since log_gone_ms */
	uint32_t log_epoch;   /* counts the plans whose indexes bulkhead-log has been given */
	/* 1: it has not said yet that it knows them: what it tells of a service is passed over */
	uint32_t log_fence;
	uint64_t log_ask_ms; /* when it is asked again whether it reads */
	/* checks without an answer since it was asked; 0 = not asked, or answered */
	uint32_t log_asked;
	uint32_t hunt_for;           /* hunt.h: the service whose output is held */
	uint32_t hunts;              /* number of hunts that have found a process */
	int32_t hunt_fd, hunt_pidfd; /* the child's results, and the child; -1 = none */
	uint64_t hunt_ms;            /* when it began */
	uint64_t hunt_look_ms;       /* when its results are read */
	uint32_t log_away;           /* its reads that do not return, as it reports */
	uint32_t leave_looks;        /* leave.h: checks in a row that found it ending */
	uint64_t leave_ms;           /* the next check */
	/* drain.h: 1 + the service whose pipe the child is at; 0 = none */
	uint32_t drain_at;
	int32_t drain_fd, drain_pidfd; /* the child's counts, and the child; -1 = none */
	uint64_t drain_ms;             /* when it last wrote */
	uint64_t loop_max_ms;          /* the longest stay away from epoll_wait (stay.h) */
	uint32_t loop_max_in;
	uint32_t loop_asleep_ms[STAY_COUNT];
	uint32_t said_lost; /* console lines that were lost */
	int32_t marker;     /* pid of the child that writes the boot's mark in /var, 0 = none */
	/* action that the core has handed out and that is not carried out yet; ACT_KIND_COUNT = none */
	struct core_action doing;
	struct rescue rescue;
	struct reload reload;

	struct core core;
	struct runtime runtime[CONFIG_MAX_SERVICES];
	struct client client[CONFIG_MAX_CLIENTS];
	struct listener listener[CONFIG_MAX_SOCKETS];
};
