/* SPDX-License-Identifier: MIT
 * Checks that need more than one directive: contradictions between walls, between the parts of
 * [Service], and between services. All report through the service's diagnostics.
 */
#pragma once
#include "compile/unit/service.h"

struct machine;

void check_service(struct service *s, const struct machine *machine);
/* Each Slice must name a service of Type = group that is in no other group. */
void check_slices(struct set *set);
/* Whether the service has capabilities that are valid for its own private network, which then
 * belongs to its user namespace. */
bool service_owns_network(const struct service *s);
bool service_notifies(const struct service *s); /* plan_notifies() of the future plan */
/* Paths of walls that another service could replace (replaced.c). */
void check_replaced(struct set *set);
/* Between services: no two may have the same ids, or make an interface of the same name on the
 * host. */
void check_together(struct set *set);
/* Sets each service's range of ids, from its name or IdRange alone, so that it is the same on every
 * device and in every build. */
void check_assign_ids(struct set *set);

/* graph.c: dependencies between services. Resolves names to indices, finds cycles, and refuses what
 * requires a refused service. */
void graph_resolve(struct set *set);

/* notes.c: findings that refuse no service. Lines of the service that have no effect. */
void notes_on_lines(struct service *s, const struct machine *machine);
/* Findings that need the root: paths of the view that do not exist, and permissions that SELinux
 * does not grant. Not for PID 1, which compiles before all is mounted. */
void notes_on_root(const struct set *set);

/* timer_check.c: one service's [Timer] */
void timer_check(struct service *s);
/* Between services, once their dependencies are known: not more timers than PID 1 has places for,
 * and nobody requires what is down between its runs. */
void timer_check_together(struct set *set);

/* sockets_check.c: one service's [Socket] */
void sockets_check(struct service *s);
/* Between services: no address twice, and not more sockets than PID 1 has places for. */
void sockets_check_together(struct set *set);
