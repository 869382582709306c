/* SPDX-License-Identifier: MIT
 * The parts of the view that may be written and executed, as a list. The service's Landlock rules
 * are made from it.
 */
#include "walls/filesystem/conf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct listing {
	filesystem_visitor *visit;
	void *user;
};

static void visit_path(const struct listing *l, const char *path, uint32_t access)
{
	l->visit(l->user, span_of(path), access);
}

/* A tmpfs is written to unless its options say "ro". */
static bool read_only_option(struct span options)
{
	struct span one;
	while (span_part(&options, ',', &one))
		if (span_is(one, "ro"))
			return true;
	return false;
}

static bool has_rule(const struct filesystem_conf *conf, unsigned op, const char *target)
{
	for (size_t i = 0; i < conf->rules; i++)
		if (conf->rule[i].op == op && span_is(conf->rule[i].target, target))
			return true;
	return false;
}

/* Not what is read-only, hidden or without execution: that stands in the mounts. */
static uint32_t access_by(const struct filesystem_conf_rule *r)
{
	if (r->op == FS_READ_WRITE || r->op == FS_BIND ||
		(r->op == FS_TMPFS && !read_only_option(r->options)))
		return FS_ACCESS_WRITE;
	return r->op == FS_EXEC ? FS_ACCESS_EXECUTE : 0;
}

static void tell_rules(const struct filesystem_conf *conf, const struct listing *l)
{
	const struct filesystem_conf_rule *sorted[FILESYSTEM_MAX_RULES];
	size_t n = filesystem_sorted(conf, sorted);
	for (size_t i = 0; i < n; i++)
		if (access_by(sorted[i]))
			l->visit(l->user, sorted[i]->target, access_by(sorted[i]));
}

static void tell_directories(const struct filesystem_conf *conf, const struct listing *l)
{
	char path[FILESYSTEM_PATH];
	for (unsigned kind = 0; kind < DIRECTORY_CONFIGURATION; kind++)
		for (size_t i = 0; filesystem_directory_path(conf, kind, i, path); i++)
			visit_path(l, diag_text("%s", path), FS_ACCESS_WRITE);
}

void filesystem_writable(const struct filesystem_conf *conf, bool host_pids,
	filesystem_visitor *visit, void *user)
{
	const struct listing l = {visit, user};
	bool sealed_proc = host_pids && !conf->proc_subset_pid && !conf->proc_invisible &&
		!filesystem_has_own_root(conf); /* the host's own */
	visit_path(&l, "/", has_rule(conf, FS_NO_EXEC, "/") ? 0 : FS_ACCESS_EXECUTE);
	visit_path(&l, "/tmp", FS_ACCESS_WRITE);
	visit_path(&l, "/var/tmp", FS_ACCESS_WRITE);
	visit_path(&l, "/dev", FS_ACCESS_DEVICES);
	visit_path(&l, "/dev/shm", FS_ACCESS_WRITE);
	if (!sealed_proc)
		visit_path(&l, "/proc", FS_ACCESS_MODIFY);
	else if (conf->tunables == VIEW_HOST)
		visit_path(&l, "/proc/sys", FS_ACCESS_MODIFY);
	if (conf->sysfs == VIEW_HOST)
		visit_path(&l, "/sys", FS_ACCESS_MODIFY);
	tell_directories(conf, &l);
	tell_rules(conf, &l);
}
