/* SPDX-License-Identifier: MIT
 * What the parts of the simulation share. One history = one seed = one random plan, one random
 * world in virtual time and one struct core:
 *   plans.c  random plans       world.c    processes that start, fail, hang, exit and die
 *            trace.c  a history as text
 *   judge*.c the invariants     history.c  the loop around core, requests, crashes, noise
 *                               corrupt.c  damaged state blocks
 *                               reload.c   another plan
 * The judge knows what core.h and plan/format.h promise and what the world truly did; it does not
 * look at how core decides.
 */
#pragma once
#include "core/core.h"
#include "plan/plan.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_SERVICES 40
#define SIM_PENDING 1024
#define SIM_STEPS 500         /* events of a history before it is cut off */
#define SIM_FINAL_STEPS 5000  /* the same while it shuts down */
#define SIM_KILL_MS 10000u    /* how long core waits for cgroup.kill before it gives up */
#define SIM_FINAL_MS 1800000u /* what a shutdown may take where nothing else is said */
/* up for so long, or for RestartMaxDelaySec if that is longer: the next failure is a first one */
#define SIM_STABLE_MS 10000u
#define SIM_SESSION_MS 1000u /* the same before an end with success */

enum sim_mode { /* what the history may tell core besides the truth */
	MODE_CALM,
	MODE_BENIGN, /* events that say nothing new or concern nobody: they must change nothing */
	MODE_WILD,   /* lies: core may decide wrongly, but must stay in one piece */
	MODE_COUNT
};

enum sim_mood { /* how a service tends to behave in this history */
	MOOD_GOOD,
	MOOD_MIXED,
	MOOD_CRASHY,
	MOOD_WALL,
	MOOD_SLOW,
	MOOD_NEVER_READY,
	MOOD_STUBBORN,
	MOOD_UNKILLABLE,
	MOOD_STARVING,
	MOOD_ORPHANS,
	MOOD_SKIPPED,
	MOOD_BAD_CONTROL,
	MOOD_UNANSWERING, /* on demand: it ends at once, and whoever called is still there */
	MOOD_COUNT
};

enum sim_happening {
	H_STARTED,
	H_SETTLED,
	H_FAILED,
	H_READY,
	H_PING,
	H_DIE,
	H_LEFT,
	H_REAP,
	H_KILLED,
	H_ORPHANS_DIE,
	H_EMPTY,
	H_CALL,
	H_CLEANED,
	H_MAIL,
	H_MAIL_READ,
	H_OPENED,
	H_RELOADING
};

struct sim_pending {
	uint64_t at;
	uint64_t order;
	uint16_t what; /* enum sim_happening */
	uint16_t service;
	uint16_t slot;
	uint32_t generation;
	uint32_t other_generation; /* H_KILLED: of the control slot */
	int32_t value;
	uint64_t sent; /* H_MAIL: when it was, while `value`, H_READY or H_PING, is told at last */
};

struct sim_process {
	bool alive;
	bool known; /* core had it spawned, and has not been told yet that it is no more */
	bool stubborn;
	bool leaves;    /* it has ended, and its cell stays for the service's orphans */
	int32_t status; /* then */
	bool untold;    /* its program runs, and its cell has yet to say so */
	bool told;      /* it has said so */
	uint16_t list;
	uint16_t index;
	uint32_t generation;
};

struct sim_service { /* the truth about one service, and what the judge remembers of it */
	enum sim_mood mood;
	struct sim_process slot[2];
	uint32_t orphans;
	bool unkillable; /* cgroup.kill does not help for a while */
	bool held;       /* its mail lies unread behind a message that must be taken first */
	uint64_t held_until;

