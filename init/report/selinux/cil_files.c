/* SPDX-License-Identifier: MIT
 * The policy's names for the files of the image and of services: a service's own directories,
 * paths, its standard descriptors. What every service may read (base_type) needs no rule.
 */
#include "report/selinux/cil.h"
#include "base/count.h"
#include <stdlib.h>
#include <string.h>

#define PATH_CAP 256
#define TYPE_CAP (CIL_NAME + 8)

static const struct {
	const char *word;   /* in the type's name */
	const char *parent; /* type of the directory in which it is made */
} kinds[DIRECTORY_KINDS] = {
	[DIRECTORY_RUNTIME] = {"run", "run_t"},
	[DIRECTORY_STATE] = {"state", "var_lib_t"},
	[DIRECTORY_CACHE] = {"cache", "var_cache_t"},
	[DIRECTORY_LOGS] = {"log", "var_log_t"},
	[DIRECTORY_CONFIGURATION] = {"conf", "etc_t"},
};

/* What no service's directory is, but a path may name: the longest one counts. NULL: nothing
 * that a rule could open. */
static const struct {
	const char *path, *read, *write;
} types[] = {
	{"/run/bulkhead", "(call reach_bulkhead (%s))", "(call reach_bulkhead (%s))"},
	{"/run/log", "(call read_logs (%s))", NULL},
	{"/run", "", NULL},
	{"/sys/fs/selinux", "(call see_selinux (%s))", NULL},
	{"/sys/fs/cgroup", "(call see_cgroups (%s))", NULL},
	{"/sys", "(call see_devices (%s))", "(call set_devices (%s))"},
	{"/proc/sys", "", "(call set_kernel (%s))"},
	{"/proc", "", NULL},
	{"/tmp", "(call share_tmp (%s))", "(call share_tmp (%s))"},
	{"/var/tmp", "(call share_tmp (%s))", "(call share_tmp (%s))"},
	{"/", "", NULL},
};

static bool is_below(struct span path, const char *top)
{
	size_t n = strlen(top);
	if (strcmp(top, "/") == 0)
		return true;
	return path.n >= n && memcmp(path.p, top, n) == 0 && (path.n == n || path.p[n] == '/');
}

/* ---- directories of its own ---- */

/* The label of a directory hangs on its name in the parent's, so "a/b" is told by "a". */
static int first_part(struct span name, char *buf, size_t cap)
{
	struct span first, rest;
	span_cut(name, '/', &first, &rest);
	return span_copy(first, buf, cap);
}

static bool directory_holds(const struct service *s, unsigned kind, struct span path)
{
	for (size_t i = 0; i < s->filesystem.directory[kind].count; i++) {
		char first[PATH_CAP], full[PATH_CAP + 16];
		if (first_part(s->filesystem.directory[kind].name[i], first, sizeof(first)) < 0)
			continue;
		snprintf(full, sizeof(full), "%s/%s", filesystem_directory_top((enum directory_kind)kind),
			first);
		if (is_below(path, full))
			return true;
	}
	return false;
}

/* By name, or what DirectoryContext says. */
static void directory_type(const struct service *s, const char *name, unsigned kind,
	char type[static TYPE_CAP])
{
	struct span given = selinux_type(s->selinux.directory);
	if (given.n == 0 || span_copy(given, type, TYPE_CAP) < 0)
		snprintf(type, TYPE_CAP, "%.*s_%s_t", CIL_NAME - 8, name, kinds[kind].word);
}

/* In whose directory a path lies, and the type of what is there. */
static const struct service *find_directory(const struct cil *c, struct span path,
	char type[static TYPE_CAP])
{
	char name[CIL_NAME];
	for (size_t i = 0; i < c->set->count; i++) {
		const struct service *s = c->set->service[i];
		for (unsigned kind = 0; kind < DIRECTORY_KINDS && cil_name(s, name); kind++) {
			if (!directory_holds(s, kind, path))
				continue;
			directory_type(s, name, kind, type);
			return s;
		}
	}
	return NULL;
}

/* Nobody outside the service has business there, root included: a promise that the compiler of
 * the policy checks. */
static void keep_secret(struct cil *c, const char *type)
{
	cil_why(c, "mode without group and others: kept from everybody else, root included");
	cil_rule(c, "(typeattributeset key_type %s)", type);
	cil_rule(c, "(typeattribute %s_others) (typeattributeset %s_others (and domain (not (%s))))",
		c->name, c->name, c->domain);
	cil_rule(c, "(neverallow %s_others %s (file (open read append execute map)))", c->name, type);
}

void cil_directory(struct cil *c, unsigned kind, struct span name)
{
	char type[TYPE_CAP], first[PATH_CAP], regex[PATH_CAP * 2 + 32], path[PATH_CAP + 16];
	char found[TYPE_CAP], name_of_other[CIL_NAME];
	bool labelled = c->s->selinux.directory.n > 0;
	if (first_part(name, first, sizeof(first)) < 0)
		return;
	snprintf(path, sizeof(path), "%s/%s", filesystem_directory_top((enum directory_kind)kind),
		first);
	directory_type(c->s, c->name, kind, type);
	cil_regex(span_of(path), regex, sizeof(regex));
	const struct service *other = find_directory(c, span_of(path), found);
	if (other && cil_name(other, name_of_other) && strcmp(name_of_other, c->name) != 0 &&
		strcmp(found, type) != 0)
		cil_error(c, c->why,
			"%s is also the service %s's, and has one label: give both the same DirectoryContext",
			path, other->name);
	if (!labelled) {
		cil_rule(c, "(type %s)", type);
		cil_rule(c, "(call service_%s (%s %s \"%s\" %s))",
			kind == DIRECTORY_CONFIGURATION ? "configuration" : "directory", c->domain,
			kinds[kind].parent, first, type);
	}
	if (kind != DIRECTORY_RUNTIME)
		cil_rule(c, "(filecon \"%s(/.*)?\" any (system_u object_r %s low_low))", regex, type);
	if (!labelled && !(c->s->filesystem.directory[kind].mode & 077))
		keep_secret(c, type);
}

