/* SPDX-License-Identifier: MIT
 * The paths that the file names, compared with what is mounted there in the view.
 */
#include "walls/filesystem/report.h"
#include "base/count.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const struct filesystem_conf *conf_of(const struct look *l)
{
	return l->conf;
}

/* What every view has by default, and directories of the service's own. */
static bool is_default_mount(const struct look *l, struct span point)
{
	static const char *const tops[] = {"/tmp", "/var/tmp", "/dev", "/proc", "/sys",
		"/run/bulkhead"};
	char path[FILESYSTEM_PATH];
	for (size_t i = 0; i < COUNT(tops); i++)
		if (span_below(point, span_of(tops[i])))
			return true;
	for (unsigned kind = 0; kind < DIRECTORY_CONFIGURATION; kind++)
		for (size_t i = 0; filesystem_directory_path(conf_of(l), kind, i, path); i++)
			if (span_below(point, span_of(path)))
				return true;
	return false;
}

/* Whether a rule of its own is about this mount, below one about `path`. */
static bool has_rule_below(const struct look *l, struct span path, struct span point)
{
	for (size_t i = 0; i < conf_of(l)->rules; i++) {
		struct span target = conf_of(l)->rule[i].target;
		if (target.n > path.n && span_below(point, target))
			return true;
	}
	return false;
}

/* A mount below the path that has not this word, and that no rule is about: its point, or NULL. */
static const char *without_below(const struct look *l, const struct look_mount *m,
	struct span target, const char *word)
{
	struct span path = m->is_point ? span_of(m->point) : target;
	static char point[256];
	char options[128];
	struct span rest = span_of(l->mounts), line;
	while (span_line(&rest, &line)) {
		if (look_mount_field(line, 5, options, sizeof(options)) < 0 ||
			look_has_word(options, span_of(word)))
			continue;
		if (look_mount_field(line, 4, point, sizeof(point)) < 0)
			return "a mount with a long path";
		if (!span_below(span_of(point), path) || span_same(span_of(point), path))
			continue;
		if (!has_rule_below(l, target, span_of(point)) && !is_default_mount(l, span_of(point)))
			return point;
	}
	return NULL;
}

static const char *read_only_below(const struct look *l, const struct look_mount *m,
	const struct filesystem_conf_rule *r)
{
	return without_below(l, m, r->target, "ro");
}

static const char *no_exec_below(const struct look *l, const struct look_mount *m,
	const struct filesystem_conf_rule *r)
{
	return without_below(l, m, r->target, "noexec");
}

static const char *in_memory(const struct look *l, const struct look_mount *m,
	const struct filesystem_conf_rule *r)
{
	if (strcmp(m->root, "/") != 0 ||
		(!filesystem_has_own_root(conf_of(l)) && look_mount_is_the_hosts(m, r->target) == 1))
		return "not its own";
	const char *wrong;
	return look_mount_lacks(m, r->options, &wrong) ? wrong : NULL;
}

static const char *from_source(const struct look *l, const struct look_mount *m,
	const struct filesystem_conf_rule *r)
{
	(void)l;
	if (strstr(m->root, "//deleted") || look_mount_is_the_hosts(m, r->source) == 0)
		return "the source is a different file now";
	return look_mount_is_the_hosts(m, r->source) == 1 ? NULL : "the source is not visible";
}

/* Writable as far as the source is. */
static const char *writable_from_source(const struct look *l, const struct look_mount *m,
	const struct filesystem_conf_rule *r)
{
	const char *wrong = from_source(l, m, r);
	char source[300];
	struct statvfs st;
	if (wrong || look_mount_fits(m, "!ro"))
		return wrong;
	return span_copy(r->source, source, sizeof(source)) >= 0 && statvfs(source, &st) == 0 &&
			st.f_flag & ST_RDONLY
		? NULL
		: "read-only";
}

static const char *read_only_from_source(const struct look *l, const struct look_mount *m,
	const struct filesystem_conf_rule *r)
{
	const char *wrong = from_source(l, m, r);
	return wrong ? wrong : read_only_below(l, m, r);
}

static const char *the_hosts(const struct look *l, const struct look_mount *m,
	const struct filesystem_conf_rule *r)
{
	if (filesystem_has_own_root(conf_of(l)) || span_below(r->target, span_of("/proc")))
		return NULL;
	return look_mount_is_the_hosts(m, r->target) == 1 ? NULL : "the path leads elsewhere now";
}

/* The very file of the host's, where it comes from there. */
static const char *the_file(const struct look *l, const struct look_mount *m,
	const struct filesystem_conf_rule *r)
{
	char host[300];
	struct span rule;
	int where = filesystem_locate(conf_of(l), r->target, host, sizeof(host), &rule);
	if (where <= 0 || is_default_mount(l, r->target))
		return NULL;
	return look_mount_is_the_hosts(m, span_of(host)) == 1 ? NULL : "the path leads elsewhere now";
}

static const struct {
	enum directive_id directive;
	const char *words;
	look_amiss *amiss;
} by_op[FS_OP_COUNT] = {
	[FS_READ_ONLY] = {D_Filesystem_ReadOnlyPaths, "ro nosuid nodev", read_only_below},
	[FS_READ_WRITE] = {D_Filesystem_ReadWritePaths, "!ro nosuid nodev", the_hosts},
	[FS_HIDDEN] = {D_Filesystem_InaccessiblePaths, "point ro nosuid nodev noexec tmpfs",
		look_nothing_there},
	[FS_BIND] = {D_Filesystem_BindPaths, "point nosuid nodev", writable_from_source},
	[FS_BIND_READ_ONLY] = {D_Filesystem_BindReadOnlyPaths, "point ro nosuid nodev",
		read_only_from_source},
	[FS_TMPFS] = {D_Filesystem_TemporaryFileSystem, "point tmpfs nosuid nodev", in_memory},
	[FS_EXEC] = {D_Filesystem_ExecPaths, "!noexec nosuid nodev", the_file},
	[FS_NO_EXEC] = {D_Filesystem_NoExecPaths, "noexec", no_exec_below},
};

static void look_at_rules(struct look *l)
{
	char path[256];
	for (size_t i = 0; i < conf_of(l)->rules; i++) {
		const struct filesystem_conf_rule *r = &conf_of(l)->rule[i];
		if (span_copy(r->target, path, sizeof(path)) < 0)
			look_row(l, by_op[r->op].directive, "", UNSEEN, filesystem_op_name(r->op),
				"a path too long");
		else /* Below a hidden path it is hidden too, and the kernel says it is not there. */
			look_at_mount(l, by_op[r->op].directive, path, filesystem_op_name(r->op),
				by_op[r->op].words, r, by_op[r->op].amiss);
	}
}

void filesystem_look(struct look *l)
{
	if (!l->context->own_mounts)
		return;
	look_at_root(l);
	look_at_rules(l);
	look_at_views(l);
}
