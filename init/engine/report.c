/* SPDX-License-Identifier: MIT
 * Words of a report: see report.h. */
#include "engine/report.h"
#include "base/errname.h"
#include "base/fmt.h"
#include <string.h>

void report_failure(char *buf, size_t cap, const struct report *r)
{
	char step[sizeof(r->step) + 1] = {0};
	char detail[sizeof(r->detail) + 1] = {0};
	struct fmt f;
	memcpy(step, r->step, sizeof(r->step));
	memcpy(detail, r->detail, sizeof(r->detail));
	fmt_init(&f, buf, cap);
	fmt_strs(&f, step, ": ", err_name(r->value), detail[0] ? ": " : "", detail, NULL);
}
