/* SPDX-License-Identifier: MIT
 * The verbs of bulkctl, their options and arguments, and their help.
 */
#pragma once
#include "ctl/ctl.h"

struct verb {
	const char *name;
	int (*run)(const struct ctl *c); /* NULL: left out with the option in `value` */
	int value;
	const char *options; /* letters of its options; all verbs take `all_options` */
	int least, most;     /* number of names */
	const char *usage;
	const char *help;
};

/* The verb of that name, or NULL. */
const struct verb *verb_find(const char *name);
/* The first word of a command line, not parsed yet, that is a verb, or NULL. */
const struct verb *verb_seek(char **argv);
/* Whether the verb has the option of this letter. */
bool verb_takes(const struct verb *v, char letter);
/* The next three print one line on standard error and return CTL_USAGE. v may be NULL. */
int verb_usage(const struct verb *v, const char *what, const char *which);
int verb_unknown(const struct verb *v, const char *name);
int verb_left_out(const char *what, int option); /* enum feature */
/* Prints the help of a verb; with v NULL, of the names in c, or of all if there are none. */
int verb_help(const struct ctl *c, const struct verb *v);

/* options.c */
#define OPTIONS_GIVEN 64 /* bytes */

/* Parses all options. 0, or 1 + the exit status if the program is done. `given` gets the letters
 * used. */
int options_read(struct ctl *c, int argc, char **argv, char given[static OPTIONS_GIVEN]);
/* The name of the first given option that the verb does not have, or NULL. */
const char *options_foreign(const struct verb *v, const char *given);
