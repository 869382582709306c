/* SPDX-License-Identifier: MIT
 * The state of all services as one block of bytes without pointers, which survives a re-execution.
 * See core.h.
 */
#pragma once
#include "base/config.h"
#include <stdint.h>

#define CORE_NEVER UINT64_MAX
/* So many lives in a row may end well before a second has passed, each called for within a second
 * of its listening: then callers are left unanswered, and each further pause is twice as long. */
#define CORE_UNANSWERED 20u
#define CORE_UNANSWERED_MOST (CORE_UNANSWERED + 32u)

/* Actions that are decided but not handed out yet: core_service.todo. */
enum core_todo {
	TODO_SPAWN = 1,
	TODO_SIGNAL = 2,
	TODO_KILL = 4,
	TODO_RELEASE = 8,
	TODO_LISTEN = 16,
	TODO_CLEAN = 32,
	TODO_RELOAD = 64,
	TODO_ALL = 127
};

/* What is left in a service's directories below /run, with SERVICE_CLEANS. */
enum core_litter {
	LITTER_NONE,
	LITTER_KEPT, /* kept while the service is restarted: SERVICE_KEEPS */
	/* to be removed once no process of the service is left, and before its next start */
	LITTER_DUE,
	LITTER_COUNT
};

/* A service that was given up as unkillable: what follows once its processes have ended after
 * all. */
enum core_stuck { STUCK_NOT, STUCK_STAYS, STUCK_POLICY, STUCK_AGAIN, STUCK_COUNT };

/* UP: how far it is with reading its configuration anew. */
enum core_reloading {
	RELOADS_NOT,
	RELOADS_ASKED, /* with SERVICE_RELOADS: it has not said yet that it has begun */
	RELOADS_BEGUN,
	RELOADS_COUNT
};

struct core_service {
	uint8_t state;   /* enum core_state */
	uint8_t wanted;  /* 1: should be up */
	uint8_t again;   /* 1: start anew once it is down (restart) */
	uint8_t outcome; /* enum core_outcome of the life that is ending, or of the last one */
	uint8_t main_alive;
	uint8_t control_alive;
	uint8_t populated; /* its group may still hold processes */
	uint8_t command;   /* index of the running command in its list */
	uint8_t pull;      /* 1: the services it depends on have yet to be requested */
	uint8_t todo;      /* enum core_todo */
	uint8_t stop_post; /* 1: ExecStopPost has been run in this life */
	uint8_t called;    /* 1: on demand and a client has called: a life is due or runs */
	uint16_t notices;  /* bits of 1 << enum core_notice waiting to be handed out (internal) */
	uint8_t stuck;     /* enum core_stuck, in FAILED */
	uint8_t unread;    /* 1: messages from it are unread */
	uint8_t litter;    /* enum core_litter */
	/* 1: ACT_CLEAN is decided and EV_CLEANED has not come; the service does not start meanwhile */
	uint8_t cleaning;
	uint8_t entering; /* 1: a process of its start is still raising its walls */
	/* 1: WAITING for a service that has failed and is in BACKOFF, or for one that is stalled
	 * itself */
	uint8_t stalled;
	uint8_t opening; /* 1: LISTENING, and its sockets are not open yet (core_opening) */
	uint8_t ready;   /* 1: STARTING, and EV_READY has come before EV_STARTED */
	/* on demand: short lives in a row that were called for as soon as it listened */
	uint8_t unanswered;
	/* 1: it is tried again for want of what may come, and has not been ready since (core_lacks) */
	uint8_t lacking;
	/* 1 + the service whose start has stopped it, by a conflict; 0 = none, or asked for since */
	uint16_t displaced;
	/* enum plan_exec: whose command ended the last life, and which one; EXEC_COUNT: none did */
	uint8_t end_list;
	uint8_t end_command;
	uint8_t reloads;       /* enum core_reloading */
	uint8_t reload_failed; /* 1: the last reload was not finished in time */
	uint8_t reserved[2];
	uint32_t restarts;   /* automatic ones since the last request */
	uint32_t backoff_ms; /* the delay last used */
	uint32_t starts;     /* in the current StartLimitIntervalSec */
	int32_t last_status; /* wait status of the main process's last end, -1 = none */
	/* the same for the process whose end ended the life, which may be a command's */
	int32_t end_status;
	int32_t failed_errno;     /* OUT_WALL */
	uint64_t window_ms;       /* when the current interval began */
	uint64_t since_ms;        /* when it entered its state */
	uint64_t deadline_ms;     /* CORE_NEVER = none */
	uint64_t watchdog_ms;     /* when the watchdog expires, CORE_NEVER = off */
	uint64_t reload_since_ms; /* when it was asked to reload */
	uint64_t reload_ms;       /* when that is given up, CORE_NEVER = none is under way */
};

/* Whether the last elapse has been read back from where it outlives the boot (Persistent). */
enum core_stamp { STAMP_NONE, STAMP_AWAITED, STAMP_READ, STAMP_COUNT };

struct core_timer {
	uint16_t service;
	uint8_t armed;  /* 1: it starts its service */
	uint8_t stamp;  /* enum core_stamp */
	uint32_t known; /* 1: not new since the last core_move() */
	/* of the service's last life, and of the timer's last elapse; CORE_NEVER = none yet */
	uint64_t began_ms, ended_ms, elapsed_ms;
	uint64_t delay_ms;   /* how much later the next elapse is; CORE_NEVER = not drawn yet */
	uint64_t calendar_s; /* the next time of its calendar, of the wall clock; 0 = not found yet */
	/* the wall clock at the last elapse, in this boot or by its stamp; 0 = none is known */
	uint64_t last_s;
	uint64_t stamp_s;   /* to be kept over the boot; 0 = nothing is */
	uint64_t stamped_s; /* kept there */
	uint64_t due_ms;    /* core_timer_due() when last asked */
};

struct core {
	uint32_t count;
	uint32_t final;      /* enum plan_final once shutting down */
	uint32_t final_done; /* ACT_FINAL was handed out */
	uint32_t pulling;    /* some service has `pull` set */
	/* services still raising their walls at the last core_next() */
	uint32_t entering;
	uint32_t cursor; /* of core_next */
	/* when the first of those no longer counts, CORE_NEVER = there are none */
	uint64_t entered_ms;
	uint64_t final_ms;     /* when the shutdown was requested */
	uint64_t final_due_ms; /* when the remaining services are killed, CORE_NEVER = no shutdown */
	uint64_t random;       /* state of the jitter's generator; seeded by the loop */
	uint64_t startup_ms;   /* of core_init() */
	uint64_t device;       /* for delays that differ from device to device */
	int64_t clock_ms;      /* CLOCK_REALTIME less CLOCK_MONOTONIC, when last told */
	uint32_t clock_set;    /* 1: and it can be believed */
	uint32_t timers;       /* in use */
	struct core_timer timer[CONFIG_MAX_TIMERS];
	struct core_service service[CONFIG_MAX_SERVICES];
};
