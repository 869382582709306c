/* SPDX-License-Identifier: MIT
 * What the cell says to PID 1: see base/report.h.
 */
#include "base/report.h"
#include "cell/cell.h"
#include <unistd.h>

void cell_report(uint32_t kind, int value, const char *step, const char *detail)
{
	struct report r;
	report_fill(&r, kind, value, step, detail);
	/* With PID 1's end gone there is nobody to tell, and its successor will look at the process
	 * itself. */
	ssize_t done = write(CELL_FD_REPORT, &r, sizeof(r));
	(void)done;
}
