/* SPDX-License-Identifier: MIT
 * The options of bulkctl.
 */
#pragma once
#include "ctl/verbs.h"

#define OPTIONS_GIVEN 64 /* bytes */

/* Parses all options. 0, or 1 + the exit status if the program is done. `given` gets the letters
 * used. */
int options_read(struct ctl *c, int argc, char **argv, char given[static OPTIONS_GIVEN]);
/* The name of the first given option that the verb does not have, or NULL. */
const char *options_foreign(const struct verb *v, const char *given);
