/* SPDX-License-Identifier: MIT
 * The control protocol between bulkctl and PID 1: SOCK_SEQPACKET on PROTO_SOCKET, fixed records,
 * native byte order (both ends are on one machine). One request per connection. Any user may send
 * PROTO_STATUS and PROTO_INFO, only kernel uid 0 the others (SO_PEERCRED). PID 1 answers with
 * records (PROTO_SERVICE for STATUS, one per service) and ends with PROTO_END, whose `value` is 0
 * or a negative errno and whose `text` explains it. START, STOP and RESTART are answered when the
 * service has settled.
 */
#pragma once
#include "base/config.h"
#include <errno.h>
#include <stdint.h>

#define PROTO_DIRECTORY "/run/bulkhead"
#define PROTO_SOCKET PROTO_DIRECTORY "/control"
/* Results for a client whose place is given to another. */
/* the start or stop goes on, and its outcome is not reported */
#define PROTO_GOES_ON (-EUSERS)
#define PROTO_NO_PLACE (-EAGAIN) /* the request was not read */
#define PROTO_VERSION 6

enum proto_verb {
	PROTO_STATUS = 1, /* every service, or the one named */
	PROTO_INFO,       /* the machine: one PROTO_MACHINE record */
	/* The plan, for root only, because it has environments and commands. PROTO_END carries its
	 * sealed memfd (SCM_RIGHTS), to be read with plan_open(). */
	PROTO_PLAN,
	PROTO_FIRST_CHANGE = 16,
	PROTO_START = 16,
	PROTO_STOP,
	PROTO_RESTART,
	PROTO_KILL,  /* `value` = signal, to the main process */
	PROTO_RESET, /* forget a failed state */
	PROTO_FINAL, /* `value` = enum plan_final */
	/* Compiles the service files and puts them in force; `value` 1: services that have changed are
	 * restarted, or the one named. Answered when that has been done. */
	PROTO_RELOAD,
	/* a service is to read its configuration anew; answered when it has, or was told so */
	PROTO_REFRESH,
};

struct proto_request {
	uint32_t version;
	uint32_t verb;
	int32_t value;
	uint32_t reserved;
	char service[CONFIG_MAX_NAME];
};

enum proto_kind { PROTO_END = 1, PROTO_SERVICE, PROTO_MACHINE };

enum proto_timer { /* bits */
	PROTO_TIMER_THERE = 1,
	PROTO_TIMER_ARMED = 2, /* not stopped */
	PROTO_TIMER_WAITS = 4  /* for a clock that is set */
};

struct proto_service {
	char name[CONFIG_MAX_NAME];
	uint32_t index;   /* in the plan */
	uint32_t state;   /* enum core_state (core/core.h) */
	int32_t pid;      /* of the service's main process in PID 1's namespace, 0 = none */
	int32_t cell_pid; /* of its reaper */
	uint32_t restarts;
	int32_t last_status;  /* wait status of the last end; -1 = never ended */
	int32_t failed_errno; /* of the wall that failed, 0 = none */
	uint64_t since_ms;    /* when it entered the state, CLOCK_MONOTONIC */
	uint64_t memory;      /* bytes in its cgroup, UINT64_MAX = unknown */
	uint64_t log_lost;    /* bytes of its output dropped while bulkhead-log was away */
	uint32_t type;        /* enum plan_type */
	uint32_t flags;       /* enum plan_service_flags */
	/* enum plan_optional: walls that its last start had to leave out */
	uint32_t absent;
	uint32_t timer;         /* enum proto_timer */
	uint64_t timer_next_ms; /* its next elapse, CLOCK_MONOTONIC; UINT64_MAX = none is known */
	uint64_t timer_last_ms; /* its last one in this boot; UINT64_MAX = none */
	uint64_t timer_last_s;  /* its last one, since 1970; 0 = none is known */
	char why[128];          /* failed step and detail, refusal, STATUS= text */
};

enum proto_stay { /* what PID 1 does while it is away from its loop */
	STAY_ELSE,
	STAY_MESSAGES, /* reads readiness and reports, and closes passed descriptors */
	STAY_CLIENTS,  /* of this protocol */
	STAY_SOCKETS,  /* opens and closes [Socket] and readiness sockets */
	STAY_EXITS,    /* reaps children */
	STAY_GROUPS,   /* makes, kills and removes control groups */
	STAY_CHILD,    /* waits for a child's execve or errand */
	STAY_COUNT
};

#define PROTO_ROOT_ALONE UINT32_MAX

struct proto_machine {
	uint64_t now_ms; /* CLOCK_MONOTONIC */
	uint32_t services;
	uint32_t max_services;
	uint32_t clients, max_clients;
	/* 1: the build's plan is used; 0: compiled at boot; 2: rescue */
	uint32_t plan_ahead;
	uint32_t plan_size;
	uint32_t watchdog_ms;
	uint32_t selinux;    /* 0 off, 1 permissive, 2 enforcing */
	uint32_t recoveries; /* number of re-executions after a crash */
	uint32_t shutting_down;
	uint64_t boot_done_ms; /* when the services of the boot had settled; 0 = not yet */
	/* when the boot was found good; 0 = not yet */
	uint64_t boot_good_ms;
	uint64_t loop_max_ms;                /* the longest stay away from the loop since boot */
	uint32_t loop_max_in;                /* enum proto_stay: what took longest in it */
	uint32_t loop_asleep_ms[STAY_COUNT]; /* the longest sleep in each */
	uint32_t rescue_shell;               /* enum plan_rescue; PROTO_ROOT_ALONE: only root is told */
	uint32_t watchdog_gap_ms;            /* the longest time between two feeds of the watchdog */
	char boot_reason[96];                /* why the boot is not good yet; "" = it is */
	char rescue_refusal[96];             /* why there would be no shell; "" = there would be */
};

struct proto_reply {
	uint32_t kind; /* enum proto_kind */
	int32_t value; /* PROTO_END: 0 or -errno */
	union {
		struct proto_service service;
		struct proto_machine machine;
		char text[256];
	};
};
