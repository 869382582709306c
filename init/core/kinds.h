/* SPDX-License-Identifier: MIT
 * The machine's states, outcomes, events and actions. See core.h.
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
	STATE_AT_REST = 1 << 0,  /* it does not run, and will not without a request */
	STATE_STARTING = 1 << 1, /* a life is beginning */
	STATE_READY = 1 << 2,    /* services that require it may start */
	STATE_ENDING = 1 << 3,   /* a life is ending */
	STATE_BAD = 1 << 4,      /* at rest because something failed */
	STATE_ACTIVE = STATE_STARTING | STATE_READY | STATE_ENDING
};

struct core_traits {
	const char *name;
	uint8_t is;   /* enum core_trait */
	uint8_t todo; /* enum core_todo: actions that can be pending in it */
	uint8_t list; /* enum plan_exec: the list that runs in it, EXEC_COUNT = none */
	uint8_t next; /* enum core_state after that list, DOWN: the life ends */
};

enum core_outcome { /* why a service's last life ended */
	OUT_NONE,
	OUT_SUCCESS,
	OUT_EXIT,       /* an exit status that is not a success */
	OUT_SIGNAL,     /* killed by a signal, or dumped core */
	OUT_TIMEOUT,    /* TimeoutStartSec */
	OUT_WATCHDOG,   /* WatchdogSec */
	OUT_WALL,       /* a wall could not be raised, or execve failed */
	OUT_DEPENDENCY, /* a service that it requires failed */
	OUT_START_LIMIT,
	OUT_MEMORY, /* KernelMemoryMax, or the OOM killer with OOMPolicy = stop */
	/* its state was impossible after a crash of PID 1: ended, and restarted by its policy */
	OUT_LOST,
	OUT_STUCK,   /* a stop that did not finish: a process is stuck in the kernel */
	OUT_RUNTIME, /* RuntimeMaxSec */
	OUT_COUNT
};

enum core_slot { SLOT_MAIN, SLOT_CONTROL };

enum core_event_kind {
	EV_START, /* request, for `service`; the next two likewise */
	EV_STOP,
	EV_RESTART,
	EV_RELOAD,    /* it is to read its configuration anew, if it is UP and can be told so */
	EV_RESET,     /* forget failure, start limit and back-off */
	EV_SKIPPED,   /* ACT_SPAWN or ACT_LISTEN was not carried out: a condition does not hold */
	EV_STARTED,   /* the process of `slot` has executed its program behind all walls */
	EV_FAILED,    /* that, or ACT_LISTEN, failed: `value` is the errno */
	EV_READY,     /* notified readiness; counts once EV_STARTED has come too */
	EV_RELOADING, /* notified that it does so, `value` ms ago; EV_READY ends it */
	EV_PING,      /* the service fed its watchdog */
	EV_EXITED,    /* the process of `slot` ended with wait status `value` */
	/* the main process, no oneshot's, ended with wait status `value` and left others; EV_EXITED
	 * tells the end of those too */
	EV_LEFT,
	EV_EMPTY,   /* the service's cgroup has no process left */
	EV_LIMIT,   /* it uses more memory than it may; `value` 1: SIGTERM comes first */
	EV_CLEANED, /* ACT_CLEAN has ended, done or not */
	EV_CONNECT, /* a client waits at a socket of a service that is LISTENING */
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
	ACT_SPAWN, /* run command `index` of Exec list `list` in `slot` */
	/* send `value` to the main process, or to those that it has left (EV_LEFT), and to the control
	 * process */
	ACT_SIGNAL,
	ACT_RELOAD,  /* send `value` to the main process alone */
	ACT_KILL,    /* write cgroup.kill, and post EV_EMPTY once the group is empty */
	ACT_RELEASE, /* the service is down: its group and runtime state may be removed */
	/* open its sockets, and post EV_CONNECT when a client waits there, once for each such action */
	ACT_LISTEN,
	/* empty its directories below /run and post EV_CLEANED; no process of it lives until then */
	ACT_CLEAN,
	ACT_NOTICE, /* a line to print: enum core_notice in `value`, its argument in `argument` */
	ACT_FINAL,  /* every service is down: unmount and do `value` (enum plan_final) */
	ACT_KIND_COUNT
};

enum core_notice {
	NOTICE_READY,         /* up, done or listening */
	NOTICE_ENDED,         /* argument: outcome */
	NOTICE_RESTARTING,    /* argument: the delay, in milliseconds from its end */
	NOTICE_GAVE_UP,       /* argument: outcome; it stays failed */
	NOTICE_STOPPED,       /* argument: 1 + the service that it had to make room for, 0 = none */
	NOTICE_SKIPPED_START, /* a condition does not hold */
	NOTICE_STOP_TIMEOUT,  /* it did not end within TimeoutStopSec: killed */
	NOTICE_UNKILLABLE,    /* it did not end after cgroup.kill: given up */
	NOTICE_REFUSED,
	NOTICE_RELOAD_LATE, /* it was not done with a reload in time; it goes on */
	NOTICE_UNANSWERED,  /* it listens again later than usual; argument as of RESTARTING */
	NOTICE_COUNT
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
/* Whether the state has any of these traits (bits of enum core_trait). */
bool core_state_is(uint32_t state, uint32_t traits);
const char *core_state_name(enum core_state s);     /* "up", "waiting", ... */
const char *core_outcome_name(enum core_outcome o); /* "exit", "signal", ... */
