/* SPDX-License-Identifier: MIT
 * The service's view, from its mountinfo (proc_pid_mountinfo(5)): which mount a path really lies on
 * is asked of the kernel, by the mount's number (statx(2), 5.8), since mounts lie over one another
 * and links lead elsewhere.
 */
#include "report/inforce/inforce.h"
#include "base/count.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/vfs.h>
#include <unistd.h>

struct mount {
	char options[128]; /* of the mount: ro,nosuid … */
	char root[256], point[256], type[32], super[256];
	bool is_point;      /* the path is where it is mounted, and not something below */
	struct statx file;  /* what is there */
	struct statfs room; /* of a tmpfs, which always answers */
};

static bool find_mount(const struct look *l, uint64_t id, struct mount *m)
{
	for (const char *line = l->mounts; line && *line;
		 line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n')) {
		unsigned long long number;
		const char *dash = strstr(line, " - ");
		if (!dash ||
			sscanf(line, "%llu %*s %*s %255s %255s %127s", &number, m->root, m->point,
				m->options) != 4 ||
			number != id)
			continue;
		return sscanf(dash, " - %31s %*s %255s", m->type, m->super) == 2;
	}
	return false;
}

static int read_mount(const struct look *l, int fd, struct mount *m)
{
	if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &m->file) < 0)
		return -errno;
	/* Both are of Linux 5.8; without them nothing is said. */
	if (!(m->file.stx_mask & STATX_MNT_ID) ||
		!(m->file.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT))
		return -ENOSYS;
	m->is_point = m->file.stx_attributes & STATX_ATTR_MOUNT_ROOT;
	if (!find_mount(l, m->file.stx_mnt_id, m))
		return -ENOSYS;
	return strcmp(m->type, "tmpfs") == 0 && fstatfs(fd, &m->room) < 0 ? -errno : 0;
}

