/* SPDX-License-Identifier: MIT
 * What the command line of poweroff, reboot, halt, shutdown, or of init that is not PID 1, asks
 * for. Pure. Nothing is guessed: whatever bulkhead(8) does not list is ORDER_WRONG, and nothing is
 * done.
 */
#pragma once
#include "plan/plan.h"

#define ORDER_DELAY_MAX 86400 /* of -d, in seconds */

enum order_act {
	ORDER_WRONG, /* `what` and `word` say why */
	ORDER_HELP,
	ORDER_CANCEL, /* shutdown -c */
	ORDER_ASK,    /* ask PID 1 for `final` */
	ORDER_FORCE,  /* ask the kernel */
};

struct order {
	enum order_act act;
	enum plan_final final;
	bool no_sync; /* of ORDER_FORCE */
	bool chosen;  /* `final` was set by an option */
	uint32_t delay_s;
	const char *usage; /* without "usage: " and end of line */
	const char *what;
	const char *word; /* the word that is wrong, or "" */
};

/* `name` is the name that the program was called by, without a path. */
void order_read(struct order *o, const char *name, int argc, char *const argv[]);
