/* SPDX-License-Identifier: MIT
 * What the service files say, against what PID 1 runs by.
 */
#pragma once
#include "ctl/ctl.h"
#include "renew/compare.h"

struct diff_counts { /* services, by what would become of them */
	unsigned changed, added, removed;
	unsigned refused; /* their files have errors that they had not before */
	bool machine;     /* settings of the machine differ */
};

/* Compiles the service files, with messages on standard error. 0, with the plan mapped for the rest
 * of the program's life; or the exit status, with the reason printed. */
int diff_compile(const struct ctl *c, struct plan *plan);
/* Prints how plan `b` differs from plan `a`: of the services in c->names, or of all and of the
 * machine. */
void diff_print(const struct ctl *c, const struct plan *a, const struct plan *b,
	struct diff_counts *counts);
