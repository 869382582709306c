/* SPDX-License-Identifier: MIT
 * What every view has without a path in the file: its root, directories of its own, /tmp, the
 * views of the kernel, devices.
 */
#include "walls/filesystem/report.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct filesystem_conf *conf_of(const struct look *l)
{
	return l->conf;
}

static void look_at_path(struct look *l, enum directive_id directive, const char *path,
	const char *asked, const char *words)
{
	look_at_mount(l, directive, path, asked, words, NULL, NULL);
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
	if (!filesystem_runtime_bounds(conf_of(l), i, &kb, &inodes))
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
	look_row(l, D_Service_RuntimeDirectorySize, path,
		bound      ? IN_FORCE
			: seen ? MISSING
				   : UNSEEN,
		asked, found);
}

/* Whether a rule of these ops is about just this path. */
static bool has_rule(const struct look *l, const char *path, uint32_t ops)
{
	for (size_t i = 0; i < conf_of(l)->rules; i++)
		if (ops >> conf_of(l)->rule[i].op & 1 && span_is(conf_of(l)->rule[i].target, path))
			return true;
	return false;
}

#define REPLACING (1u << FS_HIDDEN | 1u << FS_BIND | 1u << FS_BIND_READ_ONLY | 1u << FS_TMPFS)

/* No program is executed there unless the file names the path. */
static bool is_data(const struct look *l, const char *path, const struct look_mount *m)
{
	return has_rule(l, path, REPLACING | 1u << FS_READ_WRITE | 1u << FS_EXEC) ||
		look_mount_fits(m, "noexec");
}

static void look_at_own_directories(struct look *l)
{
	static const enum directive_id directories[DIRECTORY_KINDS] = {D_Service_RuntimeDirectory,
		D_Service_StateDirectory, D_Service_CacheDirectory, D_Service_LogsDirectory,
		D_Service_ConfigurationDirectory};
	char path[FILESYSTEM_PATH];
	for (unsigned kind = 0; kind < DIRECTORY_KINDS; kind++) {
		for (size_t i = 0; filesystem_directory_path(conf_of(l), kind, i, path); i++) {
			struct look_mount m = {.options = ""};
			bool own = kind != DIRECTORY_CONFIGURATION;
			int err = look_mount_of(l, path, &m);
			bool hosts = err == 0 && look_mount_is_the_hosts(&m, span_of(path)) == 1;
			bool good = err == 0 && hosts &&
				look_mount_fits(&m, own ? "point !ro nosuid nodev" : "nosuid nodev") &&
				(!own || is_data(l, path, &m));
			look_row(l, directories[kind], path, verdict_of(err, good),
				own ? "writable" : "readable",
				err == 0 && !hosts ? "another directory than the host's" : m.options);
			if (kind == DIRECTORY_RUNTIME)
				look_at_bounds(l, i, path);
		}
	}
}

/* A file system in memory that is mounted by default: the host's have these paths as well. */
static bool is_private(const struct look *l, const char *path, const struct look_mount *m,
	const char **wrong)
{
	*wrong = m->options;
	if (!look_mount_fits(m, "tmpfs !ro nosuid nodev") ||
		look_mount_is_the_hosts(m, span_of(path)) == 1 || !is_data(l, path, m))
		return false;
	return has_rule(l, path, REPLACING) || !look_mount_lacks(m, span_of(FS_PRIVATE_OPTIONS), wrong);
}

/* Without an own root these are in every view; in one of its own a /tmp may lack. */
static bool look_at_private(struct look *l, enum directive_id directive, const char *path,
	struct look_mount *m)
{
	const char *found = "";
	int err = look_mount_of(l, path, m);
	bool good = err == 0 && m->is_point && is_private(l, path, m, &found);
	if (err == -ENOENT && filesystem_has_own_root(conf_of(l)))
		return false;
	look_row(l, directive, path, verdict_of(err, good), "private", found);
	return err == 0;
}

static void look_at_tmp(struct look *l)
{
	struct look_mount tmp = {.options = ""}, other = {.options = ""};
	const char *found = "";
	bool is_there = look_at_private(l, D_Filesystem_PrivateTmp, "/tmp", &tmp);
	int err = look_mount_of(l, "/var/tmp", &other);
	if (err == -ENOENT) /* then nobody has one */
		return;
	/* A link to /tmp is no mount of its own. */
	bool same = is_there && other.file.stx_dev_major == tmp.file.stx_dev_major &&
		other.file.stx_dev_minor == tmp.file.stx_dev_minor;
	bool good = err == 0 && same && is_private(l, "/var/tmp", &other, &found);
	look_row(l, D_Filesystem_PrivateTmp, "/var/tmp", verdict_of(err, good), "private", found);
}

