/* SPDX-License-Identifier: MIT
 * The options of bulkctl.
 */
#pragma once
#include "ctl/verbs.h"

#define OPTIONS_GIVEN 64 /* bytes */

/* Reads every option; 0, or the exit status plus one when there is nothing more to do. `given`
 * gets their letters. */
int options_read(struct ctl *c, int argc, char **argv, char given[static OPTIONS_GIVEN]);
/* The name of the first of the options given that the verb does not have, or NULL. */
const char *options_foreign(const struct verb *v, const char *given);
