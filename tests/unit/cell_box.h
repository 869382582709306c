/* SPDX-License-Identifier: MIT
 * Running the real bulkhead-cell as PID 1 does, with a plan written by hand, and judging what it
 * reports and what the service says.
 */
#pragma once
#include "base/count.h"
#include "base/report.h"
#include "plan/plan.h"
#include "plan/write.h"
#include "compile/unit/rooms.def"

#define ID_BASE 0x50000u /* first kernel id of the service's user namespace */
#define BOX_MASKED 8     /* system calls, at most */

struct plan_in_work { /* the default: everything private, nothing allowed */
	struct plan_writer *w;
	struct plan_service service;
	/* each wall's part, by the name of its room; of those that may be off a test writes its own */
#define BOX_WALL(NAME, name) struct name##_plan name;
	PLAN_WALLS(BOX_WALL)
	const char *script;
	bool no_seccomp_blob;
};

struct result {
	struct report report[4];
	unsigned reports;
	char output[65536];
	int status;
};

struct test {
	const char *name;
	void (*change)(struct plan_in_work *);
	const char *script;
	const char *failed_step; /* NULL: it starts */
	int failed_errno;
	const char *failed_detail;
	const char *seen[12]; /* in the output */
	const char *unseen[6];
	int exit_status;
	/* enum plan_optional: what is to be reported as missing in the kernel */
	uint32_t absent;
	/* system calls that the cell's kernel does not have (ENOSYS); 0 ends them */
	long masked[BOX_MASKED];
	int signal;              /* sent to the cell once the output says READY */
	bool clean;              /* CELL_CLEAN: no service, and nothing is reported */
	void (*trace)(long pid); /* follows the cell by ptrace(2) to its end */
};

/* only runs it; -1 if that did not end well */
int box_cell(const struct test *t, struct result *r);
/* ../bulkhead-cell beside the directory of the test program */
bool box_find_cell(void);
unsigned box_run(const struct test *t); /* prints its TAP line; 1 if it failed */
/* prints a TAP line for a test that is left out; 0 */
unsigned box_skip(const struct test *t, const char *why);
/* whether this kernel has PR_SET_MDWE (6.3) */
bool box_has_mdwe(void);
unsigned box_number(void); /* of the next TAP line */
struct plan_list box_one_text(struct plan_in_work *t, const char *text);
