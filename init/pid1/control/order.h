/* SPDX-License-Identifier: MIT
 * What the command line of poweroff, reboot, halt, shutdown, or init that is not PID 1, asks for.
 * Pure. Nothing is guessed: what bulkhead(8) does not know is ORDER_WRONG, and then nothing is
 * done.
 */
#pragma once
#include "plan/plan.h"

#define ORDER_DELAY_MAX 86400 /* of -d, in seconds */

enum order_act {
	ORDER_WRONG, /* `what` and `word` say why */
	ORDER_HELP,
	ORDER_CANCEL, /* shutdown -c */
	ORDER_ASK,    /* PID 1 is asked for `final` */
	ORDER_FORCE,  /* the kernel is */
};

struct order {
	enum order_act act;
	enum plan_final final;
	bool no_sync; /* of ORDER_FORCE */
	bool chosen;  /* by an option */
	uint32_t delay_s;
	const char *usage; /* without "usage: " and a line's end */
	const char *what;
	const char *word; /* "" if none is to blame */
};

/* `name` is what the program is called, without a path. */
void order_read(struct order *o, const char *name, int argc, char *const argv[]);