	bool began;    /* a life is running: its first spawn has been seen */
	uint16_t list; /* of the life's last spawn */
	uint16_t index;
	int32_t main_status; /* of the main process, of a life's end */
	int32_t wall_errno;  /* of the failure that ended the life, while the outcome is OUT_WALL */
	bool given_up;       /* NOTICE_UNKILLABLE: what is left of it is out of anybody's hands */
	uint32_t openings;   /* times that it was told to listen */
	bool called;         /* on demand: somebody has called since it began to listen */
	uint64_t listens_since;
	uint32_t unanswered; /* short lives in a row that were called for as soon as it listened */
	bool slowed;         /* by a longer pause or a back-off, since its last life */
	bool group;          /* PID 1 keeps one for it */
	bool dirty;          /* a life has left something in its directories below /run */
	bool cleaning;       /* somebody is emptying them */
	/* since its last process it was down, failed or skipped: it did not come back */
	bool rested;
	/* a condition did not hold: what requires it runs without it, also after EV_RESET made it
	 * DOWN */
	bool skipped;
	bool stop_asked; /* and nobody asked for a start that would concern it since */
	bool failing;    /* last_delay counts */
	uint32_t last_delay;
	uint64_t not_before; /* the delay announced last has passed */
	uint64_t window;     /* StartLimitIntervalSec began */
	uint32_t window_starts;
	uint64_t phase_since; /* judge's own clock of starting, stopping, ... */
	uint64_t up_since;
	uint64_t fed; /* the watchdog, CORE_NEVER while it is off */
};

struct sim {
	uint64_t seed;
	uint64_t random;
	bool trace;
	enum sim_mode mode;
	bool natural_empty; /* the loop tells EV_EMPTY also where nobody asked for a kill */
	struct plan plan;
	uint32_t count;
	uint64_t now;
	/* what happened until then has been told: PID 1 may be late in hearing, its mail lies unread */
	uint64_t heard;
	uint64_t moment; /* of what happens in the world just now */
	uint64_t order;
	uint32_t held; /* per cent of its waits: PID 1 wakes late */
	uint32_t steps;
	uint64_t next_request;
	uint32_t requests_left;
	uint64_t final_planned; /* CORE_NEVER = no shutdown in this history */
	uint32_t pending_count;
	struct sim_pending pending[SIM_PENDING];
	struct sim_service service[SIM_SERVICES];

	uint64_t final_at;    /* CORE_NEVER until a shutdown has begun */
	uint64_t final_bound; /* ms, CORE_NEVER = none */
	uint32_t final_count;
	bool ended;   /* ACT_FINAL was seen */
	bool drained; /* core has nothing left to hand out */

	const char *broken; /* name of the invariant that does not hold, NULL = all hold */
	char message[240];

	struct core core;
	struct core shadow; /* of a PID 1 that crashed and adopted the block */
	bool has_shadow;
	uint32_t crash_at;                        /* step */
	bool reloads;                             /* in this history */
	uint32_t corrupt_at;                      /* step, UINT32_MAX = none */
	struct core_service before[SIM_SERVICES]; /* as it was before the event or action at hand */
	uint32_t final_before;
	bool pulling; /* a service had yet to ask for what it depends on */
};

struct sim_totals { /* over all histories: a judge that sees nothing finds nothing */
	uint64_t histories, events, actions, adoptions, corruptions, rejections, cut_off, quiet,
		shutdowns, virtual_ms, reloads;
	uint64_t by_event[EV_KIND_COUNT], by_action[ACT_KIND_COUNT], by_notice[NOTICE_COUNT],
		by_state[SVC_STATE_COUNT], by_outcome[OUT_COUNT];
	uint64_t by_list[EXEC_COUNT];
};
extern struct sim_totals totals;

enum invariant {
	INV_RANGE,
	INV_BOUNDED,
	INV_DEADLINE,
	INV_READY,
	INV_MAIN,
	INV_ORDER,
	INV_CONFLICT,
	INV_ONE_PROCESS,
	INV_EMPTY_GROUP,
	INV_LIST_ORDER,
	INV_STAYS_STOPPED,
	INV_START_LIMIT,
	INV_BACKOFF_GROWS,
	INV_BACKOFF_BOUND,
	INV_BACKOFF_KEPT,
	INV_RESTARTS,
	INV_POLICY,
	INV_EXIT_COUNTS,
	INV_STATUS,
	INV_ERRNO,
	INV_OUTCOME,
	INV_TIMEOUT,
	INV_WATCHDOG_BITES,
	INV_WATCHDOG_SPARES,
	INV_RUNTIME,
	INV_MAIL_FIRST,
	INV_READY_FIRST,
	INV_EXIT_FIRST,
	INV_STOP_ORDER,
	INV_SIGNAL,
	INV_RELEASE,
	INV_LET_GO,
	INV_CLEAN_DEAD,
	INV_CLEAN_FIRST,
	INV_CLEAN_LAST,
	INV_DOWN_REASON,
	INV_FINAL_STARTS_NOTHING,
	INV_FINAL_TIME,
	INV_FINAL_ONCE,
	INV_FINAL_ALL_DEAD,
	INV_NO_STANDSTILL,
	INV_REQUIRED_DOWN,
	INV_UNANSWERED,
	INV_DEMAND,
	INV_LISTENING,
	INV_IDLE_EVENTS,
	INV_ADOPTED_SAME,
	INV_CORRUPT_CONTAINED,
	INV_CORRUPT_SANE,
	INV_RELOAD,
	INV_MOVED,
	INV_MOVED_NEW,
	INV_COUNT
};

