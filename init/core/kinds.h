/* SPDX-License-Identifier: MIT
 * The words of the machine: states, outcomes, events and actions. See core.h.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum core_state {
	SVC_DOWN,
	SVC_WAITING,
	SVC_PRE,
	SVC_STARTING,
	SVC_POST,
	SVC_UP,
	SVC_DONE,
	SVC_STOP,
	SVC_TERM,
	SVC_KILL,
	SVC_STOP_POST,
	SVC_BACKOFF,
	SVC_FAILED,
	SVC_REFUSED,
	SVC_SKIPPED,
	SVC_LISTENING,
	SVC_STATE_COUNT
};

enum core_trait {
	STATE_AT_REST = 1 << 0,  /* nothing of it runs, and nothing will without a request */
	STATE_STARTING = 1 << 1, /* a life begins */
	STATE_READY = 1 << 2,    /* who requires it may start */
	STATE_ENDING = 1 << 3,   /* a life ends */
	STATE_BAD = 1 << 4,      /* at rest against its will */
	STATE_ACTIVE = STATE_STARTING | STATE_READY | STATE_ENDING
};

struct core_traits {
	const char *name;
	uint8_t is;   /* enum core_trait */
	uint8_t todo; /* enum core_todo: what can wait there to be handed out */
	uint8_t list; /* enum plan_exec that runs in it, EXEC_COUNT = none */
	uint8_t next; /* enum core_state behind that list, DOWN: the life's end */
};

enum core_outcome { /* why a service's last life ended */
	OUT_NONE,
	OUT_SUCCESS,
	OUT_EXIT,       /* exit status that is no success */
	OUT_SIGNAL,     /* killed by a signal, or dumped core */
	OUT_TIMEOUT,    /* TimeoutStartSec */
	OUT_WATCHDOG,   /* WatchdogSec */
	OUT_WALL,       /* a wall did not stand, or execve failed */
	OUT_DEPENDENCY, /* what it requires failed */
	OUT_START_LIMIT,
	OUT_MEMORY, /* KernelMemoryMax, or the OOM killer with OOMPolicy = stop */
	/* its state was impossible after a crash of PID 1: ended, and started anew as the policy
	 * says */
	OUT_LOST,
	OUT_STUCK, /* a stop that did not come to its end: a process is stuck in the kernel */
	OUT_COUNT
};

enum core_slot { SLOT_MAIN, SLOT_CONTROL };

enum core_event_kind {
	EV_START, /* requests, by service */
	EV_STOP,
	EV_RESTART,
	EV_RESET,   /* forget failure, start limit and back-off */
	EV_SKIPPED, /* ACT_SPAWN or ACT_LISTEN was not carried out: a condition does not hold */
	EV_STARTED, /* the process of `slot` has executed its program behind all its walls */
	EV_FAILED,  /* it did not, or ACT_LISTEN did not: `value` is the errno */
	EV_READY,   /* notified readiness */
	EV_PING,    /* the service fed its watchdog */
	EV_EXITED,  /* the process of `slot` ended with wait status `value` */
	EV_EMPTY,   /* the service's cgroup has no process left */
	EV_LIMIT,   /* its memory is beyond what it may have; `value` 1: it is asked to end first */
	EV_CLEANED, /* ACT_CLEAN is done, or came to nothing */
	EV_CONNECT, /* somebody waits at a socket of a service that is LISTENING */
	EV_FINAL,   /* shut down; `value` is enum plan_final */
	EV_KIND_COUNT
};

struct core_event {
	uint16_t kind;
	uint16_t service;
	uint16_t slot;
	int32_t value;
};

enum core_action_kind {
	ACT_SPAWN,   /* run command `index` of Exec list `list` in `slot` */
	ACT_SIGNAL,  /* send `value` to the main process */
	ACT_KILL,    /* cgroup.kill, and report EV_EMPTY once it is empty */
	ACT_RELEASE, /* the service is down for now: its group and runtime state may go */
	/* its sockets stand, and EV_CONNECT comes when somebody waits there; once for each of these
	 * actions */
	ACT_LISTEN,
	/* empty its directories below /run, and report EV_CLEANED: nothing of it lives, nor will until
	 * then */
	ACT_CLEAN,
	ACT_REPORT, /* tell the world: enum core_report in `value`, its argument in `argument` */
	ACT_FINAL,  /* every service is down: unmount and do `value` (enum plan_final) */
	ACT_KIND_COUNT
};

enum core_report {
	REPORT_READY,      /* up, done or listening */
	REPORT_ENDED,      /* argument: outcome */
	REPORT_RESTARTING, /* argument: milliseconds until then */
	REPORT_GAVE_UP,    /* argument: outcome; it stays failed */
	REPORT_STOPPED,
	REPORT_SKIPPED_START, /* a condition does not hold */
	REPORT_STOP_TIMEOUT,  /* did not end in TimeoutStopSec: killed */
	REPORT_UNKILLABLE,    /* did not end after cgroup.kill: given up */
	REPORT_REFUSED,
	REPORT_COUNT
};

struct core_action {
	uint16_t kind;
	uint16_t service;
	uint16_t slot;
	uint16_t list; /* enum plan_exec */
	uint16_t index;
	int32_t value;
	uint32_t argument;
};

extern const struct core_traits core_traits[SVC_STATE_COUNT];
/* Whether any of these traits (enum core_trait) is the state's. */
bool core_state_is(uint32_t state, uint32_t traits);
const char *core_state_name(enum core_state s);     /* "up", "waiting", ... */
const char *core_outcome_name(enum core_outcome o); /* "exit", "signal", ... */
