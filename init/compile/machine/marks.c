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
