/* SPDX-License-Identifier: MIT
 * A history as text, for whoever has to understand why it broke an invariant. Silent unless the
 * history is replayed. */
#include "simulate/sim.h"
#include <stdio.h>

static const char *name_of(const char *const *names, uint32_t count, uint32_t value)
{
	return value < count && names[value] ? names[value] : "?";
}

static const char *const types[TYPE_COUNT] = {"simple", "notify", "oneshot", "group"};
static const char *const restarts[RESTART_COUNT] = {"no", "on-failure", "on-abnormal", "on-success",
	"always"};
static const char *const edges[EDGE_KIND_COUNT] = {"after", "wants", "requires", "binds",
	"conflicts"};
static const char *const lists[EXEC_COUNT] = {"pre", "start", "post", "stop", "stop-post"};
static const char *const moods[MOOD_COUNT] = {"good", "mixed", "crashy", "wall", "slow",
	"never-ready", "stubborn", "unkillable", "starving", "orphans", "skipped", "bad-control",
	"unanswering"};
static const char *const events[EV_KIND_COUNT] = {"START", "STOP", "RESTART", "RESET", "SKIPPED",
	"STARTED", "FAILED", "READY", "PING", "EXITED", "LEFT", "EMPTY", "LIMIT", "CLEANED", "CONNECT",
	"FINAL"};
static const char *const actions[ACT_KIND_COUNT] = {"spawn", "signal", "kill", "release", "listen",
	"clean", "notice", "final"};
static const char *const notices[NOTICE_COUNT] = {"ready", "ended", "restarting", "gave-up",
	"stopped", "skipped-start", "stop-timeout", "unkillable", "refused", "unanswered"};
#define NAME(table, value) name_of(table, sizeof(table) / sizeof(*(table)), (uint32_t)(value))

static void trace_service(const struct sim *s, uint32_t i)
{
	const struct plan_service *ps = plan_service(&s->plan, i);
	const struct plan_edge *e;
	uint32_t n = plans_edges(s, i, &e);
	printf(
		"  s%u: %s restart=%s %d..%d ms limit=%u/%u ms start=%d ms stop=%d ms watchdog=%u ms actions=%u,%u%s%s%s%s mood=%s",
		i, NAME(types, ps->type), NAME(restarts, ps->restart), (int)ps->restart_ms,
		(int)ps->restart_max_ms, ps->start_limit_burst, ps->start_limit_interval_ms,
		(int)ps->start_ms, (int)ps->stop_ms, ps->watchdog_ms, ps->start_limit_action,
		ps->failure_action, ps->flags & SERVICE_REFUSED ? " refused" : "",
		ps->flags & SERVICE_ENABLED ? " enabled" : "",
		ps->flags & SERVICE_KEEPS        ? " keeps"
			: ps->flags & SERVICE_CLEANS ? " cleans"
										 : "",
		ps->flags & SERVICE_ON_DEMAND ? " on-demand" : "", NAME(moods, s->service[i].mood));
	for (uint32_t list = 0; list < EXEC_COUNT; list++) {
		const struct plan_command *c = plan_elements(&s->plan, ps->exec[list], sizeof(*c));
		if (!c)
			continue;
		printf(" %s=", lists[list]);
		for (uint32_t k = 0; k < ps->exec[list].count; k++)
			printf("%s", c[k].flags & COMMAND_IGNORE_FAILURE ? "-" : "x");
	}
	for (uint32_t k = 0; k < n; k++)
		printf(" %s:s%u", NAME(edges, e[k].kind), e[k].target);
	printf("\n");
}

void trace_plan(const struct sim *s)
{
	if (!s->trace)
		return;
	printf("history %llu: mode %d, group emptiness %s, shutdown at %lld\n",
		(unsigned long long)s->seed, (int)s->mode,
		s->natural_empty ? "always told" : "told when asked", (long long)s->final_planned);
	for (uint32_t i = 0; i < s->count; i++)
		trace_service(s, i);
}

void trace_event(const struct sim *s, const struct core_event *ev, const char *how)
{
	if (s->trace)
		printf("%10llu %s %s s%u slot %u value %d\n", (unsigned long long)s->now, how,
			NAME(events, ev->kind), ev->service, ev->slot, ev->value);
}

void trace_action(const struct sim *s, const struct core_action *a)
{
	if (!s->trace)
		return;
	printf("%10llu   -> %s s%u", (unsigned long long)s->now, NAME(actions, a->kind), a->service);
	if (a->kind == ACT_SPAWN)
		printf(" %s[%u] slot %u", NAME(lists, a->list), a->index, a->slot);
	else if (a->kind == ACT_NOTICE)
		printf(" %s %u", NAME(notices, a->value), a->argument);
	else
		printf(" %d", a->value);
	printf("\n");
}

void trace_change(const struct sim *s, uint32_t i)
{
	const struct core_service *cs = &s->core.service[i], *was = &s->before[i];
	if (!s->trace)
		return;
	printf(
		"%10llu      s%u %s -> %s wanted %u again %u outcome %s main %u control %u populated %u starts %u restarts %u backoff %u deadline %lld\n",
		(unsigned long long)s->now, i, core_state_name((enum core_state)was->state),
		core_state_name((enum core_state)cs->state), cs->wanted, cs->again,
		core_outcome_name((enum core_outcome)cs->outcome), cs->main_alive, cs->control_alive,
		cs->populated, cs->starts, cs->restarts, cs->backoff_ms, (long long)cs->deadline_ms);
}