struct invariant_count {
	uint64_t checked, broken, first_seed;
};
extern struct invariant_count invariants[INV_COUNT];
const char *invariant_name(enum invariant which);

/* plans.c */
void plans_make(struct sim *s);
uint32_t plans_edges(const struct sim *s, uint32_t i, const struct plan_edge **edges);

/* world.c */
/* What happened until then, and is not told yet; H_REAP: also that nothing is left. */
uint32_t world_unread(const struct sim *s, uint32_t i, enum sim_happening what, uint64_t until);
/* when the next thing happens, CORE_NEVER = nothing is on its way */
uint64_t world_next(const struct sim *s);
/* the next thing due happens; true if core is told of it */
bool world_happen(struct sim *s, struct core_event *ev);
/* true if core is told of something at once */
bool world_act(struct sim *s, const struct core_action *a, struct core_event *ev);
/* how much later its own time is over, as its mail lies unread */
uint64_t world_grace(const struct sim_service *v);
bool world_group_alive(const struct sim_service *v);
void world_moods(struct sim *s);

/* judge.c: counts the check; if it fails, the first one of a history sticks */
bool expect(struct sim *s, enum invariant which, bool holds, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void judge_remember(struct sim *s);                           /* before each call of core */
void judge_event(struct sim *s, const struct core_event *ev); /* after core_event */
/* after core_next, before the world acts */
void judge_action(struct sim *s, const struct core_action *a);
/* what either changed; ev NULL after core_next */
void judge_changes(struct sim *s, const struct core_event *ev);
void judge_drained(struct sim *s); /* core_next returned false */
/* nothing is on its way and no deadline either */
void judge_quiet(struct sim *s);
bool judge_action_in_range(const struct plan *p, const struct core *c, const struct core_action *a);
bool judge_is_active(uint32_t state);
bool judge_is_starting(uint32_t state);

/* judge_start.c */
void judge_spawn(struct sim *s, const struct core_action *a);
void judge_begin(struct sim *s, uint32_t i); /* of a life */
bool judge_listens(const struct core_service *t);
void judge_restart(struct sim *s, uint32_t i, uint32_t delay);
void judge_pause(struct sim *s, uint32_t i, uint32_t delay);
void judge_start_changes(struct sim *s, uint32_t i, const struct core_event *ev);
void judge_requested(struct sim *s, const struct core_event *ev);

/* judge_end.c */
void judge_notice(struct sim *s, const struct core_action *a);
void judge_final(struct sim *s, const struct core_action *a);
void judge_final_begins(struct sim *s);
void judge_end_changes(struct sim *s, uint32_t i, const struct core_event *ev);
void judge_wall(struct sim *s, const struct core_event *ev);
void judge_memory(struct sim *s, const struct core_event *ev);
void judge_exit(struct sim *s, const struct core_event *ev);
void judge_times(struct sim *s, uint32_t i);
void judge_standstill(struct sim *s);

/* judge_down.c */
void judge_unwanted(struct sim *s, uint32_t i, const struct core_event *ev);
void judge_ending(struct sim *s, uint32_t i);
void judge_final_reason(struct sim *s, const struct core_event *ev);

/* history.c, corrupt.c, reload.c, trace.c */
bool history_run(struct sim *s, uint64_t seed, bool trace);
void corrupt_try(struct sim *s);
void reload_try(struct sim *s);
void trace_plan(const struct sim *s);
void trace_event(const struct sim *s, const struct core_event *ev, const char *how);
void trace_action(const struct sim *s, const struct core_action *a);
void trace_change(const struct sim *s, uint32_t i);
