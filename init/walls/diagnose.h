/* SPDX-License-Identifier: MIT
 * Diagnostics of the compile program: the place of a finding, and the finding. One line each on
 * standard error.
 */
#pragma once
#include "base/diag.h"
#include "base/span.h"

#define EXIT_SYSTEM 111 /* of the compile program: the system failed, not a file */

struct place { /* a line of a file */
	const char *file;
	unsigned line;
};

struct diag {
	const char *file; /* path on the device; NULL: no place */
	unsigned line;    /* 0: the file as a whole */
	const char *section;
	const char *key; /* NULL: not about a directive */
	unsigned errors;
	bool boot; /* findings refuse no service, and PID 1 prints them */
	/* the service's files are not readable by everybody, and so are its findings not */
	bool secret;
	/* the first error as a line, malloc'd; among those of one file the one with the lowest line
	 * number */
	char *first;
	const char *first_file;
	unsigned first_line;
	/* the same for everybody: for a secret file only the place, malloc'd */
	char *public_first;
};

/* Sets the place. d may be NULL here, and for diag_error() and diag_note(): then nothing is
 * reported. */
void diag_place(struct diag *d, const char *file, unsigned line, const char *section,
	const char *key);
/* Prints the findings since the last call, sorted by line within each file. */
void diag_flush(void);
unsigned diag_total(void); /* number of errors printed */
/* A note that PID 1 prints too. */
void diag_note_for_boot(struct diag *d, const char *text);
/* The lines for PID 1. Beyond PLAN_MAX_FAULTS the last line counts the others. */
size_t diag_for_boot(const char *const **lines);
/* From now on findings refuse services, but are neither printed nor counted. */
void diag_silence(bool silent);
