/* SPDX-License-Identifier: MIT
 * Files below the device's root: see files.h.
 */
#include "compile/files/files.h"
#include "base/sys.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static int root = -1;

int files_set_root(const char *dir)
{
	root = dir ? open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	return dir && root < 0 ? -errno : 0;
}

bool files_have_root(void)
{
	return root >= 0;
}

int files_root(void)
{
	return root;
}

#define OPEN_TRIES 100

bool files_on_device(void)
{
	struct stat ours, own;
	return root >= 0 && fstat(root, &ours) == 0 && stat("/", &own) == 0 &&
		ours.st_dev == own.st_dev && ours.st_ino == own.st_ino;
}

/* A session's filter may hide openat2 (RestrictSUIDSGID). Below the very root that this process
 * has, an ordinary lookup leads to the same file. */
static int open_plainly(int top, const char *path, uint64_t flags)
{
	if (top != root || !files_on_device())
		return -ENOSYS;
	int fd = openat(top, path, (int)flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_inside(int top, const char *path, uint64_t flags)
{
	if (top < 0)
		return -ENOENT;
	while (*path == '/')
		path++;
	int fd = -EAGAIN;
	/* EAGAIN: something was mounted or renamed while a .. was looked up (openat2(2)). */
	for (int n = 0; fd == -EAGAIN && n < OPEN_TRIES; n++)
		fd = sys_openat2(top, *path ? path : ".", flags | O_CLOEXEC, 0,
			RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	return fd == -ENOSYS ? open_plainly(top, *path ? path : ".", flags) : fd;
}

int files_open(const char *path, uint64_t flags)
{
	return open_inside(root, path, flags);
}

int files_stat(const char *path, struct stat *st)
{
	int fd = files_open(path, O_PATH);
	int err = fd < 0 ? fd : fstat(fd, st) < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return err;
}

int files_stat_below(const char *top, const char *path, struct stat *st)
{
	int dir = files_open(top, O_PATH | O_DIRECTORY);
	if (dir < 0)
		return -ENOTDIR;
	int fd = open_inside(dir, path, O_PATH);
	int err = fd < 0 ? fd : fstat(fd, st) < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	close(dir);
	return err;
}

static int path_of(int fd, char name[static FILES_PATH])
{
	char link[32];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, name, FILES_PATH - 1);
	if (n < 0 || n == FILES_PATH - 1)
		return n < 0 ? -errno : -ENAMETOOLONG;
	name[n] = '\0';
	return (int)n;
}

int files_real(const char *path, char real[static FILES_PATH])
{
	char full[FILES_PATH];
	if (root < 0)
		return snprintf(real, FILES_PATH, "%s", path) < FILES_PATH ? 0 : -ENAMETOOLONG;
	int top = path_of(root, full), fd = files_open(path, O_PATH);
	int n = fd < 0 || top < 0 ? (top < 0 ? top : fd) : path_of(fd, real);
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return n;
	if (top == 1) /* "/" */
		return 0;
	if (n <= top || strncmp(real, full, (size_t)top) != 0)
		return -ENOENT;
	memmove(real, real + top, (size_t)(n - top) + 1);
	return 0;
}

int files_label(const char *path, char label[static FILES_LABEL])
{
	char link[32];
	int fd = root < 0 ? -ENODATA : files_open(path, O_PATH);
	if (fd < 0)
		return fd;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = getxattr(link, "security.selinux", label, FILES_LABEL - 1);
	int err = n < 0 ? -errno : 0;
	close(fd);
	label[n < 0 ? 0 : n] = '\0';
	return err;
}

int files_interpreter_line(const char *path, char *line, size_t cap)
{
	int fd = root < 0 ? -1 : files_open(path, O_RDONLY | O_NONBLOCK);
	line[0] = '\0';
	if (fd < 0)
		return root < 0 ? 0 : fd;
	ssize_t n = read(fd, line, cap - 1);
	close(fd);
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return strncmp(line, "#!", 2) == 0;
}

int files_is_script(const char *path)
{
	char line[3];
	return files_interpreter_line(path, line, sizeof(line));
}

bool files_is_plain(const char *path)
{
	while (*path == '/')
		path++;
	int fd = sys_openat2(root, path, O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool files_masked(const char *path)
{
	char target[32];
	int fd = files_open(path, O_PATH | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : readlinkat(fd, "", target, sizeof(target));
	if (fd >= 0)
		close(fd);
	return n == 9 && memcmp(target, "/dev/null", 9) == 0;
}

const char *const files_tops[FILES_TOPS] = {FILES_DEVICE, FILES_VENDOR};

bool files_has_service(const char *name)
{
	struct stat st;
	bool has = false;
	for (size_t t = 0; t < FILES_TOPS && !has; t++) {
		char *path = diag_text("%s/services.d/%s" FILES_SUFFIX, files_tops[t], name);
		has = files_masked(path) || files_stat(path, &st) == 0;
	}
	return has;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_name(struct files *out, const char *name)
{
	out->name = diag_realloc(out->name, (out->count + 1) * sizeof(*out->name));
	out->name[out->count++] = strdup(name);
}

void files_list(const char *path, const char *suffix, struct files *out)
{
	int fd = files_open(path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	*out = (struct files){0};
	if (!dir)
		return;
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (e->d_name[0] != '.' && span_ends(span_of(e->d_name), suffix))
			add_name(out, e->d_name);
	closedir(dir);
	if (out->count > 0)
		qsort(out->name, out->count, sizeof(*out->name), by_name);
}

bool files_has(const struct files *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->name[i], name) == 0)
			return true;
	return false;
}

/* ---- writing ---- */

int output_write(int fd, const unsigned char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? -errno : -EIO;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* A device, a pipe or a socket stays what it is. */
static int write_through(const char *path, const unsigned char *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	int err = fd < 0 ? -errno : output_write(fd, p, n);
	if (fd >= 0)
		close(fd);
	return err;
}

/* Under another name first. */
static int replace(const char *path, const unsigned char *p, size_t n, mode_t mode)
{
	char *temporary = NULL;
	int fd, err;
	if (asprintf(&temporary, "%s.new", path) < 0)
		return -ENOMEM;
	unlink(temporary); /* one that was left behind has its own mode */
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	err = fd < 0 ? -errno : output_write(fd, p, n);
	if (err == 0 && fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
		err = -errno;
	if (fd >= 0)
		close(fd);
	if (err == 0 && rename(temporary, path) < 0)
		err = -errno;
	if (err < 0 && fd >= 0)
		unlink(temporary);
	free(temporary);
	return err;
}

/* Somebody else's, in a directory where everybody may put something: not to be followed, nor waited
 * for. The kernel's rule for links (fs.protected_symlinks), which may be off. */
static bool is_planted(const char *path, const struct stat *st)
{
	struct stat above;
	char *copy = strdup(path);
	int err = copy ? stat(dirname(copy), &above) : -1;
	free(copy);
	if (err < 0)
		return true;
	return above.st_mode & S_ISVTX && above.st_mode & S_IWOTH && st->st_uid != geteuid() &&
		st->st_uid != above.st_uid;
}

int output_file(const char *path, const unsigned char *p, size_t n, mode_t mode)
{
	struct stat st;
	if (lstat(path, &st) < 0 || S_ISREG(st.st_mode))
		return replace(path, p, n, mode);
	if (is_planted(path, &st))
		return -EACCES;
	if (stat(path, &st) < 0)
		return -errno; /* a link to nothing, or to one that the kernel does not follow */
	if (!S_ISREG(st.st_mode))
		return write_through(path, p, n);
	char *file = realpath(path, NULL); /* the link stays, and leads to the new file */
	int err = file ? replace(file, p, n, mode) : -errno;
	free(file);
	return err;
}
