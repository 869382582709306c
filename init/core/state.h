/* SPDX-License-Identifier: MIT
 * Primitives on one service's state, for the parts of the machine. The properties of a state are in
 * the traits table (kinds.h). Nothing is decided here; other rooms use core.h alone.
 */
#pragma once
#include "core/core.h"

/* What is not true any more once somebody asks for its start or stop. */
#define CORE_LATER_NOTICES (1u << NOTICE_RESTARTING | 1u << NOTICE_UNANSWERED)

/* time for a group to become empty after cgroup.kill; beyond it a process is stuck in the kernel */
#define CORE_KILL_MS 10000u

/* Sets a service to DOWN or REFUSED, with no past. */
void core_service_init(struct core_service *s, const struct plan_service *ps, uint64_t now);
void core_enter(struct core_service *s, enum core_state state, uint64_t now, uint64_t deadline);
void core_notice(struct core_service *s, enum core_notice r);
uint64_t core_random(struct core *c);
/* A number below n, or 0; n may be 0. */
uint32_t core_random_below(struct core *c, uint32_t n);
uint64_t core_after(uint64_t now, uint32_t ms); /* now + ms, UINT32_MAX = CORE_NEVER */
bool core_is_active(const struct core_service *s);
bool core_is_starting(const struct core_service *s);
/* is to stop, or is stopping */
bool core_goes_down(const struct core_service *s);
/* ms that its time-outs are extended by (core_unread) */
uint32_t core_grace(const struct core_service *s);
bool core_has_process(const struct core_service *s);
/* Its directories below /run are due for removal, and no process of it lives. */
bool core_is_to_be_cleaned(const struct core *c, const struct core_service *s);
/* Decides ACT_RELEASE for a service that is down, if it has no process. */
void core_let_go(struct core_service *s);
/* Its sockets are open: clients wait, and are not refused. */
bool core_listens(const struct core_service *s);
/* On demand and not called: a start goes as far as LISTENING. */
bool core_awaits_call(const struct core_service *s, const struct plan_service *ps);
/* Resets the counts of restarts and starts, and the back-off: for a request from outside. */
void core_forget(struct core_service *s);
/* The Exec list that runs in a state, EXEC_COUNT = none. */
enum plan_exec core_list_of(uint8_t state);
/* The dependencies of service i, NULL if it has none. */
const struct plan_edge *core_edges(const struct plan *p, uint32_t i, uint32_t *count);
/* Whether a wait status is among those of a list of the plan, of statuses and 256 + signal. */
bool core_has_status(const struct plan *p, struct plan_list list, int32_t status);
/* Whether service `from` names `to` in one of these kinds, bits of 1 << enum plan_edge_kind. */
bool core_has_edge(const struct plan *p, uint32_t from, uint32_t to, uint32_t kinds);
