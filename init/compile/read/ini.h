/* SPDX-License-Identifier: MIT
 * inih with its traps turned into diagnostics. inih splits lines; what it would cut, skip or
 * misread without a word is found before.
 */
#pragma once
#include "base/span.h"
#include "walls/diagnose.h"

struct ini_reader {
	/* A section begins. False: it is not known (and has been reported), its lines are passed
	 * over. */
	bool (*section)(void *user, struct span name, struct diag *d);
	/* Whether a section (the last one that began) has this directive: an indented line that
	 * looks like one was hardly meant as a continuation. */
	bool (*known)(void *user, struct span key);
	/* A directive; key and value live until the program ends. d's place is set but for the
	 * directive's name. */
	void (*pair)(void *user, struct span key, struct span value, struct diag *d);
	void *user;
};

/* All of `text`; `file` is its name in diagnostics. */
void ini_read(struct span text, const char *file, const struct ini_reader *reader, struct diag *d);
