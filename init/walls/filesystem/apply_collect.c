/* SPDX-License-Identifier: MIT
 * From the plan to the sorted items of a view: what every view has, the service's directories, its
 * rules.
 */
#include "walls/filesystem/parts.h"
#include "base/count.h"
#include "base/notify.h"
#include "base/span.h"
#include <errno.h>
#include <string.h>

/* places for what is mounted below, nothing else */
#define OWN_RUN "mode=755,size=64k,nr_inodes=512,ro"
#define OPTIONAL true

static int add_item(struct fs_view *v, const char *target, const char *source, unsigned kind,
	enum fs_origin origin, bool optional)
{
	if (v->count == FS_MAX_ITEMS)
		return fs_fail(v, -E2BIG, "too many mounts at", target);
	v->item[v->count++] = (struct fs_item){.target = target,
		.source = source,
		.options = "",
		.tree = -1,
		.kind = (uint8_t)kind,
		.origin = (uint8_t)origin,
		.optional = optional};
	return 0;
}

static int add_own(struct fs_view *v, const char *target, unsigned kind, bool optional)
{
	return add_item(v, target, target, kind, FROM_DEFAULT, optional);
}

/* What the host shares with the view at the same path: part of its root already, or bound into
 * its own. */
static unsigned shared(const struct fs_view *v)
{
	return fs_has_own_root(v->f) ? FS_BIND : FS_READ_WRITE;
}

/* ---- rules and directories ---- */

static bool is_clean(const char *path)
{
	if (path[0] != '/')
		return false;
	for (const char *at = path; (at = span_behind(at, "/.."));)
		if (*at == '/' || *at == '\0')
			return false;
	return true;
}

static int add_rule(struct fs_view *v, const struct filesystem_rule *r)
{
	const char *target = plan_text(v->p, r->target);
	const char *source = r->op == FS_BIND || r->op == FS_BIND_READ_ONLY ? plan_text(v->p, r->source)
																		: target;
	bool is_root = strcmp(target, "/") == 0;
	if (r->op >= FS_OP_COUNT || !is_clean(target) || !is_clean(source))
		return fs_fail(v, -EINVAL, "bad rule for", target);
	/* Nothing can be mounted over the root itself; it can only be sealed more or less. */
	if (is_root && r->op == FS_READ_WRITE) {
		v->root_writable = true;
		return 0;
	}
	if (is_root && r->op != FS_READ_ONLY && r->op != FS_EXEC && r->op != FS_NO_EXEC)
		return fs_fail(v, -EINVAL, "nothing can take the place of", target);
	int err = add_item(v, target, source, r->op, FROM_RULE, r->flags & FS_OPTIONAL);
	if (err == 0)
		v->item[v->count - 1].options = plan_text(v->p, r->options);
	return err;
}

static int add_rules(struct fs_view *v)
{
	const struct filesystem_rule *r = plan_elements(v->p, v->f->rules, sizeof(*r));
	if (!r && v->f->rules.count)
		return fs_fail(v, -EINVAL, "list of rules", "");
	for (uint32_t i = 0; i < v->f->rules.count; i++) {
		int err = add_rule(v, &r[i]);
		if (err < 0)
			return err;
	}
	return 0;
}

static int add_directories(struct fs_view *v)
{
	const struct filesystem_directory *d = plan_elements(v->p, v->f->directories, sizeof(*d));
	if (!d && v->f->directories.count)
		return fs_fail(v, -EINVAL, "list of directories", "");
	for (uint32_t i = 0; i < v->f->directories.count; i++) {
		const char *path = plan_text(v->p, d[i].path);
		if (!is_clean(path) || strcmp(path, "/") == 0)
			return fs_fail(v, -EINVAL, "bad directory", path);
		/* A configuration directory is in the read-only view of the host as it is. */
		unsigned kind = d[i].writable ? shared(v)
			: fs_has_own_root(v->f)   ? FS_BIND_READ_ONLY
									  : KIND_NONE;
		int err = kind == KIND_NONE ? 0 : add_item(v, path, path, kind, FROM_DIRECTORY, !OPTIONAL);
		if (err < 0)
			return err;
	}
	return 0;
}

/* Does the service's file name `path` or something below it? */
static bool is_named(const struct fs_view *v, const char *path)
{
	size_t n = strlen(path);
	for (unsigned i = 0; i < v->count; i++) {
		const char *t = v->item[i].target;
		if (v->item[i].origin != FROM_DEFAULT && strncmp(t, path, n) == 0 &&
			(t[n] == '\0' || t[n] == '/'))
			return true;
	}
	return false;
}

/* ---- what every view has ---- */

