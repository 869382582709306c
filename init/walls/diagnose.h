/* SPDX-License-Identifier: MIT
 * Diagnostics of the compile program: the place that a finding is about, and what was found. One
 * line each on standard error.
 */
#pragma once
#include "base/diag.h"
#include "base/span.h"

#define EXIT_SYSTEM 111 /* of the compile program: the system failed, not a file */

struct place { /* where something stands */
	const char *file;
	unsigned line;
};

struct diag {
	const char *file; /* as the device sees it; NULL: no place at all */
	unsigned line;    /* 0: the file as a whole */
	const char *section;
	const char *key; /* NULL: not about a directive */
	unsigned errors;
	bool boot; /* what it finds refuses no service: PID 1 says it */
	/* of a service whose files not everybody may read: what they say is for those who may */
	bool secret;
	char *first; /* the first error's line, malloc'd: of those of one file the uppermost */
	const char *first_file;
	unsigned first_line;
	/* the same for everybody's eyes: of a secret file the place alone, malloc'd */
	char *public_first;
};

/* As for diag_error and diag_note, no d at all means that nobody wants to know. */
void diag_place(struct diag *d, const char *file, unsigned line, const char *section,
	const char *key);
void diag_flush(void);     /* prints what was found since, each file's in the order of its lines */
unsigned diag_total(void); /* errors that have been printed */
/* A note that PID 1 says, too. */
void diag_note_for_boot(struct diag *d, const char *text);
/* what PID 1 is to say; of more than PLAN_MAX_FAULTS the last line counts the others */
size_t diag_for_boot(const char *const **lines);
/* from here on findings refuse services, but are neither printed nor counted */
void diag_silence(bool silent);
