/* SPDX-License-Identifier: MIT
 * Findings, one line each: see diagnose.h.
 */
#include "compile/diagnose.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 1024
#define MAX_REMEMBERED 1024

static char *said[MAX_REMEMBERED];
static size_t said_count;
static unsigned total;
static bool silent_now;

void diag_place(struct diag *d, const char *file, unsigned line, const char *section, const char *key)
{
	if (!d)
		return;
	d->file = file;
	d->line = line;
	d->section = section;
	d->key = key;
}

unsigned diag_total(void)
{
	return total;
}

void diag_silence(bool silent)
{
	silent_now = silent;
}

static bool said_before(const char *line)
{
	for (size_t i = 0; i < said_count; i++) {
		if (strcmp(said[i], line) == 0)
			return true;
	}
	if (said_count < MAX_REMEMBERED) {
		said[said_count] = strdup(line);
		said_count += said[said_count] != NULL;
	}
	return false;
}

static int put_place(const struct diag *d, char *line)
{
	int n = 0;

	/* Of the file as a whole: its first line, where an editor opens it. */
	if (d->file)
		n = snprintf(line, LINE_MAX_BYTES, "%s:%u: ", d->file, d->line ? d->line : 1);
	if (d->section && n < LINE_MAX_BYTES)
		n += snprintf(line + n, (size_t)(LINE_MAX_BYTES - n), d->key ? "[%s] %s: " : "[%s]: ", d->section, d->key);
	return n;
}

static void compose(const struct diag *d, const char *kind, char *line, const char *format, va_list args)
{
	int n = put_place(d, line);

	if (n < LINE_MAX_BYTES)
		n += snprintf(line + n, (size_t)(LINE_MAX_BYTES - n), "%s", kind);
	if (n < LINE_MAX_BYTES)
		vsnprintf(line + n, (size_t)(LINE_MAX_BYTES - n), format, args);
	/* What was written in the file may hold anything; it must not reach a terminal as it is, nor
	 * make two lines. */
	for (char *c = line; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
}

/* What is wrong with a value quotes it, and the plan's words reach the console, the log and
 * every user. */
static char *place_alone(const struct diag *d)
{
	char line[LINE_MAX_BYTES] = "";
	int n = put_place(d, line);

	if (n < LINE_MAX_BYTES)
		snprintf(line + n, (size_t)(LINE_MAX_BYTES - n), "is wrong, bulkctl check tells root how");
	return strdup(line);
}

int diag_error(struct diag *d, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	if (!d)
		return -EINVAL;
	va_start(args, format);
	compose(d, "", line, format, args);
	va_end(args);
	d->errors++;
	total += !silent_now;
	if (!d->first) {
		d->first = strdup(line);
		d->public_first = d->secret ? place_alone(d) : d->first;
	}
	if (!silent_now && !said_before(line))
		fprintf(stderr, "%s\n", line);
	return -EINVAL;
}

void diag_note(struct diag *d, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	if (!d)
		return;
	va_start(args, format);
	compose(d, "note: ", line, format, args);
	va_end(args);
	if (!silent_now && !said_before(line))
		fprintf(stderr, "%s\n", line);
}
