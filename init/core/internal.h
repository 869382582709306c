/* SPDX-License-Identifier: MIT
 * What the parts of the machine share: start.c (what may start when), life.c (one service's
 * transitions), stop.c (what must go down, in which order), core.c (events in, actions out),
 * adopt.c (a state block from before a crash). Not for other rooms.
 */
#pragma once
#include "core/core.h"

/* after cgroup.kill: only a process stuck in the kernel is left then */
#define CORE_KILL_MS 10000u
/* up for so long (or for RestartMaxDelaySec): the back-off begins anew */
#define CORE_STABLE_MS 10000u
#define CORE_AT_ONCE 16u /* services on their way behind their walls at a time */
/* so long is one of them waited for: a wall may wait for a disk, and the rest goes on */
#define CORE_AT_ONCE_MS 3000u
/* core_next gives up the round after so many changes a service: it must end even with a corrupt
 * state */
#define CORE_STEPS_PER_SERVICE 64u

/* core.c */
void core_enter(struct core_service *s, enum core_state state, uint64_t now, uint64_t deadline);
void core_report(struct core_service *s, enum core_report r);
uint64_t core_after(uint64_t now, uint32_t ms); /* UINT32_MAX = never */
bool core_is_active(const struct core_service *s);
bool core_is_starting(const struct core_service *s);
/* is to be stopped, whether or not that has begun */
bool core_goes_down(const struct core_service *s);
/* so much later are its times over (core_unread) */
uint32_t core_grace(const struct core_service *s);
bool core_has_process(const struct core_service *s);
/* Its directories below /run are to be emptied, and can be: nothing of it lives. */
bool core_is_to_be_cleaned(const struct core *c, const struct core_service *s);
/* it is down: its group goes too, once nothing is in it */
void core_let_go(struct core_service *s);
/* its sockets stand: whoever calls is kept waiting, but not turned away */
bool core_listens(const struct core_service *s);
/* A start of it goes as far as LISTENING. */
bool core_awaits_call(const struct core_service *s, const struct plan_service *ps);
/* a request from outside begins anew: no restarts, no back-off, no start counted */
void core_forget(struct core_service *s);

/* start.c */
void core_request_start(struct core *c, uint32_t i, uint64_t now);
/* asks for what i depends on */
bool core_pull(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* what conflicts with i is asked to stop */
void core_withdraw(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* WAITING: starts it, fails it, or waits on */
bool core_try_start(struct core *c, const struct plan *p, uint32_t i, uint64_t now);

/* A start at that time would be one too many. */
bool core_over_limit(const struct core_service *s, const struct plan_service *ps, uint64_t then);

/* restart.c */
bool core_comes_back(const struct plan_service *ps, enum core_outcome o, int32_t err);
/* or it is given up: StartLimitBurst */
void core_begin_backoff(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* One that has stood long enough has recovered: its next failure is a first one. */
void core_forget_backoff(struct core_service *s, const struct plan_service *ps, uint64_t now);

/* stop.c */
void core_request_stop(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
void core_begin_final(struct core *c, const struct plan *p, uint32_t kind, uint64_t now);
/* at final_due_ms; true if it did */
bool core_cut_short(struct core *c, const struct plan *p, uint32_t i, uint64_t now, uint64_t heard);
/* from when it was asked for */
void core_bound_final(struct core *c, const struct plan *p);
void core_request_restart(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* begins the stop if nothing is in the way */
bool core_try_stop(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
void core_unbind(struct core *c, const struct plan *p,
	uint32_t i); /* i ended: what is bound to it, and what requires that, goes down with it */

/* life.c */
/* the Exec list that a state is about, EXEC_COUNT = none */
enum plan_exec core_list_of(uint8_t state);
/* from WAITING: the first command */
void core_begin(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
void core_begin_kill(struct core_service *s, uint64_t now);
/* nothing of its life is left */
void core_finish(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* from any active state */
void core_begin_stop(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
void core_give_up(struct core *c, const struct plan *p, uint32_t i, enum core_outcome o,
	uint64_t now);
void core_on_started(struct core *c, const struct plan *p, uint32_t i, uint32_t slot, uint64_t now);
void core_on_failed(struct core *c, const struct plan *p, uint32_t i, uint32_t slot, int32_t err,
	uint64_t now);
void core_on_connect(struct core *c, uint32_t i, uint64_t now);
void core_on_skipped(struct core *c, uint32_t i, uint64_t now);
void core_on_ready(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
void core_on_ping(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
void core_on_exited(struct core *c, const struct plan *p, uint32_t i, uint32_t slot, int32_t status,
	uint64_t now);
void core_on_limit(struct core *c, const struct plan *p, uint32_t i, bool gently, uint64_t now);
void core_on_empty(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* KILL: ends it once nothing is left */
bool core_try_settle(struct core *c, const struct plan *p, uint32_t i, uint64_t now);
/* Deadlines up to `heard`; true if one passed. */
bool core_on_time(struct core *c, const struct plan *p, uint32_t i, uint64_t now, uint64_t heard);