static int add_tmp(struct fs_view *v)
{
	bool private = v->f->flags & FS_PRIVATE_TMP, own_root = fs_has_own_root(v->f);
	int err = add_own(v, "/dev/shm", FS_TMPFS, !OPTIONAL);
	if (err == 0)
		v->item[v->count - 1].options = FS_PRIVATE_OPTIONS;
	if (err == 0)
		err = add_own(v, "/tmp", private ? FS_TMPFS : shared(v), own_root);
	if (err == 0 && private)
		v->item[v->count - 1].options = FS_PRIVATE_OPTIONS;
	if (err == 0)
		err = add_own(v, "/var/tmp", private ? KIND_TMP_TOO : shared(v), OPTIONAL);
	if (err < 0 || !own_root)
		return err;
	err = add_own(v, "/run", FS_TMPFS, OPTIONAL);
	if (err == 0)
		v->item[v->count - 1].options = OWN_RUN;
	return err;
}

/* Where the kernel takes orders in a whole /proc. Most of it asks for uid 0 and no capability,
 * so it can't be left to those. */
static const char *const tunables[] = {"/proc/acpi", "/proc/bus", "/proc/fs", "/proc/irq",
	"/proc/scsi", "/proc/sysrq-trigger"};

static int add_tunables(struct fs_view *v)
{
	/* the host's own /proc, read-only with the rest of the root */
	bool sealed = fs_keeps_proc(v->f);
	bool host = v->f->tunables == VIEW_HOST;
	int err = 0;
	if (v->f->proc & PROC_SUBSET_PID || (host && !sealed))
		return 0;
	if (host)
		return add_own(v, "/proc/sys", FS_READ_WRITE, !OPTIONAL);
	for (size_t i = 0; i < COUNT(tunables) && !sealed && err == 0; i++)
		err = add_own(v, tunables[i], FS_READ_ONLY, OPTIONAL);
	if (err < 0 || (sealed && v->f->tunables == VIEW_READ_ONLY))
		return err;
	return add_own(v, "/proc/sys", v->f->tunables == VIEW_READ_ONLY ? FS_READ_ONLY : FS_HIDDEN,
		!OPTIONAL);
}

static int add_proc(struct fs_view *v)
{
	int err = fs_keeps_proc(v->f) ? 0 : add_own(v, "/proc", KIND_PROC, !OPTIONAL);
	return err < 0 ? err : add_tunables(v);
}

static int add_sysfs(struct fs_view *v)
{
	int err = 0;
	/* Hidden: nothing is left there once the host's is taken away. */
	if (v->f->sysfs == VIEW_READ_ONLY)
		err = add_own(v, "/sys", KIND_SYSFS, !OPTIONAL);
	else if (v->f->sysfs == VIEW_HOST)
		err = add_own(v, "/sys", shared(v), !OPTIONAL);
	return err < 0 || !(v->f->flags & FS_CGROUP)
		? err
		: add_own(v, "/sys/fs/cgroup", KIND_CGROUP, !OPTIONAL);
}

static int add_bulkhead(struct fs_view *v)
{
	bool notify = v->f->flags & FS_NOTIFY_SOCKET;
	int err = 0;
	if (!is_named(v, "/run/log"))
		err = add_own(v, "/run/log", FS_HIDDEN, OPTIONAL);
	/* Once named it is all in the view. */
	if (err == 0 && !is_named(v, "/run/bulkhead"))
		err = add_own(v, "/run/bulkhead", notify ? KIND_NOTIFY_DIR : FS_HIDDEN,
			notify ? !OPTIONAL : OPTIONAL);
	return err < 0 || !notify
		? err
		: add_item(v, NOTIFY_PATH, v->owner->notify, FS_BIND, FROM_DEFAULT, !OPTIONAL);
}

static bool comes_after(const struct fs_item *a, const struct fs_item *b)
{
	int order = strcmp(a->target, b->target);
	return order > 0 || (order == 0 && a->origin > b->origin);
}

/* A parent's path is a prefix of its child's, and so comes first by bytes. Stable, so a later
 * rule for the same target has the last word. */
static void sort(struct fs_view *v)
{
	for (unsigned i = 1; i < v->count; i++) {
		struct fs_item moving = v->item[i];
		unsigned at = i;
		for (; at > 0 && comes_after(&v->item[at - 1], &moving); at--)
			v->item[at] = v->item[at - 1];
		v->item[at] = moving;
	}
}

int fs_collect(struct fs_view *v)
{
	static int (*const parts[])(struct fs_view *) = {add_rules, add_directories, add_tmp, add_proc,
		add_sysfs, add_bulkhead};
	v->count = 0;
	v->root_writable = false;
	for (size_t i = 0; i < COUNT(parts); i++) {
		int err = parts[i](v);
		if (err < 0)
			return err;
	}
	sort(v);
	return 0;
}
