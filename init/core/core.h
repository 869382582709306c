/* SPDX-License-Identifier: MIT
 * The machine that decides. It knows a plan, the services' states and the time it is told; it makes
 * no system call, holds no descriptor and allocates nothing, so a device's life can be run in
 * virtual time, and its whole state is one block of bytes that survives a re-execution.
 *
 *   core_event(core, plan, event, now)     something happened
 *   while (core_next(core, plan, now, heard, &action)) do it
 *   wait until the next event or core_deadline(core)
 *
 * Time is judged by `heard` alone: all that happened until then has been told. Who is late in
 * hearing may so be late in judging, but never kills a service whose word, or whose exit, lies
 * unread. The mail of one service may have to wait longer (core_unread): then that service has
 * CORE_UNREAD_MS more.
 *
 * A start takes work: so many services at a time are on their way behind their walls, the others
 * wait (CORE_AT_ONCE). Hundreds that share the processors would all be late, PID 1 with them.
 *
 * The whole of a shutdown is bounded, whatever each service may take: half of RebootTimeoutSec, or
 * CORE_FINAL_MS. What is there then is killed, in no order and without ExecStopPost.
 *
 * A service's life:
 *
 *   DOWN ─▶ WAITING ─▶ PRE ─▶ STARTING ─▶ POST ─▶ UP (DONE: a oneshot that ended well)
 *             ▲  (order)  (ExecStartPre) (ExecStart) (ExecStartPost)   │ stop, exit, failure, time-out
 *             │                                                        ▼
 *          BACKOFF ◀── restart? ◀── STOP_POST ◀── KILL ◀── TERM ◀── STOP
 *             no: DOWN or FAILED                 (cgroup.kill) (KillSignal) (ExecStop)
 *
 * With SERVICE_ON_DEMAND a start goes as far as LISTENING: the sockets stand, no process is there,
 * and whoever requires the service finds it ready. Somebody who calls (EV_CONNECT) sends it through
 * WAITING into a life, and after that life, BACKOFF behind it, it listens again.
 *
 * REFUSED (its file has errors) and SKIPPED (a condition does not hold) are ends of their own. A
 * start waits until everything it orders itself after has settled; a stop waits until everything
 * ordered after it is down. What happens to the processes is the business of the loop; core hears
 * of two per service: the main process, and the control process of the Exec list that is running
 * beside it.
 */
#pragma once
#include "base/config.h"
#include "plan/plan.h"
#include <stdbool.h>
#include <stdint.h>

#define CORE_NEVER UINT64_MAX

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

/* Actions that are decided and not yet handed out: core_service.todo. */
enum core_todo {
	TODO_SPAWN = 1,
	TODO_SIGNAL = 2,
	TODO_KILL = 4,
	TODO_RELEASE = 8,
	TODO_LISTEN = 16,
	TODO_CLEAN = 32,
	TODO_ALL = 63
};

/* What lies in its directories below /run, with SERVICE_CLEANS. */
enum core_litter {
	LITTER_NONE,
	LITTER_KEPT, /* it stays as long as the service comes back: SERVICE_KEEPS */
	LITTER_DUE,  /* it goes as soon as nothing of the service lives, and before it starts again */
	LITTER_COUNT
};

/* Given up as unkillable; what follows once its processes are gone after all. */
enum core_stuck { STUCK_NOT, STUCK_STAYS, STUCK_POLICY, STUCK_AGAIN, STUCK_COUNT };

struct core_service {
	uint8_t state;   /* enum core_state */
	uint8_t wanted;  /* 1: should be up */
	uint8_t again;   /* 1: start anew once it is down (restart) */
	uint8_t outcome; /* enum core_outcome of the life that is ending, or of the last one */
	uint8_t main_alive;
	uint8_t control_alive;
	uint8_t populated; /* its group may still hold processes */
	uint8_t command;   /* index of the running command in its list */
	uint8_t pull;      /* 1: what it depends on has yet to be asked for */
	uint8_t todo;      /* enum core_todo */
	uint8_t stop_post; /* 1: ExecStopPost has been run in this life */
	uint8_t called;    /* 1: on demand, and somebody has called: a life is due, or runs */
	uint16_t reports;  /* bits of 1 << enum core_report waiting to be handed out (internal) */
	uint8_t stuck;     /* enum core_stuck, in FAILED */
	uint8_t unread;    /* 1: what it has said lies unread */
	uint8_t litter;    /* enum core_litter */
	/* 1: ACT_CLEAN is decided, and EV_CLEANED has not come; it does not start meanwhile */
	uint8_t cleaning;
	uint8_t entering; /* 1: a process of its start is on the way behind its walls */
	/* 1: WAITING, for what has failed and is in its BACKOFF, or for one that waits so */
	uint8_t stalled;
	uint8_t opening;     /* 1: LISTENING, and its sockets do not stand yet (core_opening) */
	uint32_t restarts;   /* automatic ones since the last request */
	uint32_t backoff_ms; /* the delay last used */
	uint32_t starts;     /* in the current StartLimitIntervalSec */
	int32_t last_status; /* wait status of the main process's last end, -1 = none */
	/* the same of the process whose end was that of the life: a command's too */
	int32_t end_status;
	int32_t failed_errno; /* OUT_WALL */
	uint64_t window_ms;   /* when that interval began */
	uint64_t since_ms;    /* when it entered its state */
	uint64_t deadline_ms; /* CORE_NEVER = none */
	uint64_t watchdog_ms; /* when the watchdog bites, CORE_NEVER = off */
};