/* ---- paths ---- */

/* The first domain whose file may write there gives what lies there its type. */
static const struct service *find_files(const struct cil *c, struct span path,
	char type[static TYPE_CAP])
{
	char name[CIL_NAME];
	for (size_t i = 0; i < c->set->count; i++) {
		const struct service *s = c->set->service[i];
		for (size_t r = 0; r < s->filesystem.rules && cil_name(s, name); r++) {
			if (!filesystem_is_written(&s->filesystem.rule[r]) ||
				!span_same(filesystem_host_path(&s->filesystem.rule[r]), path))
				continue;
			snprintf(type, TYPE_CAP, "%.*s_files_t", CIL_NAME - 8, name);
			return s;
		}
	}
	return NULL;
}

static void foreign_directory(struct cil *c, const struct service *owner, const char *type,
	bool write)
{
	char name[CIL_NAME];
	if (!cil_name(owner, name) || strcmp(name, c->name) == 0)
		return;
	cil_rule(c, "(allow %s %s %s)", c->domain, type, write ? "write_tree" : "read_tree");
	cil_rule(c, "(call reach_sockets (%s %s %s_t))", c->domain, type, name);
}

static void allow_type(struct cil *c, struct span path, bool write)
{
	for (size_t i = 0; i < COUNT(types); i++) {
		const char *rule = write ? types[i].write : types[i].read;
		char text[128];
		if (!is_below(path, types[i].path))
			continue;
		if (!rule) {
			cil_withheld(c, "%.*s is no service's own directory, and not to be written",
				SPAN_ARGS(path));
			return;
		}
		snprintf(text, sizeof(text), rule, c->domain);
		if (*text)
			cil_rule(c, "%s", text);
		return;
	}
}

/* Below these a label can't come from the image. */
static bool is_in_memory(struct span path)
{
	return path.n == 1 || is_below(path, "/run") || is_below(path, "/sys") ||
		is_below(path, "/proc") || is_below(path, "/tmp") || is_below(path, "/var/tmp");
}

void cil_path(struct cil *c, struct span path, bool write)
{
	char type[TYPE_CAP], regex[PATH_CAP * 2], name[CIL_NAME];
	const struct service *owner = find_directory(c, path, type);
	if (owner) {
		foreign_directory(c, owner, type, write);
	} else if (cil_reach_socket(c, path)) {
		return;
	} else if (is_below(path, "/dev")) {
		cil_device(c, path.n > 5 ? (struct span){path.p + 5, path.n - 5} : span_of("*"));
	} else if (is_in_memory(path)) {
		allow_type(c, path, write);
	} else if ((owner = find_files(c, path, type)) != NULL) {
		if (cil_name(owner, name) && strcmp(name, c->name) == 0) {
			cil_regex(path, regex, sizeof(regex));
			cil_rule(c, "(type %s)", type);
			cil_rule(c, "(typeattributeset file_type %s)", type);
			cil_rule(c, "(filecon \"%s(/.*)?\" any (system_u object_r %s low_low))", regex, type);
		}
		cil_rule(c, "(allow %s %s %s)", c->domain, type, write ? "write_tree" : "read_tree");
	}
}

void cil_run(struct cil *c, struct span path)
{
	char type[TYPE_CAP];
	if (find_directory(c, path, type) || find_files(c, path, type))
		cil_rule(c, "(allow %s %s run)", c->domain, type);
}

/* ---- standard descriptors: opened by the cell, used by the service ---- */

static void one_descriptor(struct cil *c, int fd)
{
	char type[TYPE_CAP];
	struct span path = c->s->unit.stdio[fd].path;
	switch (c->s->unit.stdio[fd].kind) {
	case STDIO_TTY:
		cil_device(c,
			c->s->unit.tty.n > 5 ? (struct span){c->s->unit.tty.p + 5, c->s->unit.tty.n - 5}
								 : span_of("console"));
		cil_rule(c, "(allow %s tty_device_t use_device)", c->domain);
		break;
	case STDIO_CONSOLE:
		cil_rule(c, "(allow %s console_device_t inherit_device)", c->domain);
		break;
	case STDIO_KMSG:
		cil_rule(c, "(allow %s kmsg_device_t (chr_file (getattr write append)))", c->domain);
		break;
	case STDIO_FILE:
		if (find_directory(c, path, type) || find_files(c, path, type)) {
			cil_rule(c, "(allow cell_t %s (file (getattr create open append write)))", type);
			cil_rule(c, "(allow %s %s (file (getattr read append write)))", c->domain, type);
		} else if (fd > 0) {
			cil_withheld(c, "%.*s is in no directory of a service", SPAN_ARGS(path));
		}
		break;
	default:
		break;
	}
}

void cil_descriptors(struct cil *c)
{
	static const char *const names[] = {"StandardInput", "StandardOutput", "StandardError"};
	for (int fd = 0; fd < 3; fd++) {
		cil_why(c, names[fd]);
		one_descriptor(c, fd);
	}
	cil_why(c, NULL);
}
