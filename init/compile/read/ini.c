/* SPDX-License-Identifier: MIT
 * The adapter to inih: see ini.h. Its traps, as of r53 to r62: names are cut at 49 bytes and lines
 * at the length it was built for, both silently; what follows a section's bracket is dropped; an
 * indented line continues a value, also when it was meant as a directive; comments are stripped
 * from a first line but, in some releases, not from a continuation; only the first bad line is
 * reported. So each line is looked at here first, and what inih sees is well formed.
 *
 * Distributions build inih in different ways. Most leave it at lines of 200 bytes, so it never gets
 * more: a longer value is handed over in pieces, each a continuation to inih. Nothing that only
 * some of them have is used. And what comes back is compared with what was handed over: a line that
 * this inih does not read as it stands is an error.
 */
#include "compile/read/ini.h"
#include "compile/read/characters.h"
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 2000 /* without the newline */
#define NAME_BYTES 48   /* inih keeps 49 of a name */
#define MAX_SECTIONS 32
#define PIECE_BYTES 198 /* of 200, without a newline and the NUL */

enum given { GIVEN_NOTHING, GIVEN_SECTION, GIVEN_PAIR, GIVEN_MORE, GIVEN_REST };

struct adapter {
	const struct ini_reader *reader;
	struct diag *d;
	const char *file;
	struct span rest;
	unsigned line;
	bool indented;      /* this line */
	bool skip_section;  /* not a known one */
	bool after_section; /* no directive in this section yet */
	bool stop;
	struct span section;
	struct {
		struct span name;
		unsigned line;
	} seen[MAX_SECTIONS];
	size_t sections;
	struct {                    /* what inih is given */
		enum given what;        /* now */
		bool due;               /* it has not come back yet */
		struct span key, piece; /* with the blanks behind it, which inih does not see */
		struct span left;       /* of the line's value, for the next pieces */
	} given;
	struct { /* the directive that may yet be continued */
		struct span key;
		char *value;
		size_t n;
		unsigned line;
		char section[NAME_BYTES + 1];
	} pending;
};

static void place(struct adapter *a, unsigned line)
{
	diag_place(a->d, a->file, line, NULL, NULL);
}

static void flush(struct adapter *a)
{
	struct span value = {a->pending.value, a->pending.n};
	int i = directive_find(a->reader->table, a->section, a->pending.key);
	if (!value.p)
		return;
	a->pending.value = NULL;
	char *section = strdup(a->pending.section);
	diag_place(a->d, a->file, a->pending.line, section, a->pending.key.p);
	unsigned flags = i < 0 ? QUOTES : a->reader->table[i].flags;
	if (!(flags & PROSE) &&
		characters_plain(value, flags & QUOTES ? CHARACTERS_UNQUOTED : CHARACTERS_BARE, a->d) < 0)
		return;
	diag_place(a->d, a->file, a->pending.line, section, NULL);
	a->reader->pair(a->reader->user, a->section, a->pending.key, value, a->d);
}

static int check_line(struct adapter *a, struct span line)
{
	int err = characters_text(line, &a->stop, a->d);
	if (err == 0 && line.n > LINE_BYTES)
		return diag_error(a->d,
			"the line has %zu bytes, at most %d are possible: continue the value on an indented line",
			line.n, LINE_BYTES);
	return err;
}

static struct span without_comment(struct span line)
{
	for (size_t i = 1; i < line.n; i++)
		if (line.p[i] == ';' && span_is_blank(line.p[i - 1]))
			line.n = i; /* and i is no longer below it */
	while (line.n > 0 && span_is_blank(line.p[line.n - 1]))
		line.n--;
	return line;
}

static struct span key_of(struct span text)
{
	size_t n = 0;
	while (n < text.n && text.p[n] != '=' && text.p[n] != ':')
		n++;
	return n < text.n && text.p[n] == '=' ? span_trim((struct span){text.p, n})
										  : (struct span){NULL, 0};
}

/* With systemd a second command of a oneshot stands behind " ; ". */
static bool seems_command(struct span key, struct span rest)
{
	rest = span_trim((struct span){rest.p + 1, rest.n - 1});
	return span_starts(key, "Exec") && (span_starts(rest, "/") || span_starts(rest, "-/"));
}

/* What of a line is value. A ; that cuts it is said, for with systemd there is no such comment. */
static struct span value_of_line(struct adapter *a, struct span line)
{
	struct span value = without_comment(line),
				rest = span_trim((struct span){line.p + value.n, line.n - value.n});
	size_t backslashes = 0;
	if (rest.n > 0 && seems_command(key_of(line), rest))
		diag_error(a->d, "\" ;\" begins no other command here: write it on a line of its own");
	else if (rest.n > 0)
		diag_note(a->d,
			"what follows \" ;\" is a comment and no part of the value: put it on a line of its own, or write \\; where a ; is meant");
	while (backslashes < value.n && value.p[value.n - 1 - backslashes] == '\\')
		backslashes++;
	if (backslashes % 2 == 0)
		return value;
	diag_error(a->d,
		"a backslash at its end does not continue a line here: leave it out, and begin the next line with a blank");
	value.n--;
	return without_comment(value);
}

