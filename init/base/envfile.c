/* SPDX-License-Identifier: MIT
 * EnvironmentFile: see envfile.h.
 */
#include "base/envfile.h"
#include "base/count.h"
#include "base/utf8.h"
#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_name_part(char c, bool first)
{
	return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		(!first && c >= '0' && c <= '9');
}

static bool at_line_end(const struct envfile *e)
{
	return e->at >= e->end || *e->at == '\n';
}

/* One character of the text, counted. */
static char take_char(struct envfile *e)
{
	char c = *e->at++;
	e->next += c == '\n';
	return c;
}

static int refuse(struct envfile *e, const char *why)
{
	e->wrong = why;
	return -EINVAL;
}

void envfile_begin(struct envfile *e, char *text, size_t n)
{
	*e = (struct envfile){.at = text, .end = text + n, .line = 0, .next = 1};
}

/* To the first character of the next variable. False: there is none. */
static bool find_line(struct envfile *e)
{
	while (e->at < e->end) {
		if (*e->at == '#' || *e->at == ';')
			while (!at_line_end(e))
				e->at++;
		else if (*e->at != '\n' && !is_blank(*e->at))
			return true;
		else
			take_char(e);
	}
	return false;
}

/* Up to and with the equals sign; *to is behind the copy of it. */
static int read_name(struct envfile *e, char **to)
{
	e->at += envfile_name_length(e->at, (size_t)(e->end - e->at));
	char *name_end = e->at;
	while (!at_line_end(e) && is_blank(*e->at))
		e->at++;
	if (at_line_end(e) || *e->at != '=' || name_end == *to)
		return refuse(e, "expected NAME=value, a comment or an empty line");
	e->at++;
	*name_end++ = '=';
	*to = name_end;
	return 0;
}

static char *read_single(struct envfile *e, char *to)
{
	while (e->at < e->end && *e->at != '\'')
		*to++ = take_char(e);
	return to;
}

static char *read_double(struct envfile *e, char *to)
{
	while (e->at < e->end && *e->at != '"') {
		char c = take_char(e);
		if (c == '\\' && e->at < e->end) {
			char next = take_char(e);
			if (next == '\n')
				continue;
			if (!strchr("\"\\`$", next) || next == 0)
				*to++ = c;
			c = next;
		}
		*to++ = c;
	}
	return to;
}

/* Behind the opening quotation mark. NULL: it is not closed. */
static char *read_quoted(struct envfile *e, char *to, char mark)
{
	to = mark == '"' ? read_double(e, to) : read_single(e, to);
	if (e->at >= e->end)
		return NULL;
	e->at++;
	while (!at_line_end(e) && is_blank(*e->at))
		e->at++;
	return to;
}

/* Without quotes, up to the end of the line, or to a quotation mark at its begin. */
static char *read_plain(struct envfile *e, char *to)
{
	char *solid = to; /* behind the last character that counts at the end of a line */
	while (!at_line_end(e)) {
		char c = take_char(e);
		if (c != '\\') {
			*to++ = c;
			solid = is_blank(c) ? solid : to;
		} else if (e->at < e->end) {
			c = take_char(e);
			if (c == '\n')
				continue;
			*to++ = c;
			solid = to;
		}
	}
	return solid;
}

static char *copy_value(struct envfile *e, char *to)
{
	while (!at_line_end(e) && is_blank(*e->at))
		e->at++;
	while (to && !at_line_end(e) && (*e->at == '"' || *e->at == '\''))
		to = read_quoted(e, to, take_char(e));
	return to ? read_plain(e, to) : NULL;
}

static bool is_utf8(const char *at, const char *end)
{
	size_t n = 1;
	for (; at < end && n; at += n)
		n = utf8_length(at, (size_t)(end - at));
	return n > 0;
}

int envfile_next(struct envfile *e, char **variable)
{
	if (!find_line(e))
		return 0;
	e->line = e->next;
	*variable = e->at;
	char *to = e->at;
	int err = read_name(e, &to);
	if (err < 0)
		return err;
	to = copy_value(e, to);
	if (!to)
		return refuse(e, "the quotation mark is not closed");
	if (memchr(*variable, 0, (size_t)(to - *variable)))
		return refuse(e, "a NUL byte");
	if (!is_utf8(*variable, to))
		return refuse(e, "bytes that are not UTF-8");
	if (e->at < e->end)
		take_char(e); /* the end of the line, whose place the NUL may take */
	*to = 0;
	return 1;
}

static bool divides(char c)
{
	return is_blank(c) || c == '\n';
}

int envfile_word(char **rest, char **word)
{
	char *at = *rest, mark = 0;
	while (divides(*at))
		at++;
	if (!*at)
		return 0;
	char *to = *word = at;
	for (; *at && (mark || !divides(*at)); at++)
		if (mark ? *at == mark : *at == '"' || *at == '\'')
			mark = mark ? 0 : *at;
		else
			*to++ = *at;
	*rest = *at ? at + 1 : at;
	*to = 0;
	return mark ? -EINVAL : 1;
}

bool envfile_is_given(const char *name, size_t n)
{
	static const char *const given[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
		"NOTIFICATION_FD", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"};
	for (size_t i = 0; i < COUNT(given); i++)
		if (strlen(given[i]) == n && memcmp(given[i], name, n) == 0)
			return true;
	return false;
}

size_t envfile_name_length(const char *text, size_t n)
{
	size_t length = 0;
	while (length < n && is_name_part(text[length], length == 0))
		length++;
	return length;
}

bool envfile_is_name(const char *name, size_t n)
{
	return n > 0 && envfile_name_length(name, n) == n;
}