/* 0, or -errno: -ENOENT if there is no such path in the view. */
static int mount_of(const struct look *l, const char *path, struct mount *m)
{
	int root = openat(l->dir, "root", O_PATH | O_CLOEXEC);
	if (root < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	int fd = sys_openat2(root, path[1] ? path + 1 : ".", O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT);
	close(root);
	if (fd < 0)
		return fd;
	int err = read_mount(l, fd, m);
	close(fd);
	return err;
}

/* Of the words ("ro nosuid !noexec tmpfs"), each has to be among the mount's options or its type; !
 * negates. "point": it is mounted at the path itself. What is hidden in /run, a read-only tmpfs in
 * the view, has all its options still when the kernel has taken the mount away: a file that
 * somebody outside renames over another, or removes, takes along what was mounted on it. */
static bool fits(const struct mount *m, const char *words)
{
	struct span rest = span_of(words), word;
	while (span_word(&rest, &word)) {
		bool no = word.p[0] == '!';
		struct span name = {word.p + no, word.n - no};
		if (span_is(name, "point") && !m->is_point)
			return false;
		if (span_is(name, "point"))
			continue;
		if (no ==
			(look_has_word(m->options, name) || look_has_word(m->super, name) ||
				span_is(name, m->type)))
			return false;
	}
	return true;
}

/* ---- what a path shows ---- */

/* 1: the host's file, 0: another, -errno: the host has none, or it is not to be seen. */
static int is_the_hosts(const struct mount *m, struct span path)
{
	char host[300];
	struct statx st;
	if (span_copy(path, host, sizeof(host)) < 0)
		return -ENAMETOOLONG;
	if (syscall(SYS_statx, AT_FDCWD, host, 0, STATX_BASIC_STATS, &st) < 0)
		return -errno;
	return st.stx_dev_major == m->file.stx_dev_major && st.stx_dev_minor == m->file.stx_dev_minor &&
		st.stx_ino == m->file.stx_ino;
}

/* Of "size=1M,mode=0700" what the kernel has not so, in *wrong; false: it has all of it. */
static bool lacks_option(const struct mount *m, struct span options, const char **wrong)
{
	static char text[64];
	struct sysinfo info = {0};
	sysinfo(&info);
	struct look_memory memory = {
		.options = m->options,
		.super = m->super,
		.bytes = (uint64_t)m->room.f_blocks * (uint64_t)m->room.f_bsize,
		.block = (uint64_t)m->room.f_bsize,
		.files = m->room.f_files,
		.total = (uint64_t)info.totalram * info.mem_unit,
	};
	struct span amiss = memory.block ? look_memory_amiss(&memory, options) : options;
	snprintf(text, sizeof(text), "not %.*s", SPAN_ARGS(amiss));
	*wrong = text;
	return amiss.n > 0;
}

/* What the house mounts into every view, and directories of the service's own. */
static bool is_of_the_house(const struct look *l, struct span point)
{
	static const char *const tops[] = {"/tmp", "/var/tmp", "/dev", "/proc", "/sys",
		"/run/bulkhead"};
	char path[300];
	for (size_t i = 0; i < COUNT(tops); i++)
		if (path_below(point, span_of(tops[i])))
			return true;
	for (int kind = 0; kind < DIRECTORY_CONFIGURATION; kind++) {
		for (size_t i = 0; i < l->s->filesystem.directory[kind].count; i++) {
			snprintf(path, sizeof(path), "%s/%.*s",
				filesystem_directory_top((enum directory_kind)kind),
				SPAN_ARGS(l->s->filesystem.directory[kind].name[i]));
			if (path_below(point, span_of(path)))
				return true;
		}
	}
	return false;
}

/* Whether a rule of its own is about this mount, below one about `path`. */
static bool has_rule_below(const struct look *l, struct span path, struct span point)
{
	for (size_t i = 0; i < l->s->filesystem.rules; i++) {
		struct span target = l->s->filesystem.rule[i].target;
		if (target.n > path.n && path_below(point, target))
			return true;
	}
	return false;
}

/* A mount below the path that has not this word, and that no rule is about: its point, or NULL. */
static const char *without_below(const struct look *l, const struct mount *m, struct span target,
	const char *word)
{
	struct span path = m->is_point ? span_of(m->point) : target;
	static char point[256];
	char options[128];
	for (const char *line = l->mounts; line && *line;
		 line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n')) {
		if (sscanf(line, "%*s %*s %*s %*s %255s %127s", point, options) != 2 ||
			look_has_word(options, span_of(word)))
			continue;
		if (!path_below(span_of(point), path) || span_same(span_of(point), path))
			continue;
		if (!has_rule_below(l, target, span_of(point)) && !is_of_the_house(l, span_of(point)))
			return point;
	}
	return NULL;
}

/* What the kernel says of one rule: NULL if it is just that, else what is amiss. */
typedef const char *exactly(const struct look *l, const struct mount *m,
	const struct filesystem_conf_rule *r);

static const char *read_only_below(const struct look *l, const struct mount *m,
	const struct filesystem_conf_rule *r)
{
	return without_below(l, m, r->target, "ro");
}

static const char *no_exec_below(const struct look *l, const struct mount *m,
	const struct filesystem_conf_rule *r)
{
	return without_below(l, m, r->target, "noexec");
}

/* An empty file or directory of the cell's, without any mode. */
static const char *nothing_there(const struct look *l, const struct mount *m,
	const struct filesystem_conf_rule *r)
{
	const char *name = strrchr(m->root, '/');
	bool empty = name && (strcmp(name, "/directory") == 0 || strcmp(name, "/file") == 0);
	(void)l;
	(void)r;
	return empty && (m->file.stx_mode & 0777) == 0 ? NULL : "not what hides";
}

static const char *in_memory(const struct look *l, const struct mount *m,
	const struct filesystem_conf_rule *r)
{
	if (strcmp(m->root, "/") != 0 ||
		(!filesystem_has_own_root(&l->s->filesystem) && is_the_hosts(m, r->target) == 1))
		return "not its own";
	const char *wrong;
	return lacks_option(m, r->options, &wrong) ? wrong : NULL;
}

static const char *from_source(const struct look *l, const struct mount *m,
	const struct filesystem_conf_rule *r)
{
	(void)l;
	if (strstr(m->root, "//deleted") || is_the_hosts(m, r->source) == 0)
		return "the source is another by now";
	return is_the_hosts(m, r->source) == 1 ? NULL : "the source is not to be seen";
}

/* Writable as far as the source is. */
static const char *writable_from_source(const struct look *l, const struct mount *m,
	const struct filesystem_conf_rule *r)
{
	const char *wrong = from_source(l, m, r);
	char source[300];
	struct statvfs st;
	if (wrong || fits(m, "!ro"))
		return wrong;
	return span_copy(r->source, source, sizeof(source)) >= 0 && statvfs(source, &st) == 0 &&
			st.f_flag & ST_RDONLY
		? NULL
		: "read-only";
}

static const char *read_only_from_source(const struct look *l, const struct mount *m,
	const struct filesystem_conf_rule *r)
{
	const char *wrong = from_source(l, m, r);
	return wrong ? wrong : read_only_below(l, m, r);
}

static const char *the_hosts(const struct look *l, const struct mount *m,
	const struct filesystem_conf_rule *r)
{
	if (filesystem_has_own_root(&l->s->filesystem) || path_below(r->target, span_of("/proc")))
		return NULL;
	return is_the_hosts(m, r->target) == 1 ? NULL : "the path is another by now";
}

/* The very file of the host's, where it comes from there. */
static const char *the_file(const struct look *l, const struct mount *m,
	const struct filesystem_conf_rule *r)
{
	char host[300];
	struct span rule;
	int where = filesystem_locate(&l->s->filesystem, r->target, host, sizeof(host), &rule);
	if (where <= 0 || is_of_the_house(l, r->target))
		return NULL;
	return is_the_hosts(m, span_of(host)) == 1 ? NULL : "the path is another by now";
}

/* What binds nothing because there was no source. */
static bool has_no_source(const struct filesystem_conf_rule *r)
{
	char source[300];
	if (!(r->flags & FS_OPTIONAL) || (r->op != FS_BIND && r->op != FS_BIND_READ_ONLY))
		return false;
	return span_copy(r->source, source, sizeof(source)) >= 0 && access(source, F_OK) < 0 &&
		errno == ENOENT;
}

/* `words` for fits, beside how it is called in the file. `rule` and `amiss` may be NULL. */
static void look_at_mount(struct look *l, const char *directive, const char *path,
	const char *asked, const char *words, const struct filesystem_conf_rule *rule, exactly *amiss)
{
	struct mount m = {.options = ""};
	int err = mount_of(l, path, &m);
	bool optional = rule && rule->flags & FS_OPTIONAL;
	const char *wrong = err == 0 && amiss ? amiss(l, &m, rule) : NULL;
	bool good = err == 0 && fits(&m, words) && !wrong;
	char found[sizeof(m.options) + sizeof(m.type) + 2];
	snprintf(found, sizeof(found), "%s %s", m.type, m.options);
	if (err == 0 && !m.is_point && strncmp(words, "point", 5) == 0)
		wrong = "nothing is mounted there any more";
	if (err == 0 && !m.is_point && rule && has_no_source(rule))
		look_row(l, "Filesystem", directive, path, IN_FORCE, asked, "there is no source");
	else if (err == 0)
		look_row(l, "Filesystem", directive, path, good ? IN_FORCE : MISSING, asked,
			wrong ? wrong : found);
	else if (err == -ENOENT && optional)
		look_row(l, "Filesystem", directive, path, IN_FORCE, asked, "there is none");
	else
		look_row(l, "Filesystem", directive, path, err == -ENOENT ? MISSING : UNSEEN, asked,
			err == -ENOENT ? "not there" : "");
}

static void look_at_path(struct look *l, const char *directive, const char *path, const char *asked,
	const char *words)
{
	look_at_mount(l, directive, path, asked, words, NULL, NULL);
}

static const struct {
	const char *directive, *words;
	exactly *amiss;
} by_op[FS_OP_COUNT] = {
	[FS_READ_ONLY] = {"ReadOnlyPaths", "ro nosuid nodev", read_only_below},
	[FS_READ_WRITE] = {"ReadWritePaths", "!ro nosuid nodev", the_hosts},
	[FS_HIDDEN] = {"InaccessiblePaths", "point ro nosuid nodev noexec tmpfs", nothing_there},
	[FS_BIND] = {"BindPaths", "point nosuid nodev", writable_from_source},
	[FS_BIND_READ_ONLY] = {"BindReadOnlyPaths", "point ro nosuid nodev", read_only_from_source},
	[FS_TMPFS] = {"TemporaryFileSystem", "point tmpfs nosuid nodev", in_memory},
	[FS_EXEC] = {"ExecPaths", "!noexec nosuid nodev", the_file},
	[FS_NO_EXEC] = {"NoExecPaths", "noexec", no_exec_below},
};

static void look_at_rules(struct look *l)
{
	char path[256];
	for (size_t i = 0; i < l->s->filesystem.rules; i++) {
		const struct filesystem_conf_rule *r = &l->s->filesystem.rule[i];
		if (span_copy(r->target, path, sizeof(path)) < 0)
			look_row(l, "Filesystem", by_op[r->op].directive, "", UNSEEN, filesystem_op_name(r->op),
				"a path too long");
		else /* Below a hidden path it is hidden too, and the kernel says it is not there. */
			look_at_mount(l, by_op[r->op].directive, path, filesystem_op_name(r->op),
				by_op[r->op].words, r, by_op[r->op].amiss);
	}
}

static enum verdict verdict_of(int err, bool good)
{
	return err == 0 && good ? IN_FORCE : err && err != -ENOENT ? UNSEEN : MISSING;
}

/* What the kernel has as the bounds of the file system there. */
static void look_at_bounds(struct look *l, size_t i, const char *path)
{
	char asked[64], found[64] = "";
	uint32_t kb, inodes;
	struct statfs st;
	if (!filesystem_runtime_bounds(&l->s->filesystem, i, &kb, &inodes))
		return;
	int root = openat(l->dir, "root", O_PATH | O_CLOEXEC);
	int fd = root < 0 ? -1 : sys_openat2(root, path + 1, O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT);
	bool seen = fd >= 0 && fstatfs(fd, &st) == 0;
	if (fd >= 0)
		close(fd);
	if (root >= 0)
		close(root);
	snprintf(asked, sizeof(asked), "%u kB, %u files", kb, inodes);
	unsigned long long now = seen
		? (unsigned long long)st.f_blocks * (unsigned long long)st.f_bsize / 1024
		: 0;
	if (seen)
		snprintf(found, sizeof(found), "%llu kB, %llu files", now, (unsigned long long)st.f_files);
	bool bound = seen && now > 0 && now < kb + (unsigned long long)st.f_bsize / 1024 &&
		st.f_files > 0 && st.f_files <= inodes;
	look_row(l, "Service", "RuntimeDirectorySize", path,
		bound      ? IN_FORCE
			: seen ? MISSING
				   : UNSEEN,
		asked, found);
}

/* Whether a rule of these ops is about just this path. */
static bool has_rule(const struct look *l, const char *path, uint32_t ops)
{
	for (size_t i = 0; i < l->s->filesystem.rules; i++)
		if (ops >> l->s->filesystem.rule[i].op & 1 &&
			span_is(l->s->filesystem.rule[i].target, path))
			return true;
	return false;
}

#define REPLACING (1u << FS_HIDDEN | 1u << FS_BIND | 1u << FS_BIND_READ_ONLY | 1u << FS_TMPFS)

/* No program is executed there unless the file names the path. */
static bool is_data(const struct look *l, const char *path, const struct mount *m)
{
	return has_rule(l, path, REPLACING | 1u << FS_READ_WRITE | 1u << FS_EXEC) || fits(m, "noexec");
}

static void look_at_own_directories(struct look *l)
{
	static const char *const directives[DIRECTORY_KINDS] = {"RuntimeDirectory", "StateDirectory",
		"CacheDirectory", "LogsDirectory", "ConfigurationDirectory"};
	char path[300];
	for (int kind = 0; kind < DIRECTORY_KINDS; kind++) {
		for (size_t i = 0; i < l->s->filesystem.directory[kind].count; i++) {
			struct span name = l->s->filesystem.directory[kind].name[i];
			struct mount m = {.options = ""};
			bool own = kind != DIRECTORY_CONFIGURATION;
			snprintf(path, sizeof(path), "%s/%.*s",
				filesystem_directory_top((enum directory_kind)kind), SPAN_ARGS(name));
			int err = mount_of(l, path, &m);
			bool hosts = err == 0 && is_the_hosts(&m, span_of(path)) == 1;
			bool good = err == 0 && hosts &&
				fits(&m, own ? "point !ro nosuid nodev" : "nosuid nodev") &&
				(!own || is_data(l, path, &m));
			look_row(l, "Service", directives[kind], path, verdict_of(err, good),
				own ? "writable" : "readable",
				err == 0 && !hosts ? "another directory than the host's" : m.options);
			if (kind == DIRECTORY_RUNTIME)
				look_at_bounds(l, i, path);
		}
	}
}

/* A file system in memory that the house made: the host's have these paths as well. */
static bool is_private(const struct look *l, const char *path, const struct mount *m,
	const char **wrong)
{
	*wrong = m->options;
	if (!fits(m, "tmpfs !ro nosuid nodev") || is_the_hosts(m, span_of(path)) == 1 ||
		!is_data(l, path, m))
		return false;
	return has_rule(l, path, REPLACING) || !lacks_option(m, span_of(FS_PRIVATE_OPTIONS), wrong);
}

/* Without an own root these are in every view; in one of its own a /tmp may lack. */
static bool look_at_private(struct look *l, const char *directive, const char *path,
	struct mount *m)
{
	const char *found = "";
	int err = mount_of(l, path, m);
	bool good = err == 0 && m->is_point && is_private(l, path, m, &found);
	if (err == -ENOENT && filesystem_has_own_root(&l->s->filesystem))
		return false;
	look_row(l, "Filesystem", directive, path, verdict_of(err, good), "private", found);
	return err == 0;
}

static void look_at_tmp(struct look *l)
{
	struct mount tmp = {.options = ""}, twin = {.options = ""};
	const char *found = "";
	bool is_there = look_at_private(l, "PrivateTmp", "/tmp", &tmp);
	int err = mount_of(l, "/var/tmp", &twin);
	if (err == -ENOENT) /* then nobody has one */
		return;
	/* A link to /tmp is no mount of its own. */
	bool same = is_there && twin.file.stx_dev_major == tmp.file.stx_dev_major &&
		twin.file.stx_dev_minor == tmp.file.stx_dev_minor;
	bool good = err == 0 && same && is_private(l, "/var/tmp", &twin, &found);
	look_row(l, "Filesystem", "PrivateTmp", "/var/tmp", verdict_of(err, good), "private", found);
}

static void look_at_hidden_view(struct look *l, const char *directive, const char *path)
{
	look_at_mount(l, directive, path, "hidden", "point ro nosuid nodev noexec tmpfs", NULL,
		nothing_there);
}

static void look_at_kernel_views(struct look *l)
{
	const struct filesystem_conf *f = &l->s->filesystem;
	bool host_pids = !(l->s->namespaces.own & NS_PID);
	struct mount m = {.options = ""};
	look_at_private(l, "", "/dev/shm", &m);
	if (f->private_tmp)
		look_at_tmp(l);
	if (f->proc_subset_pid)
		look_at_path(l, "ProcSubset", "/proc", "processes alone",
			"proc subset=pid nosuid nodev noexec");
	if (f->proc_invisible)
		look_at_path(l, "ProtectProc", "/proc", "others' processes hidden",
			"proc hidepid=invisible");
	if (f->tunables == VIEW_HIDDEN && f->proc_subset_pid) {
		int err = mount_of(l, "/proc/sys", &m);
		look_row(l, "Filesystem", "KernelTunables", "",
			verdict_of(err == -ENOENT ? 0 : err, err == -ENOENT), "hidden",
			err == -ENOENT ? "hidden" : "");
	} else if (f->tunables == VIEW_HIDDEN && !host_pids)
		look_at_hidden_view(l, "KernelTunables", "/proc/sys");
	else if (f->tunables != VIEW_HOST && !host_pids)
		look_at_path(l, "KernelTunables", "/proc/sys", "read-only", "ro");
	if (f->sysfs == VIEW_READ_ONLY)
		look_at_path(l, "Sysfs", "/sys", "read-only", "sysfs ro");
	else if (f->sysfs == VIEW_HIDDEN) {
		int err = mount_of(l, "/sys", &m);

		look_row(l, "Filesystem", "Sysfs", "/sys",
			verdict_of(err == -ENOENT ? 0 : err, err == -ENOENT || fits(&m, "!sysfs")), "hidden",
			err == 0 ? m.type : "");
	}
}

/* The host's node: by its numbers, since it lies in a /dev of the service's. */
static void look_at_device(struct look *l, struct span name)
{
	bool optional = name.n > 0 && name.p[0] == '-';
	struct mount m = {.options = ""};
	struct statx host;
	char path[256];
	snprintf(path, sizeof(path), "/dev/%.*s", (int)name.n - optional, name.p + optional);
	int err = mount_of(l, path, &m);
	bool same = err == 0 && syscall(SYS_statx, AT_FDCWD, path, 0, STATX_BASIC_STATS, &host) == 0 &&
		(host.stx_mode & S_IFMT) == (m.file.stx_mode & S_IFMT) &&
		host.stx_rdev_major == m.file.stx_rdev_major &&
		host.stx_rdev_minor == m.file.stx_rdev_minor;
	if (same && strcmp(path, "/dev/pts") == 0) /* terminals of its own */
		same = fits(&m, "point devpts nosuid noexec");
	if (err == -ENOENT && optional)
		look_row(l, "Filesystem", "Devices", path, IN_FORCE, "there", "there is none");
	else
		look_row(l, "Filesystem", "Devices", path, verdict_of(err, same), "there",
			same           ? "there"
				: err == 0 ? "another"
						   : "");
}

static bool root_writable(const struct filesystem_conf *f)
{
	for (size_t i = 0; i < f->rules; i++)
		if (f->rule[i].op == FS_READ_WRITE && span_is(f->rule[i].target, "/"))
			return true;
	return false;
}

/* The file that the kernel reads this image from, which is said to be deleted where another has
 * taken its place. */
static bool is_image(const struct mount *m, struct span image)
{
	char path[64], text[300], name[300], *real;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/loop/backing_file", m->file.stx_dev_major,
		m->file.stx_dev_minor);
	if (span_copy(image, name, sizeof(name)) < 0 ||
		sys_read_file(AT_FDCWD, path, text, sizeof(text)) <= 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	real = realpath(name, NULL);
	bool same = real && strcmp(real, text) == 0;
	free(real);
	return same;
}

/* Nothing else may be the root than what the file names. */
static const char *root_amiss(const struct look *l, const struct mount *m,
	const struct filesystem_conf_rule *r)
{
	const struct filesystem_conf *f = &l->s->filesystem;
	(void)r;
	if (f->root_image.n > 0)
		return strcmp(m->root, "/") == 0 && is_image(m, f->root_image) ? NULL : "not of the image";
	return is_the_hosts(m, f->root_directory.n > 0 ? f->root_directory : span_of("/")) == 1
		? NULL
		: "another directory";
}

static void look_at_root(struct look *l)
{
	const struct filesystem_conf *f = &l->s->filesystem;
	const char *words = root_writable(f) ? "nosuid nodev" : "ro nosuid nodev";
	const char *directive = f->root_image.n > 0 ? "RootImage"
		: f->root_directory.n > 0               ? "RootDirectory"
												: "";
	look_at_mount(l, directive, "/", "sealed", words, NULL, root_amiss);
}

void look_at_mounts(struct look *l)
{
	if (!(l->s->namespaces.own & NS_MOUNT))
		return;
	look_at_root(l);
	look_at_rules(l);
	look_at_own_directories(l);
	look_at_kernel_views(l);
	for (size_t i = 0; i < l->s->filesystem.devices; i++)
		look_at_device(l, l->s->filesystem.device[i]);
}
