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
	uint32_t ms = 0;
	int err = set_time(value, &ms, d);
	if (err == 0 && !ms && !span_is(value, "infinity"))
		return diag_error(d,
			"0 is not possible: no boot is that fast; expected a time, or infinity for no limit");
	if (err == 0)
		*(uint32_t *)at = ms;
	return err;
}
