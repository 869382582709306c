/* SPDX-License-Identifier: MIT
 * When a boot is good: see marks.h.
 */
#include "compile/machine/marks.h"
#include "plan/names.h"
#include <string.h>

static struct {
	struct span good;
	uint32_t delay_ms, timeout_ms;
	unsigned failure, rescue;
	struct place good_place, delay_place, timeout_place, failure_place;
} conf = {.rescue = CONFIG_RESCUE_SHELL};

int marks_set_good(void *c, struct span value, struct diag *d)
{
	(void)c;
	if (value.p[0] == '/' || memchr(value.p, ' ', value.n))
		return diag_error(d,
			"\"%.*s\" is no service, expected the name of one that tells the bootloader: it has walls as every other",
			SPAN_ARGS(value));
	conf.good = value;
	conf.good_place = (struct place){d->file, d->line};
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

int marks_set_delay(void *c, struct span value, struct diag *d)
{
	(void)c;
	if (span_is(value, "infinity"))
		return diag_error(d, "infinity is no delay: the boot would never be good");
	conf.delay_place = (struct place){d->file, d->line};
	return set_time(value, &conf.delay_ms, d);
}

int marks_set_timeout(void *c, struct span value, struct diag *d)
{
	(void)c;
	conf.timeout_place = (struct place){d->file, d->line};
	int err = set_time(value, &conf.timeout_ms, d);
	if (err == 0 && !conf.timeout_ms && !span_is(value, "infinity"))
		return diag_error(d,
			"0 is not possible: no boot is good at once; expected a time, or infinity for none");
	return err;
}

int marks_set_failure(void *c, struct span value, struct diag *d)
{
	(void)c;
	conf.failure_place = (struct place){d->file, d->line};
	return value_choice(value, plan_finals, &conf.failure, d);
}

int marks_set_rescue(void *c, struct span value, struct diag *d)
{
	(void)c;
	return value_choice(value, plan_rescues, &conf.rescue, d);
}

bool marks_rescue_never(void)
{
	return conf.rescue == RESCUE_NEVER;
}

/* 1 + its index, or 0. */
static uint32_t find_good(const struct set *set, struct diag *d)
{
	struct nearest near;
	if (conf.good.n == 0)
		return 0;
	int index = set_index(set, conf.good);
	diag_place(d, conf.good_place.file, conf.good_place.line, "Boot", "MarkGood");
	nearest_begin(&near, conf.good);
	for (size_t i = 0; i < set->count; i++)
		nearest_try(&near, span_of(set->service[i]->name));
	if (index < 0)
		diag_error(d, "there is no service \"%.*s\"%s", SPAN_ARGS(conf.good), nearest_hint(&near));
	else if (set->service[index]->diag.errors > 0)
		diag_error(d, "%s is refused", set->service[index]->name);
	else
		return (uint32_t)index + 1;
	return 0;
}

static void check_failure(struct diag *d)
{
	diag_place(d, conf.failure_place.file, conf.failure_place.line, "Boot", "BootFailureAction");
	if (conf.failure_place.line && !conf.timeout_ms)
		diag_error(d, "needs a BootTimeoutSec: without one no boot fails");
	else if (conf.failure_place.line && conf.failure == FINAL_RESCUE && conf.rescue == RESCUE_NEVER)
		diag_error(d, "rescue: RescueShell = never: there is no such shell");
}

static void check_times(struct diag *d)
{
	if (conf.timeout_ms && conf.delay_ms >= conf.timeout_ms) {
		diag_place(d, conf.timeout_place.file, conf.timeout_place.line, "Boot", "BootTimeoutSec");
		diag_error(d, "is not longer than MarkGoodDelaySec: no boot would be good in time");
	}
}

void marks_encode(const struct set *set, struct plan_machine *machine, struct diag *d)
{
	machine->mark_good = find_good(set, d);
	machine->mark_good_delay_ms = conf.delay_ms;
	machine->boot_timeout_ms = conf.timeout_ms;
	machine->boot_failure = conf.timeout_ms && !conf.failure_place.line ? FINAL_REBOOT
																		: conf.failure;
	machine->rescue_shell = conf.rescue;
	check_failure(d);
	check_times(d);
}
