/* SPDX-License-Identifier: MIT
 * The service's control group, made by PID 1 before the first process is cloned into it: see
 * cgroup.h. A limit that cannot be written is a failure that names its file, so that nothing runs
 * with fewer limits than asked for.
 */
#include "base/count.h"
#include "base/feature.h"
#include "base/fmt.h"
#include "base/dirlist.h"
#include "base/num.h"
#include "base/sys.h"
#include "walls/cgroup/cgroup.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REMOVE_DEPTH 8 /* cgroup.max.depth of a delegated group */

enum which { AS_ASKED, LIFTED, SLOWING };

static int write_limits(const struct plan *p, const struct cgroup_plan *c, int group,
	enum which which, struct wall_why *why)
{
	const struct cgroup_write *w = plan_elements(p, c->writes, sizeof(*w));
	if (!w && c->writes.count)
		return wall_failed(why, -EINVAL, "list of limits");
	for (uint32_t i = 0; i < c->writes.count; i++) {
		bool slows = w[i].flags & CG_SLOWS;
		uint32_t missing = why->absent & cgroup_optional(w[i].controller);
		if (missing || slows != (which != AS_ASKED))
			continue;
		int err = cgroup_put(group, plan_text(p, w[i].file),
			plan_text(p, which == LIFTED ? w[i].lift : w[i].value), w[i].controller, why);
		if (err < 0)
			return err;
	}
	return 0;
}

/* ---- delegation ---- */

#define DIRECTORY 4 /* DT_DIR */

/* Removes the groups below, deepest first. A service can make no more of them than its
 * cgroup.max.descendants. */
static int remove_below(int group, int depth)
{
	int dir = depth > 0 ? openat(group, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	struct dirlist names;
	const char *name;
	int r = 0, err = 0;
	if (dir < 0)
		return depth > 0 ? -errno : -ELOOP;
	dirlist_start(&names, dir);
	while (err == 0 && (r = dirlist_next(&names, &name)) > 0) {
		if (names.type != DIRECTORY)
			continue;
		int below = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		err = below < 0 ? -errno : remove_below(below, depth - 1);
		if (below >= 0)
			close(below);
		if (err == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0)
			err = -errno;
	}
	close(dir);
	return r < 0 ? -EIO : err;
}

static int delegate(const struct cgroup_plan *c, int group, struct wall_why *why)
{
	static const char *const files[] = {"cgroup.procs", "cgroup.subtree_control", "cgroup.threads"};
	if (!(c->flags & CG_DELEGATE))
		return 0;
	for (size_t i = 0; i < COUNT(files); i++)
		if (fchownat(group, files[i], c->uid, c->gid, AT_SYMLINK_NOFOLLOW) < 0)
			return wall_failed2(why, -errno, "chown", files[i]);
	return fchownat(group, "", c->uid, c->gid, AT_EMPTY_PATH) < 0
		? wall_failed(why, -errno, "chown")
		: 0;
}

/* A group whose controllers are handed on to groups below takes no process itself. */
static int undivide(int group)
{
	char text[160], line[176];
	struct span rest, word;
	struct fmt f;
	int err = remove_below(group, REMOVE_DEPTH);
	if (err == 0)
		err = sys_read_file(group, "cgroup.subtree_control", text, sizeof(text));
	if (err <= 0)
		return err;
	fmt_init(&f, line, sizeof(line));
	text[strcspn(text, "\n")] = '\0';
	for (rest = span_of(text); span_word(&rest, &word);) {
		fmt_str(&f, " -");
		fmt_mem(&f, word.p, word.n);
	}
	return f.len ? sys_write_file(group, "cgroup.subtree_control", line, f.len) : 0;
}

/* ---- what this build leaves out ---- */

static int disk_weights(const struct plan *p, const struct cgroup_plan *c, int root, int group,
	struct wall_why *why)
{
	if (CONFIG_CGROUP_IO)
		return cgroup_disk_weights(p, c, root, group, why);
	return c->disks.count || c->weight.cost
		? wall_left_out(why, OPTIONAL_IO, feature_name(OF(CGROUP_IO)))
		: 0;
}

static int disk_limits(const struct plan *p, const struct cgroup_plan *c, int group, bool lift,
	struct wall_why *why)
{
	/* disk_weights has spoken */
	return CONFIG_CGROUP_IO ? cgroup_disk_limits(p, c, group, lift, why) : 0;
}

static int programs(const struct plan *p, const struct cgroup_plan *c, int group,
	struct wall_why *why)
{
	int err = 0;
	if (CONFIG_CGROUP_BPF)
		return cgroup_programs(p, c, group, why);
	for (int kind = 0; kind < PROGRAM_COUNT && err == 0; kind++) {
		if (c->program[kind].count)
			err = wall_left_out(why, kind == PROGRAM_DEVICES ? OPTIONAL_DEVICES : OPTIONAL_IP,
				feature_name(OF(CGROUP_BPF)));
	}
	return err;
}

/* ---- making it ---- */

int cgroup_lift(const struct plan *p, const struct cgroup_plan *c, int group, struct wall_why *why)
{
	int err = c->flags & CG_DELEGATE ? undivide(group) : 0;
	if (err < 0)
		return wall_failed(why, err, "groups below");
	err = write_limits(p, c, group, LIFTED, why);
	return err < 0 ? err : disk_limits(p, c, group, true, why);
}

static int configure(const struct plan *p, const struct cgroup_plan *c, int root, int group,
	struct wall_why *why)
{
	uint32_t wanted = c->controllers;
	int err = cgroup_check_controllers(root, group, &wanted, why);
	if (err == 0)
		err = write_limits(p, c, group, AS_ASKED, why);
	if (err == 0)
		err = disk_weights(p, c, root, group, why);
	if (err == 0)
		err = cgroup_lift(p, c, group, why);
	return err < 0 ? err : delegate(c, group, why);
}

int cgroup_make(const struct plan *p, const struct cgroup_plan *c, int root, int parent,
	const char *name, int *fd, struct wall_why *why)
{
	*fd = -1;
	if (!name[0] || strchr(name, '/') || name[0] == '.')
		return wall_failed2(why, -EINVAL, "bad name", name);
	/* A group that stands is that of an earlier start: its limits are written anew. */
	bool made = mkdirat(parent, name, 0755) == 0;
	if (!made && errno != EEXIST)
		return wall_failed2(why, -errno, "mkdir", name);
	int group = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int err = group < 0 ? wall_failed2(why, -errno, "open", name)
						: configure(p, c, root, group, why);
	if (err == 0) {
		*fd = group;
		return 0;
	}
	if (group >= 0)
		close(group);
	if (made)
		unlinkat(parent, name, AT_REMOVEDIR);
	return err;
}

int cgroup_enter(const struct plan *p, const struct cgroup_plan *c, int group, bool join,
	struct wall_why *why)
{
	int err = join ? sys_write_file(group, "cgroup.procs", "0", 1) : 0;
	if (err < 0)
		return wall_failed(why, err, "cgroup.procs");
	err = write_limits(p, c, group, SLOWING, why);
	if (err == 0)
		err = disk_limits(p, c, group, false, why);
	return err < 0 ? err : programs(p, c, group, why);
}

/* ---- what it says ---- */

int cgroup_freeze(int group, bool frozen)
{
	int err = sys_write_file(group, "cgroup.freeze", frozen ? "1" : "0", 1);
	return err == -ENOENT ? 0 : err; /* before Linux 5.2 */
}

int cgroup_kill(int group)
{
	return sys_write_file(group, "cgroup.kill", "1", 1);
}

/* The number behind a key at the beginning of a line, or -1. */
static int64_t number_behind(const char *text, const char *key)
{
	size_t n = strlen(key);
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		uint64_t v;
		if (len > n && memcmp(line, key, n) == 0 && line[n] == ' ')
			return num_u64((struct span){line + n + 1, len - n - 1}, INT64_MAX, &v) == 0
				? (int64_t)v
				: -1;
		line += len + (line[len] == '\n');
	}
	return -1;
}

