/* SPDX-License-Identifier: MIT
 * The service's view by its mountinfo (proc_pid_mountinfo(5)): see report.h. The mount that a path
 * is on is found by the mount's number (statx(2), 5.8), because mounts cover one another and links
 * lead elsewhere.
 */
#include "walls/filesystem/report.h"
#include "base/num.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

int look_mount_field(struct span line, unsigned n, char *buf, size_t cap)
{
	struct span word;
	int err = span_field(line, n, &word) ? span_copy(word, buf, cap) : -ENOENT;
	if (err == 0)
		buf[span_unescape(buf, word.n)] = '\0';
	return err;
}

/* Any number of fields, of which we know none, stand before the dash. */
static bool read_fields(struct span line, struct look_mount *m)
{
	static const char dash[] = " - ";
	const char *at = memmem(line.p, line.n, dash, strlen(dash));
	if (!at)
		return false;
	struct span rest = {at + strlen(dash), (size_t)(line.p + line.n - at) - strlen(dash)};
	return look_mount_field(line, 3, m->root, sizeof(m->root)) == 0 &&
		look_mount_field(line, 4, m->point, sizeof(m->point)) == 0 &&
		look_mount_field(line, 5, m->options, sizeof(m->options)) == 0 &&
		look_mount_field(rest, 0, m->type, sizeof(m->type)) == 0 &&
		look_mount_field(rest, 2, m->super, sizeof(m->super)) == 0;
}

static bool find_mount(const struct look *l, uint64_t id, struct look_mount *m)
{
	struct span rest = span_of(l->mounts), line, word;
	uint64_t number;
	while (span_line(&rest, &line))
		if (span_field(line, 0, &word) && num_u64(word, UINT64_MAX, &number) == 0 && number == id)
			return read_fields(line, m);
	return false;
}

static int read_mount(const struct look *l, int fd, struct look_mount *m)
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
int look_mount_of(const struct look *l, const char *path, struct look_mount *m)
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
bool look_mount_fits(const struct look_mount *m, const char *words)
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

/* 1: the host's file, 0: another, -errno: the host has none, or it is not to be seen. */
int look_mount_is_the_hosts(const struct look_mount *m, struct span path)
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
bool look_mount_lacks(const struct look_mount *m, struct span options, const char **wrong)
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

/* An empty file or directory of the cell's, without any mode. */
const char *look_nothing_there(const struct look *l, const struct look_mount *m,
	const struct filesystem_conf_rule *r)
{
	const char *name = strrchr(m->root, '/');
	bool empty = name && (strcmp(name, "/directory") == 0 || strcmp(name, "/file") == 0);
	(void)l;
	(void)r;
	return empty && (m->file.stx_mode & 0777) == 0 ? NULL : "not what hides";
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

/* `words` for look_mount_fits, beside how it is called in the file. `rule` and `amiss` may be
 * NULL. */
void look_at_mount(struct look *l, enum directive_id directive, const char *path, const char *asked,
	const char *words, const struct filesystem_conf_rule *rule, look_amiss *amiss)
{
	struct look_mount m = {.options = ""};
	int err = look_mount_of(l, path, &m);
	bool optional = rule && rule->flags & FS_OPTIONAL;
	const char *wrong = err == 0 && amiss ? amiss(l, &m, rule) : NULL;
	bool good = err == 0 && look_mount_fits(&m, words) && !wrong;
	char found[sizeof(m.options) + sizeof(m.type) + 2];
	snprintf(found, sizeof(found), "%s %s", m.type, m.options);
	if (err == 0 && !m.is_point && strncmp(words, "point", 5) == 0)
		wrong = "nothing is mounted there any more";
	if (err == 0 && !m.is_point && rule && has_no_source(rule))
		look_row(l, directive, path, IN_FORCE, asked, "there is no source");
	else if (err == 0)
		look_row(l, directive, path, good ? IN_FORCE : MISSING, asked, wrong ? wrong : found);
	else if (err == -ENOENT && optional)
		look_row(l, directive, path, IN_FORCE, asked, "there is none");
	else
		look_row(l, directive, path, err == -ENOENT ? MISSING : UNSEEN, asked,
			err == -ENOENT ? "not there" : "");
}
