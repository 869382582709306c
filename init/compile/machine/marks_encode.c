/* SPDX-License-Identifier: MIT
 * When a boot is good, checked and written once all lines are known: see machine.h.
 */
#include "compile/machine/machine.h"

/* Less would call a boot slow that is not. */
#define SETTLE_LEAST_MS 5000u

/* 1 + its index, or 0. */
static uint32_t find_good(struct machine *m, const struct set *set)
{
	struct span good = m->marks.good;
	return good.n == 0 ? 0 : (uint32_t)(machine_service(m, set, M_Boot_MarkGood, good, "") + 1);
}

static void check_failure(struct machine *m)
{
	struct diag *d = machine_at(m, M_Boot_BootFailureAction);
	if (!m->line[M_Boot_BootFailureAction])
		return;
	if (!m->marks.timeout_ms)
		diag_error(d, "needs a BootTimeoutSec: without one no boot fails");
	else if (m->marks.failure == FINAL_RESCUE && m->marks.rescue == RESCUE_NEVER)
		diag_error(d, "rescue: RescueShell = never: there is no such shell");
}

static void check_times(struct machine *m)
{
	const struct marks_conf *c = &m->marks;
	if (c->timeout_ms && c->delay_ms >= c->timeout_ms)
		diag_error(machine_at(m, M_Boot_BootTimeoutSec),
			"is not longer than MarkGoodDelaySec: no boot would be good in time");
	/* infinity can only be meant so */
	else if (c->timeout_ms && m->line[M_Boot_SettleTimeoutSec] && c->settle_ms &&
		c->settle_ms >= c->timeout_ms - c->delay_ms)
		diag_note(machine_at(m, M_Boot_SettleTimeoutSec),
			"ends too late for BootTimeoutSec: a boot that has not settled by itself fails, unless a service is Essential");
}

/* A boot that does not settle shall have the time to become good, unless the maker says
 * otherwise. */
static uint32_t settle_time(const struct machine *m)
{
	const struct marks_conf *c = &m->marks;
	if (m->line[M_Boot_SettleTimeoutSec] || c->timeout_ms <= c->delay_ms)
		return c->settle_ms;
	uint32_t half = (c->timeout_ms - c->delay_ms) / 2;
	half = half < SETTLE_LEAST_MS ? SETTLE_LEAST_MS : half;
	return half < c->settle_ms ? half : c->settle_ms;
}

void marks_encode(struct machine *m, const struct set *set, struct plan_machine *machine)
{
	const struct marks_conf *c = &m->marks;
	bool counts = c->timeout_ms || m->line[M_Boot_BootFailureAction];
	machine->mark_good = find_good(m, set);
	machine->mark_good_delay_ms = c->delay_ms;
	machine->settle_ms = settle_time(m);
	machine->boot_timeout_ms = c->timeout_ms;
	machine->boot_failure = counts ? c->failure : FINAL_NONE;
	machine->rescue_shell = c->rescue;
	check_failure(m);
	check_times(m);
}