static void look_at_hidden_view(struct look *l, enum directive_id directive, const char *path)
{
	look_at_mount(l, directive, path, "hidden", "point ro nosuid nodev noexec tmpfs", NULL,
		look_nothing_there);
}

static void look_at_kernel_views(struct look *l)
{
	const struct filesystem_conf *f = conf_of(l);
	bool host_pids = !l->context->own_pids;
	struct look_mount m = {.options = ""};
	look_at_private(l, DIRECTIVES, "/dev/shm", &m);
	if (f->private_tmp)
		look_at_tmp(l);
	if (f->proc_subset_pid)
		look_at_path(l, D_Filesystem_ProcSubset, "/proc", "processes alone",
			"proc subset=pid nosuid nodev noexec");
	if (f->proc_invisible)
		look_at_path(l, D_Filesystem_ProtectProc, "/proc", "others' processes hidden",
			"proc hidepid=invisible");
	if (f->tunables == VIEW_HIDDEN && f->proc_subset_pid) {
		int err = look_mount_of(l, "/proc/sys", &m);
		look_row(l, D_Filesystem_KernelTunables, "",
			verdict_of(err == -ENOENT ? 0 : err, err == -ENOENT), "hidden",
			err == -ENOENT ? "hidden" : "");
	} else if (f->tunables == VIEW_HIDDEN && !host_pids)
		look_at_hidden_view(l, D_Filesystem_KernelTunables, "/proc/sys");
	else if (f->tunables != VIEW_HOST && !host_pids)
		look_at_path(l, D_Filesystem_KernelTunables, "/proc/sys", "read-only", "ro");
	if (f->sysfs == VIEW_READ_ONLY)
		look_at_path(l, D_Filesystem_Sysfs, "/sys", "read-only", "sysfs ro");
	else if (f->sysfs == VIEW_HIDDEN) {
		int err = look_mount_of(l, "/sys", &m);

		look_row(l, D_Filesystem_Sysfs, "/sys",
			verdict_of(err == -ENOENT ? 0 : err, err == -ENOENT || look_mount_fits(&m, "!sysfs")),
			"hidden", err == 0 ? m.type : "");
	}
}

/* The host's node: by its numbers, since it lies in a /dev of the service's. */
static void look_at_device(struct look *l, struct span name)
{
	bool optional = name.n > 0 && name.p[0] == '-';
	struct look_mount m = {.options = ""};
	struct statx host;
	char path[256];
	snprintf(path, sizeof(path), "/dev/%.*s", (int)name.n - optional, name.p + optional);
	int err = look_mount_of(l, path, &m);
	bool same = err == 0 && syscall(SYS_statx, AT_FDCWD, path, 0, STATX_BASIC_STATS, &host) == 0 &&
		(host.stx_mode & S_IFMT) == (m.file.stx_mode & S_IFMT) &&
		host.stx_rdev_major == m.file.stx_rdev_major &&
		host.stx_rdev_minor == m.file.stx_rdev_minor;
	if (same && strcmp(path, "/dev/pts") == 0) /* terminals of its own */
		same = look_mount_fits(&m, "point devpts nosuid noexec");
	if (err == -ENOENT && optional)
		look_row(l, D_Filesystem_Devices, path, IN_FORCE, "there", "there is none");
	else
		look_row(l, D_Filesystem_Devices, path, verdict_of(err, same), "there",
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
static bool is_image(const struct look_mount *m, struct span image)
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
static const char *root_amiss(const struct look *l, const struct look_mount *m,
	const struct filesystem_conf_rule *r)
{
	const struct filesystem_conf *f = conf_of(l);
	(void)r;
	if (f->root_image.n > 0)
		return strcmp(m->root, "/") == 0 && is_image(m, f->root_image) ? NULL : "not of the image";
	return look_mount_is_the_hosts(m, f->root_directory.n > 0 ? f->root_directory : span_of("/")) ==
			1
		? NULL
		: "another directory";
}

void look_at_root(struct look *l)
{
	const struct filesystem_conf *f = conf_of(l);
	const char *words = root_writable(f) ? "nosuid nodev" : "ro nosuid nodev";
	enum directive_id directive = f->root_image.n > 0 ? D_Filesystem_RootImage
		: f->root_directory.n > 0                     ? D_Filesystem_RootDirectory
													  : DIRECTIVES;
	look_at_mount(l, directive, "/", "sealed", words, NULL, root_amiss);
}

void look_at_views(struct look *l)
{
	look_at_own_directories(l);
	look_at_kernel_views(l);
	for (size_t i = 0; i < conf_of(l)->devices; i++)
		look_at_device(l, conf_of(l)->device[i]);
}
