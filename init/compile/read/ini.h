/* SPDX-License-Identifier: MIT
 * Reading INI files with inih. inih splits the lines; what it would cut, skip or misread silently
 * is found before and reported.
 */
#pragma once
#include "compile/unit/directives.h"

struct ini_reader {
	const struct directive *table;
	const char *also; /* a section beside those of the table, or NULL */
	/* Reports another section, whose lines are skipped. */
	void (*unknown_section)(struct span name, struct diag *d);
	/* A directive. key and value live until the program ends. d's place is set, except for the
	 * directive's name. */
	void (
		*pair)(void *user, struct span section, struct span key, struct span value, struct diag *d);
	void *user;
};

/* Reads all of `text`; `file` is its name in diagnostics. */
void ini_read(struct span text, const char *file, const struct ini_reader *reader, struct diag *d);