static int enter_section(struct adapter *a, struct span name)
{
	a->section = name;
	a->skip_section = !directive_section_known(a->reader->table, name) &&
		!(a->reader->also && span_is(name, a->reader->also));
	if (a->skip_section)
		a->reader->unknown_section(name, a->d);
	return 0;
}

static int check_section(struct adapter *a, struct span text)
{
	const char *end = memchr(text.p, ']', text.n);
	struct span name;
	if (characters_plain(text, CHARACTERS_EVERYWHERE, a->d) < 0) {
		a->skip_section = true; /* whose lines these are is not known */
		return -EINVAL;
	}
	if (!end)
		return diag_error(a->d, "\"%.*s\" has no closing bracket, expected [Section]", (int)text.n,
			text.p);
	name = span_trim((struct span){text.p + 1, (size_t)(end - text.p) - 1});
	if (end + 1 != text.p + text.n)
		return diag_error(a->d, "text after [%.*s], expected it on a line of its own", (int)name.n,
			name.p);
	if (name.n == 0 || name.n > NAME_BYTES)
		return diag_error(a->d,
			name.n ? "the section's name has %zu bytes, at most 48 are possible"
				   : "the section has no name",
			name.n);
	for (size_t i = 0; i < a->sections; i++) {
		if (a->seen[i].name.n == name.n && memcmp(a->seen[i].name.p, name.p, name.n) == 0) {
			diag_error(a->d, "section [%.*s] is here twice, first in line %u: put its lines there",
				(int)name.n, name.p, a->seen[i].line);
			return enter_section(a, name); /* its lines are still looked at */
		}
	}
	if (a->sections < MAX_SECTIONS) {
		a->seen[a->sections].name = name;
		a->seen[a->sections++].line = a->line;
	}
	return enter_section(a, name);
}

static int check_pair(struct adapter *a, struct span text)
{
	struct span key = key_of(text);
	if (characters_plain(key.p ? key : text, CHARACTERS_EVERYWHERE, a->d) < 0)
		return -EINVAL;
	if (!key.p)
		return diag_error(a->d, "\"%.*s\" is neither [Section] nor Key = value",
			text.n > 60 ? 60 : (int)text.n, text.p);
	if (key.n == 0)
		return diag_error(a->d, "there is nothing before the =, expected Key = value");
	if (key.n > NAME_BYTES)
		return diag_error(a->d, "the directive's name has %zu bytes, at most %d are possible",
			key.n, NAME_BYTES);
	if (a->sections == 0)
		return diag_error(a->d, "%.*s stands before any section, expected [Section] above it",
			(int)key.n, key.p);
	return 0;
}

static int check_continuation(struct adapter *a, struct span text)
{
	struct span key = key_of(text);
	if (text.p[0] == '[')
		return diag_error(a->d,
			"this indented line would continue %.*s: a section begins in the first column",
			(int)a->pending.key.n, a->pending.key.p);
	/* One that looks like a directive was probably not meant as a continuation. */
	if (key.n > 0 && directive_find(a->reader->table, a->section, key) >= 0)
		return diag_error(a->d,
			"this indented line would continue %.*s: write %.*s in the first column",
			(int)a->pending.key.n, a->pending.key.p, (int)key.n, key.p);
	return 0;
}

/* Looks at a line. What of it inih shall see: nothing, if it is not worth it or not good. */
static enum given look_at_line(struct adapter *a, struct span line, struct span *text)
{
	place(a, a->line);
	*text = span_trim(line);
	a->indented = line.n > 0 && span_is_blank(line.p[0]);
	if (check_line(a, line) < 0 || text->n == 0 || text->p[0] == ';' || text->p[0] == '#')
		return GIVEN_NOTHING;
	*text = span_trim(
		text->p[0] == '[' || a->skip_section ? without_comment(line) : value_of_line(a, line));
	if (text->n == 0)
		return GIVEN_NOTHING;
	if (a->indented && a->pending.value && !a->after_section)
		return check_continuation(a, *text) < 0 ? GIVEN_NOTHING : GIVEN_MORE;
	if (text->p[0] == '[') {
		flush(a); /* before the user hears of another section */
		place(a, a->line);
		a->after_section = true;
		return check_section(a, *text) < 0 ? GIVEN_NOTHING : GIVEN_SECTION;
	}
	return a->skip_section || check_pair(a, *text) < 0 ? GIVEN_NOTHING : GIVEN_PAIR;
}

/* How many bytes of `value` go into a piece, with the blanks behind it: inih trims those of its at
 * most `max` other bytes, and takes one that begins with ; or # for a comment. 0: it cannot be cut
 * there. */
static size_t piece_length(struct span value, size_t max)
{
	if (value.n <= max)
		return value.n;
	for (size_t n = max; n > 0; n--) {
		size_t next = n;
		while (next < value.n && span_is_blank(value.p[next]))
			next++;
		if (next == value.n || (value.p[next] != ';' && value.p[next] != '#'))
			return next;
	}
	return 0;
}

