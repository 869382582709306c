/* SPDX-License-Identifier: MIT
 * Rules and comments, and the domain's name. See cil.h.
 */
#include "report/selinux/cil.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void cil_why(struct cil *c, const char *directive)
{
	c->why = directive;
}

static bool is_new(struct cil *c, char *text)
{
	for (size_t i = 0; i < c->lines; i++)
		if (strcmp(c->line[i], text) == 0)
			return false;
	c->line = diag_realloc(c->line, (c->lines + 1) * sizeof(*c->line));
	c->line[c->lines++] = text;
	return true;
}

static char *text_of(const char *format, va_list list)
{
	char *text = NULL;
	if (vasprintf(&text, format, list) < 0)
		diag_no_memory();
	return text;
}

void cil_rule(struct cil *c, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	char *text = text_of(format, list);
	va_end(list);
	if (!is_new(c, text))
		return;
	if (c->why && c->why != c->said)
		fprintf(c->out, "; %s\n", c->why);
	c->said = c->why;
	fprintf(c->out, "%s\n", text);
}

void cil_withheld(struct cil *c, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	char *text = text_of(format, list);
	va_end(list);
	fprintf(stderr, "bulkhead-compile: %s: SELinux: %s\n", c->s->name, text);
	fprintf(c->out, "; not granted: %s\n", text);
	free(text);
}

void cil_error(struct cil *c, const char *directive, const char *format, ...)
{
	va_list list;
	fprintf(stderr, "%s: %s: ", c->s->file, directive);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fprintf(stderr, "\n");
	c->errors++;
}

void cil_regex(struct span path, char *buf, size_t cap)
{
	size_t n = 0;
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	for (size_t i = 0; i < path.n && n + 3 < cap; i++) {
		if (strchr(".^$?*+|[](){}\\", path.p[i]))
			buf[n++] = '\\';
		buf[n++] = path.p[i];
	}
	buf[n] = '\0';
}

const char *cil_domain(const struct cil *c)
{
	return c->domain;
}

void cil_own_name(const struct service *s, char name[static CIL_NAME])
{
	size_t n = strcspn(s->name, "@"), at = 0;
	if (!((s->name[0] >= 'a' && s->name[0] <= 'z') || (s->name[0] >= 'A' && s->name[0] <= 'Z')))
		name[at++] = 's';
	for (size_t i = 0; i < n && at + 1 < CIL_NAME; i++)
		name[at++] = (char)(s->name[i] == '.' || s->name[i] == ':' ? '_' : s->name[i]);
	name[at] = '\0';
}

bool cil_names_own(const struct service *s, const char *name)
{
	struct span type = selinux_type(s->selinux.context);
	size_t n = strlen(name);
	return type.n == n + 2 && memcmp(type.p, name, n) == 0 && memcmp(type.p + n, "_t", 2) == 0;
}

bool cil_name(const struct service *s, char name[static CIL_NAME])
{
	cil_own_name(s, name);
	return s->diag.errors == 0 && s->unit.type != TYPE_GROUP &&
		(s->module || cil_names_own(s, name));
}
