/* SPDX-License-Identifier: MIT
 * Diagnostics, one line each: see diagnose.h.
 */
#include "walls/diagnose.h"
#include "base/utf8.h"
#include "plan/format.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024
#define MAX_REMEMBERED 1024

/* In the order in which they were found: that of a file's lines is made when they are printed. */
struct finding {
	char *text;
	size_t file; /* the first finding about the same file */
	const char *path;
	unsigned line;
};

static struct {
	struct finding said[MAX_REMEMBERED];
	size_t said_count, printed;
	unsigned total; /* errors */
	bool silent;
	const char *boot_line[PLAN_MAX_FAULTS];
	size_t boot_lines; /* all of them, of which the first are kept */
} all;

void diag_place(struct diag *d, const char *file, unsigned line, const char *section,
	const char *key)
{
	if (!d)
		return;
	d->file = file;
	d->line = line;
	d->section = section;
	d->key = key;
}

void diag_no_memory(void)
{
	static const char text[] = "bulkhead-compile: out of memory\n";
	ssize_t done = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)done;
	_exit(EXIT_SYSTEM);
}

void *diag_realloc(void *p, size_t size)
{
	void *fit = realloc(p, size);
	if (!fit)
		diag_no_memory();
	return fit;
}

void *diag_calloc(size_t count, size_t size)
{
	void *p = calloc(count, size);
	if (!p)
		diag_no_memory();
	return p;
}

char *diag_text(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		diag_no_memory();
	va_end(args);
	return text;
}

unsigned diag_total(void)
{
	return all.total;
}

void diag_silence(bool silent)
{
	all.silent = silent;
}

static int by_line(const void *a, const void *b)
{
	const struct finding *x = *(const struct finding *const *)a,
						 *y = *(const struct finding *const *)b;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x > y) - (x < y);
}

void diag_flush(void)
{
	static const struct finding *sorted[MAX_REMEMBERED];
	size_t n = 0;
	for (; all.printed < all.said_count; all.printed++)
		sorted[n++] = &all.said[all.printed];
	if (n > 0)
		qsort(sorted, n, sizeof(*sorted), by_line);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%s\n", sorted[i]->text);
}

/* Once each. */
static void say_once(const struct diag *d, const char *text)
{
	struct finding f = {.file = all.said_count, .path = d->file ? d->file : "", .line = d->line};
	for (size_t i = 0; i < all.said_count; i++) {
		if (strcmp(all.said[i].text, text) == 0)
			return;
		if (strcmp(all.said[i].path, f.path) == 0)
			f.file = all.said[i].file;
	}
	if (all.said_count < MAX_REMEMBERED) {
		f.text = strdup(text);
		f.path = strdup(f.path);
	}
	if (f.text && f.path) {
		all.said[all.said_count++] = f;
		return;
	}
	diag_flush();
	fprintf(stderr, "%s\n", text);
}

static int put_place(const struct diag *d, char *line)
{
	int n = 0;
	/* Of the file as a whole: its first line, where an editor opens it. */
	if (d->file)
		n = snprintf(line, LINE_MAX_BYTES, "%s:%u: ", d->file, d->line ? d->line : 1);
	if (d->section && n < LINE_MAX_BYTES)
		n += snprintf(line + n, (size_t)(LINE_MAX_BYTES - n),
			d->key ? "[%s] %s: " : "[%s]: ", d->section, d->key);
	return n;
}

/* What was written in the file may hold anything; it must not reach a terminal as it is, nor make
 * two lines. */
static void make_harmless(char *line)
{
	char *to = line;
	for (size_t left = strlen(line), n; left > 0; line += n, left -= n) {
		size_t length = utf8_length(line, left);
		n = length ? length : 1;
		bool good = length && !utf8_steers(line, length);
		if (good)
			memmove(to, line, n);
		else
			*to = '?';
		to += good ? n : 1;
	}
	*to = 0;
}

static void compose(const struct diag *d, const char *kind, char *line, const char *format,
	va_list args)
{
	int n = put_place(d, line);
	if (n < LINE_MAX_BYTES)
		n += snprintf(line + n, (size_t)(LINE_MAX_BYTES - n), "%s", kind);
	if (n < LINE_MAX_BYTES)
		vsnprintf(line + n, (size_t)(LINE_MAX_BYTES - n), format, args);
	make_harmless(line);
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

static void keep_for_boot(const char *line)
{
	if (all.boot_lines++ < PLAN_MAX_FAULTS)
		all.boot_line[all.boot_lines - 1] = line;
}

size_t diag_for_boot(const char *const **lines)
{
	static char more[96];
	*lines = all.boot_line;
	if (all.boot_lines <= PLAN_MAX_FAULTS)
		return all.boot_lines;
	snprintf(more, sizeof(more),
		"and %zu more errors that concern no service: bulkctl check tells them",
		all.boot_lines - PLAN_MAX_FAULTS + 1);
	all.boot_line[PLAN_MAX_FAULTS - 1] = more;
	return PLAN_MAX_FAULTS;
}

static bool is_above_first(const struct diag *d)
{
	return d->line > 0 && d->line < d->first_line && d->file && d->first_file &&
		strcmp(d->file, d->first_file) == 0;
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
	all.total += !all.silent;
	if (!d->first || is_above_first(d)) {
		d->first_file = d->file;
		d->first_line = d->line;
		d->first = strdup(line);
		d->public_first = d->secret ? place_alone(d) : d->first;
	}
	if (d->boot && !all.silent)
		keep_for_boot(d->secret ? place_alone(d) : strdup(line));
	if (!all.silent)
		say_once(d, line);
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
	if (!all.silent)
		say_once(d, line);
}

void diag_note_for_boot(struct diag *d, const char *text)
{
	char line[LINE_MAX_BYTES];
	int n = put_place(d, line);
	if (n < LINE_MAX_BYTES)
		snprintf(line + n, (size_t)(LINE_MAX_BYTES - n), "%s", text);
	diag_note(d, "%s", text);
	if (!all.silent)
		keep_for_boot(strdup(line));
}