/* Hands over the next piece of given.left, behind the `n` bytes that buf has. Returns their sum. */
static size_t give_piece(struct adapter *a, char *buf, size_t n, size_t cap)
{
	struct span left = a->given.left, seen;
	size_t piece = piece_length(left, cap - n);
	a->given.left.n = 0;
	if (piece == 0 && left.n > 0) {
		a->pending.value = NULL;
		diag_error(a->d, "a value with %zu ; or # in a row cannot be read", cap - n);
		return 0;
	}
	a->given.due = true;
	a->given.piece = (struct span){left.p, piece};
	a->given.left = (struct span){left.p + piece, left.n - piece};
	seen = span_trim(a->given.piece);
	memcpy(buf + n, seen.p, seen.n);
	return n + seen.n;
}

/* A line's text, or the rest of it, as inih is to see it: at most `cap` bytes. Returns how many. */
static size_t give(struct adapter *a, struct span text, char *buf, size_t cap)
{
	struct span key = key_of(text);
	switch (a->given.what) {
	case GIVEN_NOTHING:
		return 0;
	case GIVEN_SECTION:
		return (size_t)snprintf(buf, cap, "[%.*s]", (int)a->section.n, a->section.p);
	case GIVEN_PAIR:
		flush(a);
		place(a, a->line);
		a->given.key = key;
		key.n = (size_t)snprintf(buf, cap, "%.*s=", (int)key.n, key.p);
		a->given.left = text;
		span_cut(text, '=', &text, &a->given.left);
		a->given.left = span_trim(a->given.left);
		return give_piece(a, buf, key.n, cap);
	case GIVEN_MORE:
		a->given.left = text;
		break;
	case GIVEN_REST:
		break;
	}
	*buf = '\t';
	return give_piece(a, buf, 1, cap);
}

/* Whether inih has read what it was given. It was built without continuation lines, or for shorter
 * ones, if not. */
static void check_given(struct adapter *a)
{
	if (!a->given.due)
		return;
	a->given.due = false;
	a->given.left.n = 0;
	a->pending.value = NULL;
	place(a, a->line);
	diag_error(a->d,
		"the inih that this program was built with does not read this line as it stands: expected one with continuation lines (INI_ALLOW_MULTILINE) and lines of 200 bytes");
}

/* inih's fgets(3). */
static char *next_line(char *buf, int size, void *stream)
{
	struct adapter *a = stream;
	struct span line, text = {"", 0};
	size_t n = 0, cap = size < PIECE_BYTES + 2 ? (size_t)size - 2 : PIECE_BYTES;
	check_given(a);
	if (a->given.left.n > 0) {
		a->given.what = GIVEN_REST;
	} else {
		if (a->stop || !span_text_line(&a->rest, &line))
			return NULL;
		a->line++;
		a->given.what = look_at_line(a, line, &text);
	}
	n = give(a, text, buf, cap);
	memcpy(buf + n, "\n", 2);
	return buf;
}

/* Adds the piece to the pending value: after a blank, if it stands on a line of its own. */
static void append(struct adapter *a)
{
	bool apart = a->given.what == GIVEN_MORE && a->pending.n > 0;
	struct span piece = a->given.piece;
	a->pending.value = diag_text("%.*s%s%.*s", (int)a->pending.n, a->pending.value,
		apart ? " " : "", (int)piece.n, piece.p);
	a->pending.n += piece.n + (apart ? 1 : 0);
}

static void begin(struct adapter *a)
{
	struct span piece = a->given.piece, key = a->given.key;
	a->after_section = false;
	a->pending.key = span_of(diag_text("%.*s", (int)key.n, key.p));
	a->pending.value = diag_text("%.*s", (int)piece.n, piece.p);
	a->pending.n = piece.n;
	a->pending.line = a->line;
	snprintf(a->pending.section, sizeof(a->pending.section), "%.*s", (int)a->section.n,
		a->section.p);
}

/* Debian's of release 59 and later is always built with INI_HANDLER_LINENO. */
#if INI_HANDLER_LINENO
#define INIH_LINE , int line
#else
#define INIH_LINE
#endif
static int on_inih_pair(void *user, const char *section, const char *name,
	const char *value INIH_LINE)
{
	struct adapter *a = user;
#if INI_HANDLER_LINENO
	(void)line;
#endif
	/* One that comes back in another way stays due. */
	if (!a->given.due || !name || !value || !span_is(a->section, section) ||
		!span_is(a->given.key, name) || !span_is(span_trim(a->given.piece), value))
		return 1;
	a->given.due = false;
	if (a->given.what == GIVEN_PAIR)
		begin(a);
	else
		append(a);
	return 1;
}

void ini_read(struct span text, const char *file, const struct ini_reader *reader, struct diag *d)
{
	struct adapter a = {.reader = reader,
		.d = d,
		.file = file,
		.rest = span_text(text),
		.after_section = true};
	int bad;
	bad = ini_parse_stream(next_line, &a, on_inih_pair, &a);
	check_given(&a);
	flush(&a);
	if (bad != 0 && d->errors == 0) {
		place(&a, bad > 0 ? (unsigned)bad : 0);
		diag_error(d, "the line cannot be read");
	}
}