int cgroup_populated(int group)
{
	char text[128];
	int err = sys_read_file(group, "cgroup.events", text, sizeof(text));
	int64_t n = err < 0 ? err : number_behind(text, "populated");
	if (err < 0)
		return err;
	return n < 0 ? -EINVAL : n == 1;
}

int64_t cgroup_oom_kills(int group)
{
	char text[512];
	int err = sys_read_file(group, "memory.events", text, sizeof(text));
	int64_t n = err < 0 ? err : number_behind(text, "oom_kill");
	return err >= 0 && n < 0 ? -EINVAL : n;
}

int64_t cgroup_kernel_memory(int group)
{
	static const char *const parts[] = {"kernel_stack", "pagetables", "percpu", "sock", "slab"};
	static char text[4096]; /* 2 kB in Linux 6.12 */
	int err = sys_read_file(group, "memory.stat", text, sizeof(text));
	int64_t n = err < 0 ? err : number_behind(text, "kernel"), sock;
	if (err < 0)
		return err;
	sock = number_behind(text, "sock");
	/* the sum is there since Linux 5.18, without the sockets' buffers, which are charged apart */
	if (n >= 0)
		return n + (sock > 0 ? sock : 0);
	n = 0;
	for (size_t i = 0; i < COUNT(parts); i++) {
		int64_t part = number_behind(text, parts[i]);
		n += part > 0 ? part : 0;
	}
	return n;
}

int cgroup_remove(int root, const char *name)
{
	if (unlinkat(root, name, AT_REMOVEDIR) == 0)
		return 0;
	int err = -errno,
		group = err == -EBUSY ? openat(root, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
							  : -1;
	if (group < 0)
		return err;
	err = cgroup_populated(group) == 0 ? remove_below(group, REMOVE_DEPTH) : -EBUSY;
	close(group);
	if (err < 0)
		return err;
	return unlinkat(root, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}
