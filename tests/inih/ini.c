/* SPDX-License-Identifier: MIT
 * The stand-in, with what inih does in silence: a line beyond INI_MAX_LINE is cut and its end lost,
 * names are cut at 49 bytes, and an indented line continues the value before it.
 */
#include "ini.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define NAME 50

static char *trim(char *text)
{
	size_t n;
	while (isspace((unsigned char)*text))
		text++;
	for (n = strlen(text); n > 0 && isspace((unsigned char)text[n - 1]); n--)
		;
	text[n] = '\0';
	return text;
}

/* Ends the text before a ; behind a blank. */
static char *without_comment(char *text)
{
	for (char *c = text; INI_ALLOW_INLINE_COMMENTS && *c; c++) {
		if (*c == ';' && c > text && isspace((unsigned char)c[-1])) {
			*c = '\0';
			break;
		}
	}
	return text;
}

struct state {
	ini_handler handler;
	void *user;
	int line;
	char section[NAME], name[NAME];
};

static int tell(struct state *s, const char *name, const char *value)
{
#if INI_HANDLER_LINENO
	return s->handler(s->user, s->section, name, value, s->line);
#else
	return s->handler(s->user, s->section, name, value);
#endif
}

static int take(struct state *s, char *line)
{
	int indented = isspace((unsigned char)*line);
	char *text = trim(line), *end;
	if (!*text || *text == ';' || *text == '#')
		return 1;
	if (INI_ALLOW_MULTILINE && indented && *s->name)
		return tell(s, s->name, trim(without_comment(text)));
	if (*text == '[') {
		end = strchr(text, ']');
		if (!end)
			return 0;
		*end = '\0';
		snprintf(s->section, NAME, "%.49s", text + 1);
		*s->name = '\0';
		return INI_CALL_HANDLER_ON_NEW_SECTION ? tell(s, NULL, NULL) : 1;
	}
	end = strpbrk(text, "=:");
	if (!end)
		return 0;
	*end = '\0';
	snprintf(s->name, NAME, "%.49s", trim(text));
	return tell(s, s->name, trim(without_comment(end + 1)));
}

int ini_parse_stream(ini_reader reader, void *stream, ini_handler handler, void *user)
{
	char line[INI_MAX_LINE], rest[16];
	struct state s = {.handler = handler, .user = user};
	int bad = 0;
	while (reader(line, sizeof(line), stream)) {
		s.line++;
		for (char *end = line; !strchr(end, '\n');) { /* the end of a long line is lost */
			end = reader(rest, sizeof(rest), stream);
			if (!end)
				break;
		}
		if (!take(&s, line) && !bad)
			bad = s.line;
	}
	return bad;
}