struct core {
	uint32_t count;
	uint32_t final;      /* enum plan_final once shutting down */
	uint32_t final_done; /* ACT_FINAL was handed out */
	uint32_t pulling;    /* some service has yet to ask for what it depends on */
	/* services that are on their way behind their walls, when core_next last looked */
	uint32_t entering;
	uint32_t cursor; /* of core_next */
	/* when the first of those is not waited for any more, CORE_NEVER = there are none */
	uint64_t entered_ms;
	uint64_t final_ms;     /* when the shutdown was asked for */
	uint64_t final_due_ms; /* when what is still there is killed, CORE_NEVER = no shutdown */
	uint64_t random;       /* state of the jitter's generator; seeded by the loop */
	struct core_service service[CONFIG_MAX_SERVICES];
};

/* Every service DOWN (or REFUSED), then those of the default group, or all enabled ones, asked
 * to start. */
void core_init(struct core *c, const struct plan *p, uint64_t now, uint64_t seed);
/* The same with another group than the plan's (bulkhead.group= on the kernel's command line). */
void core_init_group(struct core *c, const struct plan *p, uint32_t group, uint64_t now,
	uint64_t seed);
/* After a re-execution: true if the block is consistent with the plan. What is impossible in one
 * service makes that service FAILED, nothing else. */
bool core_adopt(struct core *c, const struct plan *p, uint64_t now);
/* After a re-execution: the command that `slot` was to run was handed out and never begun. It is
 * handed out again, as if it had not been; false if no command is due there. */
bool core_spawn_again(struct core *c, uint32_t service, uint16_t slot);
/* The same of any action: what core_next was handing out, and has handed out. */
bool core_has_handed_out(const struct core *c, const struct core_action *a);
void core_event(struct core *c, const struct plan *p, struct core_event ev, uint64_t now);
/* What service i says about itself lies unread, or not any more. While it does, the times for its
 * readiness and its watchdog are over so much later: it is spared for what it may have said, and
 * cannot put off its end for ever. */
#define CORE_UNREAD_MS 2000u
void core_unread(struct core *c, uint32_t i, bool unread);
/* ACT_LISTEN takes a while: until it is told the end of that, or EV_FAILED or EV_SKIPPED, nobody
 * takes service i for ready. */
void core_opening(struct core *c, uint32_t i, bool opening);
/* Hands out one decision; false when there is nothing left to do until the next event or deadline.
 * heard <= now: no deadline after it is judged. */
bool core_next(struct core *c, const struct plan *p, uint64_t now, uint64_t heard,
	struct core_action *out);
#define CORE_FINAL_MS 1800000u /* for a shutdown without RebootTimeoutSec */
/* The next moment at which core_next has something to do by time alone, CORE_NEVER = none. */
uint64_t core_deadline(const struct core *c);
/* Is the service where a request to start (or stop) it ends? Used to answer bulkctl. */
bool core_settled(const struct core *c, uint32_t service);
bool core_boot_settled(const struct core *c);
/* every Essential service is ready */
bool core_boot_good(const struct core *c, const struct plan *p);
bool core_is_ready(const struct core *c, uint32_t service); /* up, done or listening */
/* Whether this wait status is a success, by what the service's file says. */
bool core_is_success(const struct plan *p, uint32_t service, int32_t status);
extern const struct core_traits core_traits[SVC_STATE_COUNT];
/* Whether any of these traits (enum core_trait) is the state's. */
bool core_state_is(uint32_t state, uint32_t traits);
const char *core_state_name(enum core_state s);     /* "up", "waiting", ... */
const char *core_outcome_name(enum core_outcome o); /* "exit", "signal", ... */
