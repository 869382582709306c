/* SPDX-License-Identifier: MIT
 * When a boot is good: see machine.h.
 */
#include "compile/machine/machine.h"
#include <string.h>

int marks_set_good(void *at, struct span value, struct diag *d)
{
	struct marks_conf *c = at;
	if (value.p[0] == '/' || memchr(value.p, ' ', value.n))
		return diag_error(d,
			"\"%.*s\" is no service, expected the name of one that tells the bootloader: it has walls as every other",
			SPAN_ARGS(value));
	c->good = value;
	return 0;
}

static int set_time(struct span value, uint32_t *out, struct diag *d)
{
	uint32_t ms = 0;
	int err = value_time_ms(value, &ms, d);
	if (err == 0 && ms != UINT32_MAX && ms > 24u * 3600 * 1000)
		return diag_error(d, "\"%.*s\" is more than a day", SPAN_ARGS(value));
	if (err == 0)
		*out = ms == UINT32_MAX ? 0 : ms;
	return err;
}

int marks_set_delay(void *at, struct span value, struct diag *d)
{
	if (span_is(value, "infinity"))
		return diag_error(d, "infinity is no delay: the boot would never be good");
	return set_time(value, at, d);
}

int marks_set_timeout(void *at, struct span value, struct diag *d)
{
	uint32_t *ms = at;
	int err = set_time(value, ms, d);
	if (err == 0 && !*ms && !span_is(value, "infinity"))
		return diag_error(d,
			"0 is not possible: no boot is good at once; expected a time, or infinity for none");
	return err;
}

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
	if (m->marks.timeout_ms && m->marks.delay_ms >= m->marks.timeout_ms)
		diag_error(machine_at(m, M_Boot_BootTimeoutSec),
			"is not longer than MarkGoodDelaySec: no boot would be good in time");
}

void marks_encode(struct machine *m, const struct set *set, struct plan_machine *machine)
{
	const struct marks_conf *c = &m->marks;
	bool counts = c->timeout_ms || m->line[M_Boot_BootFailureAction];
	machine->mark_good = find_good(m, set);
	machine->mark_good_delay_ms = c->delay_ms;
	machine->boot_timeout_ms = c->timeout_ms;
	machine->boot_failure = counts ? c->failure : FINAL_NONE;
	machine->rescue_shell = c->rescue;
	check_failure(m);
	check_times(m);
}
