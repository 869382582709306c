/* SPDX-License-Identifier: MIT
 * The service's view, from its mountinfo (proc_pid_mountinfo(5)): which mount a path really lies on is asked of the kernel, by the mount's number
 * (statx(2), 5.8), since mounts lie over one another and links lead elsewhere.
 */
#include "compile/inforce.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct mount {
	char options[128]; /* of the mount: ro,nosuid … */
	char point[256], type[32], super[256];
	bool is_point; /* the path is where it is mounted, and not something below */
};

static bool find_mount(const struct look *l, uint64_t id, struct mount *m)
{
	for (const char *line = l->mounts; line && *line; line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n')) {
		unsigned long long number;
		const char *dash = strstr(line, " - ");

		if (!dash || sscanf(line, "%llu %*s %*s %*s %255s %127s", &number, m->point, m->options) != 3 || number != id)
			continue;
		return sscanf(dash, " - %31s %*s %255s", m->type, m->super) == 2;
	}
	return false;
}

/* 0, or -errno: -ENOENT if there is no such path in the view. */
static int mount_of(const struct look *l, const char *path, struct mount *m)
{
	struct statx st;
	int root = openat(l->dir, "root", O_PATH | O_CLOEXEC);

	if (root < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	int fd = sys_openat2(root, path[1] ? path + 1 : ".", O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT);

	close(root);
	if (fd < 0)
		return fd;
	int err = syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0 ? -errno : 0;

	close(fd);
	if (err < 0)
		return err;
	/* Both are of Linux 5.8; without them nothing is said. */
	if (!(st.stx_mask & STATX_MNT_ID) || !(st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT))
		return -ENOSYS;
	m->is_point = st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
	return find_mount(l, st.stx_mnt_id, m) ? 0 : -ENOSYS;
}

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; (at = strstr(at, word)) != NULL; at += n) {
		if ((at == list || at[-1] == ',') && (at[n] == '\0' || at[n] == ','))
			return true;
	}
	return false;
}

/* Of the words ("ro nosuid !noexec tmpfs"), each has to be among the mount's options or its type; ! negates. "point": it is mounted at the path itself.
 * What is hidden in /run, a read-only tmpfs in the view, has all its options still when the kernel has taken the mount away: a file that somebody outside
 * renames over another, or removes, takes along what was mounted on it. */
static bool fits(const struct mount *m, const char *words)
{
	struct span rest = span_of(words), word;
	char one[64];

	while (span_word(&rest, &word)) {
		bool no = word.p[0] == '!';
		struct span name = {word.p + no, word.n - no};

		if (span_copy(name, one, sizeof(one)) < 0)
			return false;
		if (span_is(name, "point") && !m->is_point)
			return false;
		if (span_is(name, "point"))
			continue;
		if (no == (has_word(m->options, one) || has_word(m->super, one) || strcmp(m->type, one) == 0))
			return false;
	}
	return true;
}

/* `words` for fits, beside how it is called in the file. */
static void look_at_path(
	struct look *l, const char *directive, const char *path, const char *asked, const char *words, bool optional)
{
	struct mount m = {.options = ""};
	int err = mount_of(l, path, &m);
	char found[sizeof(m.options) + sizeof(m.type) + 2];

	bool good = err == 0 && fits(&m, words);

	if (err == 0 && !good && !m.is_point && strncmp(words, "point", 5) == 0)
		snprintf(found, sizeof(found), "nothing is mounted there any more");
	else
		snprintf(found, sizeof(found), "%s %s", m.type, m.options);
	if (err == 0)
		look_row(l, "Filesystem", directive, path, good ? IN_FORCE : MISSING, asked, found);
	else if (err == -ENOENT && optional)
		look_row(l, "Filesystem", directive, path, IN_FORCE, asked, "there is none");
	else
		look_row(l, "Filesystem", directive, path, err == -ENOENT ? MISSING : UNSEEN, asked, err == -ENOENT ? "not there" : "");
}

static const struct {
	const char *directive, *words;
} by_op[FS_OP_COUNT] = {
	[FS_READ_ONLY] = {"ReadOnlyPaths", "ro nosuid nodev"},
	[FS_READ_WRITE] = {"ReadWritePaths", "!ro nosuid nodev"},
	[FS_HIDDEN] = {"InaccessiblePaths", "point ro tmpfs"},
	[FS_BIND] = {"BindPaths", "point nosuid nodev"},
	[FS_BIND_READ_ONLY] = {"BindReadOnlyPaths", "point ro nosuid nodev"},
	[FS_TMPFS] = {"TemporaryFileSystem", "point tmpfs nosuid nodev"},
	[FS_EXEC] = {"ExecPaths", "!noexec"},
	[FS_NO_EXEC] = {"NoExecPaths", "noexec"},
};

