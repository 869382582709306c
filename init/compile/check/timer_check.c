/* SPDX-License-Identifier: MIT
 * [Timer] against the rest of the file and the other services: see check.h.
 */
#include "base/count.h"
#include "compile/check/check.h"
#include "compile/files/files.h"
#include "compile/unit/directives.h"
#include <string.h>

static const enum directive_id says_when[] = {D_Timer_OnCalendar, D_Timer_OnBootSec,
	D_Timer_OnStartupSec, D_Timer_OnUnitActiveSec, D_Timer_OnUnitInactiveSec};

/* The line that errors about all of [Timer] are placed at. */
static struct diag *first_line_of(struct service *s)
{
	for (size_t i = 0; i < COUNT(says_when); i++)
		if (service_line(s, says_when[i]))
			return service_at(s, says_when[i]);
	return service_at(s, D_Timer_OnCalendar);
}

static void check_effect(struct service *s)
{
	static const enum directive_id about[] = {D_Timer_RandomizedDelaySec, D_Timer_FixedRandomDelay,
		D_Timer_AccuracySec, D_Timer_Persistent};
	for (size_t i = 0; i < COUNT(about); i++)
		if (service_line(s, about[i]))
			diag_error(service_at(s, about[i]),
				"has no effect without a line that says when: OnCalendar, OnBootSec or another");
}

static void check_lines(struct service *s)
{
	const struct timer_conf *c = &s->timer;
	bool starts = c->calendars > 0;
	for (uint32_t i = 0; i < c->lines; i++)
		starts |= c->line[i].base == TIMER_BOOT || c->line[i].base == TIMER_STARTUP;
	if (!starts)
		diag_note(first_line_of(s),
			"counts from a start that no line brings about: OnBootSec, OnStartupSec or OnCalendar would");
	if (c->persistent && c->calendars == 0)
		diag_error(service_at(s, D_Timer_Persistent), "has no effect without OnCalendar");
	if (c->fixed_random && c->random_ms == 0)
		diag_error(service_at(s, D_Timer_FixedRandomDelay),
			"has no effect without RandomizedDelaySec");
}

void timer_check(struct service *s)
{
	if (!timer_is_set(&s->timer)) {
		if (s->diag.errors == 0)
			check_effect(s);
		return;
	}
	if (s->unit.type == TYPE_GROUP)
		diag_error(first_line_of(s),
			"a group has no process to start: give the timer to the services themselves");
	if (s->sockets.on_demand)
		diag_error(first_line_of(s),
			"is started by the first who calls ([Socket] Activate = on-demand): leave out one of the two");
	if (s->logger)
		diag_error(first_line_of(s), "the log program is always there: it takes no timer");
	if (s->unit.essential)
		diag_error(service_at(s, D_Service_Essential),
			"the boot would not be good before the timer elapses: leave out Essential or [Timer]");
	check_lines(s);
}

static const struct service *first_timed(const struct set *set, const struct service *s)
{
	for (size_t k = 0; k < s->edges; k++) {
		const struct service *t = set->service[s->edge[k].target];
		bool needs = s->edge[k].kind == EDGE_REQUIRES || s->edge[k].kind == EDGE_BINDS;
		if (needs && timer_is_set(&t->timer) && t->unit.type == TYPE_ONESHOT)
			return t;
	}
	return NULL;
}

void timer_check_together(struct set *set)
{
	uint32_t timers = 0;
	for (size_t i = 0; i < set->count; i++) {
		struct service *s = set->service[i];
		const struct service *timed = first_timed(set, s);
		diag_silence(s->extra);
		if (timed && s->diag.errors == 0)
			diag_error(service_at(s, D_Service_Requires),
				"%s is a oneshot with a [Timer], which is down between its runs: say Wants",
				timed->name);
		if (!timer_is_set(&s->timer) || s->diag.errors > 0)
			continue;
		if (timers++ == CONFIG_MAX_TIMERS)
			diag_error(first_line_of(s), "more than %d services with a [Timer] (CONFIG_MAX_TIMERS)",
				CONFIG_MAX_TIMERS);
	}
	diag_silence(false);
}
