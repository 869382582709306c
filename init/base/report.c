/* SPDX-License-Identifier: MIT
 * Records of the cell: see report.h.
 */
#include "base/report.h"
#include "base/fmt.h"

void report_fill(struct report *r, uint32_t kind, int32_t value, const char *step,
	const char *detail)
{
	struct fmt f;
	*r = (struct report){.kind = kind, .value = value};
	fmt_init(&f, r->step, sizeof(r->step));
	fmt_str(&f, step);
	fmt_init(&f, r->detail, sizeof(r->detail));
	fmt_str(&f, detail);
}

int report_status(const siginfo_t *ended)
{
	if (ended->si_code == CLD_EXITED)
		return (ended->si_status & 0xff) << 8;
	return (ended->si_status & 0x7f) | (ended->si_code == CLD_DUMPED ? 0x80 : 0);
}