static void look_at_rules(struct look *l)
{
	char path[256];

	for (size_t i = 0; i < l->s->filesystem.rules; i++) {
		const struct filesystem_conf_rule *r = &l->s->filesystem.rule[i];

		if (span_copy(r->target, path, sizeof(path)) < 0)
			continue;
		/* Below a hidden path it is hidden too, and the kernel says it is not there. */
		look_at_path(l, by_op[r->op].directive, path, filesystem_op_name(r->op), by_op[r->op].words, r->flags & FS_OPTIONAL);
	}
}

static void look_at_own_directories(struct look *l)
{
	static const char *const directives[DIRECTORY_KINDS] = {
		"RuntimeDirectory", "StateDirectory", "CacheDirectory", "LogsDirectory", "ConfigurationDirectory"};
	char path[300];

	for (int kind = 0; kind < DIRECTORY_KINDS; kind++) {
		for (size_t i = 0; i < l->s->filesystem.directory[kind].count; i++) {
			struct span name = l->s->filesystem.directory[kind].name[i];
			struct mount m = {.options = ""};
			bool own = kind != DIRECTORY_CONFIGURATION;

			snprintf(path, sizeof(path), "%s/%.*s", filesystem_directory_top((enum directory_kind)kind), SPAN_ARGS(name));
			int err = mount_of(l, path, &m);
			bool good = err == 0 && fits(&m, own ? "point !ro nosuid nodev" : "nosuid nodev");

			look_row(l, "Service", directives[kind], path,
				good                        ? IN_FORCE
					: err && err != -ENOENT ? UNSEEN
											: MISSING,
				own ? "writable" : "readable", m.options);
		}
	}
}

static void look_at_kernel_views(struct look *l)
{
	const struct filesystem_conf *f = &l->s->filesystem;
	bool host_pids = !(l->s->namespaces.own & NS_PID);
	struct mount m = {.options = ""};

	if (f->private_tmp)
		look_at_path(l, "PrivateTmp", "/tmp", "private", "point tmpfs !ro nosuid nodev", false);
	if (f->proc_subset_pid)
		look_at_path(l, "ProcSubset", "/proc", "processes alone", "proc subset=pid nosuid nodev noexec", false);
	if (f->proc_invisible)
		look_at_path(l, "ProtectProc", "/proc", "others' processes hidden", "proc hidepid=invisible", false);
	if (f->tunables == VIEW_HIDDEN && f->proc_subset_pid)
		look_row(l, "Filesystem", "KernelTunables", "", mount_of(l, "/proc/sys", &m) == -ENOENT ? IN_FORCE : MISSING, "hidden",
			"hidden");
	else if (f->tunables != VIEW_HOST && !host_pids)
		look_at_path(l, "KernelTunables", "/proc/sys", f->tunables == VIEW_HIDDEN ? "hidden" : "read-only", "ro", false);
	if (f->sysfs != VIEW_HOST)
		look_at_path(l, "Sysfs", "/sys", f->sysfs == VIEW_HIDDEN ? "hidden" : "read-only",
			f->sysfs == VIEW_HIDDEN ? "!sysfs" : "sysfs ro", true);
}

static void look_at_devices(struct look *l)
{
	char path[256];

	for (size_t i = 0; i < l->s->filesystem.devices; i++) {
		struct mount m = {.options = ""};

		snprintf(path, sizeof(path), "/dev/%.*s", SPAN_ARGS(l->s->filesystem.device[i]));
		int err = mount_of(l, path, &m);

		look_row(l, "Filesystem", "Devices", path,
			err == 0             ? IN_FORCE
				: err == -ENOENT ? MISSING
								 : UNSEEN,
			"there", err == 0 ? "there" : "");
	}
}

static bool root_writable(const struct filesystem_conf *f)
{
	for (size_t i = 0; i < f->rules; i++) {
		if (f->rule[i].op == FS_READ_WRITE && span_is(f->rule[i].target, "/"))
			return true;
	}
	return false;
}

void look_at_mounts(struct look *l)
{
	if (!(l->s->namespaces.own & NS_MOUNT))
		return;
	look_at_path(l, "", "/", "sealed", root_writable(&l->s->filesystem) ? "nosuid nodev" : "ro nosuid nodev", false);
	look_at_rules(l);
	look_at_own_directories(l);
	look_at_kernel_views(l);
	look_at_devices(l);
}
