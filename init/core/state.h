/* SPDX-License-Identifier: MIT
 * Primitives over one service's state, for the parts of the machine. What is true of a state stands
 * in the traits table (core.h). Nothing here decides; other rooms use core.h alone.
 */
#pragma once
#include "core/core.h"

/* after cgroup.kill: only a process stuck in the kernel is left then */
#define CORE_KILL_MS 10000u

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
/* the Exec list that a state is about, EXEC_COUNT = none */
enum plan_exec core_list_of(uint8_t state);
/* The dependencies of service i, NULL if it has none. */
const struct plan_edge *core_edges(const struct plan *p, uint32_t i, uint32_t *count);
/* Whether service `from` names `to` in one of these kinds, bits of 1 << enum plan_edge_kind. */
bool core_has_edge(const struct plan *p, uint32_t from, uint32_t to, uint32_t kinds);
