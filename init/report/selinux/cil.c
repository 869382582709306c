/* SPDX-License-Identifier: MIT
 * The frame of a module: its service, its domain, and the programs that enter it. See cil.h.
 */
#include "report/selinux/cil.h"
#include "base/count.h"
#include "compile/emit/context.h"
#include "compile/files/files.h"
#include <stdlib.h>
#include <string.h>

static void walls(struct cil *c)
{
	const struct wall_context *context = context_of(c->s);
#define MODULE(NAME, name) \
	name##_module(c, &c->s->name, context); \
	cil_why(c, NULL);
	PLAN_WALLS(MODULE)
}

/* ---- how it is entered ---- */

static bool uses_program(const struct service *s, const char *real)
{
	char other[FILES_PATH];
	if (filesystem_has_own_root(&s->filesystem))
		return false; /* its programs are others, of whatever name */
	for (int list = 0; list < EXEC_COUNT; list++) {
		for (size_t i = 0; i < s->exec_count[list]; i++)
			if (files_real(s->exec[list][i].path, other) == 0 && strcmp(other, real) == 0)
				return true;
	}
	return false;
}

/* Of all services, those outside this domain too: a label has one meaning. */
static bool is_shared(const struct cil *c, const char *real)
{
	for (size_t i = 0; i < c->set->count; i++) {
		char name[CIL_NAME];
		cil_own_name(c->set->service[i], name);
		if (strcmp(name, c->name) != 0 && uses_program(c->set->service[i], real))
			return true;
	}
	return false;
}

/* Everybody's, though only one service file may name it. */
static bool is_interpreter(const char *name)
{
	static const char *const interpreters[] = {"sh", "ash", "bash", "dash", "ksh", "zsh", "busybox",
		"toybox", "env", "python", "perl", "lua", "node", "ruby", "php", "awk", "gawk"};
	for (size_t i = 0; i < COUNT(interpreters); i++) {
		size_t n = strlen(interpreters[i]);
		/* python3.11, lua5.4 */
		if (strncmp(name, interpreters[i], n) == 0 &&
			strspn(name + n, "0123456789.") == strlen(name + n))
			return true;
	}
	return false;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* A label tells one program from another: not where several names lead to the same file (BusyBox),
 * nor where several services run it, nor in another root (RootDirectory, RootImage), whose
 * labels are not this image's. */
static void one_program(struct cil *c, const char *path)
{
	char real[FILES_PATH], regex[2 * FILES_PATH];
	int script = files_real(path, real) == 0 ? files_is_script(real) : 0;
	bool own = !filesystem_has_own_root(&c->s->filesystem) && script >= 0 &&
		strcmp(last_part(path), last_part(real)) == 0 && !is_interpreter(last_part(real)) &&
		!is_shared(c, real);
	if (own) {
		cil_regex(span_of(real), regex, sizeof(regex));
		cil_rule(c, "(type %s_exec_t)", c->name);
		cil_rule(c, "(call service_program (%s %s_exec_t))", c->domain, c->name);
		cil_rule(c, "(filecon \"%s\" file (system_u object_r %s_exec_t low_low))", regex, c->name);
		c->programs = true;
	}
	if (!own || script > 0) {
		cil_why(c,
			own ? "a script: what it runs stays in its domain"
				: "a program that is not its own alone: entered by SELinuxContext");
		cil_rule(c, "(call service_script (%s))", c->domain);
	}
}

static void programs(struct cil *c)
{
	for (int list = 0; list < EXEC_COUNT; list++) {
		for (size_t i = 0; i < c->s->exec_count[list]; i++) {
			cil_why(c, "programs");
			one_program(c, c->s->exec[list][i].path);
		}
	}
}

/* ---- modules ---- */

static void check_entry(struct cil *c)
{
	bool named = c->s->selinux.context.n > 0;
	if (named ? !cil_names_own(c->s, c->name) : !c->programs)
		cil_error(c, "[SELinux] SELinuxContext", "%s, expected system_u:system_r:%s:s0",
			named ? "names a domain that is not its own"
				  : "is missing, and its program is not its own alone",
			c->domain);
}

static void module(struct cil *c)
{
	for (size_t i = 0; i < c->set->count; i++) {
		char name[CIL_NAME];
		c->s = c->set->service[i];
		if (!cil_name(c->s, name) || strcmp(name, c->name) != 0)
			continue;
		if (c->lines == 0)
			fprintf(c->out, "; %s, from %s. Written by bulkhead-compile --selinux.\n", c->name,
				c->s->file);
		cil_rule(c, "(type %s)", c->domain);
		programs(c);
		check_entry(c);
		walls(c);
		cil_descriptors(c);
		if (CONFIG_SOCKETS)
			cil_sockets(c);
	}
	fprintf(c->out, "\n");
}

static bool is_first(const struct set *set, size_t index, const char *name)
{
	char other[CIL_NAME];
	for (size_t i = 0; i < index; i++)
		if (cil_name(set->service[i], other) && strcmp(other, name) == 0)
			return false;
	return true;
}

unsigned cil_write(const struct set *set, char *const *names, FILE *out)
{
	unsigned errors = 0;
	for (size_t i = 0; i < set->count; i++) {
		struct cil c = {.out = out, .set = set};
		if (!cil_name(set->service[i], c.name) || !is_first(set, i, c.name) ||
			(*names && !set->service[i]->module))
			continue;
		snprintf(c.domain, sizeof(c.domain), "%.*s_t", CIL_NAME - 3, c.name);
		module(&c);
		errors += c.errors;
	}
	return errors;
}
