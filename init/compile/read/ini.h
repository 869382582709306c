/* SPDX-License-Identifier: MIT
 * Reading INI files with inih. inih splits the lines; what it would cut, skip or misread silently
 * is found before and reported.
 */
#pragma once
#include "base/span.h"
#include "walls/diagnose.h"

struct ini_reader {
	/* A section begins. False: it is unknown and was reported; its lines are skipped. */
	bool (*section)(void *user, struct span name, struct diag *d);
	/* Whether the current section has this directive: an indented line that looks like a directive
	 * was probably not meant as a continuation. */
	bool (*known)(void *user, struct span key);
	/* A directive. key and value live until the program ends. d's place is set, except for the
	 * directive's name. */
	void (*pair)(void *user, struct span key, struct span value, struct diag *d);
	void *user;
};

/* Reads all of `text`; `file` is its name in diagnostics. */
void ini_read(struct span text, const char *file, const struct ini_reader *reader, struct diag *d);
