/* SPDX-License-Identifier: MIT
 * The verbs of bulkctl: what each may be given, and the words about them.
 */
#pragma once
#include "ctl/ctl.h"

struct verb {
	const char *name;
	int (*run)(const struct ctl *c); /* NULL: left out with the option in `value` */
	int value;
	const char *options; /* short forms of those it takes; all take `all_options` */
	int least, most;     /* names */
	const char *usage;
	const char *help;
};

/* NULL: there is none of that name. */
const struct verb *verb_find(const char *name);
/* The verb on a command line that is not understood yet: the first word that is one, or NULL. */
const struct verb *verb_seek(char **argv);
/* Whether the verb takes the option of this letter. */
bool verb_takes(const struct verb *v, char letter);
/* These say one line on standard error and return CTL_USAGE. v may be NULL. */
int verb_usage(const struct verb *v, const char *what, const char *which);
int verb_unknown(const struct verb *v, const char *name);
int verb_left_out(const char *what, int option); /* enum feature */
/* Help on one verb, or with v NULL on what c names (all of them if it names none). */
int verb_help(const struct ctl *c, const struct verb *v);
