/* SPDX-License-Identifier: MIT
 * Sockets and FIFOs with a path. Directories on the way may belong to a service, so each component
 * is opened by itself and no link is followed. bind(2) needs the whole path, which is the address
 * that clients and the service see. So the result is looked up in the directory that was opened. If
 * it is not there, somebody has moved the directory meanwhile, and the file is removed from where
 * it is now.
 */
#include "sockets/sockets.h"
#include "base/fmt.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define DIRECTORY_MODE 0755
#ifndef SIOCUNIXFILE /* of linux/un.h, which has another sockaddr_un than sys/un.h */
#define SIOCUNIXFILE 0x89e0
#endif

/* ---- the directory ---- */

static bool is_link(int at, const char *name)
{
	struct stat st;
	return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

static int open_component(int at, const char *name, bool make)
{
	int fd = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && make) {
		if (mkdirat(at, name, DIRECTORY_MODE) < 0 && errno != EEXIST)
			return -errno;
		fd = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd >= 0)
		return fd;
	int err = -errno;
	return is_link(at, name) ? -ELOOP : err;
}

int sockets_file_parent(const char *path, bool make, const char **name, struct wall_why *why)
{
	char text[PATH_MAX];
	struct fmt f;
	int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	fmt_init(&f, text, sizeof(text));
	fmt_str(&f, path);
	if (at < 0 || f.cut || path[0] != '/') {
		int err = at < 0 ? -errno : -ENAMETOOLONG;
		if (at >= 0)
			close(at);
		return wall_failed(why, err, path);
	}
	make = make && strncmp(path, "/run/", 5) == 0;
	*name = strrchr(path, '/') + 1;
	/* Each turn takes a component off the text: bounded by its length. */
	for (char *rest = text + 1, *slash; (slash = strchr(rest, '/')) != NULL; rest = slash + 1) {
		*slash = '\0';
		int next = open_component(at, rest, make && rest != text + 1);
		close(at);
		if (next < 0)
			return wall_failed2(why, next, "directory", text);
		at = next;
		*slash = '/';
	}
	return at;
}

/* ---- what lies there ---- */

/* A socket that nobody has closed properly: unlinked. */
static int clear_place(int directory, const char *name, const char *path, struct wall_why *why)
{
	struct stat st;
	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : wall_failed(why, -errno, path);
	if (!S_ISSOCK(st.st_mode))
		return wall_failed2(why, -EEXIST, "no socket:", path);
	return unlinkat(directory, name, 0) < 0 ? wall_failed2(why, -errno, "unlink", path) : 0;
}

/* 0, -ELOOP if it is another one, or -errno. */
static int compare_file(int file, const struct stat *st)
{
	struct stat own;
	if (fstat(file, &own) < 0)
		return -errno;
	return own.st_dev == st->st_dev && own.st_ino == st->st_ino ? 0 : -ELOOP;
}

static int give_away(int file, int directory, const char *name, const struct plan_socket *s)
{
	struct stat st;
	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	int err = !S_ISSOCK(st.st_mode) ? -ELOOP : file >= 0 ? compare_file(file, &st) : 0;
	if (err < 0)
		return err;
	if (fchownat(directory, name, s->uid, s->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return fchmodat(directory, name, s->mode, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* Wherever it is: somebody may have put a link in the directory's place while bind(2) went
 * there. */
static void take_back(int file)
{
	struct wall_why unused = {0};
	char self[FMT_OWN_FD], where[PATH_MAX];
	const char *name = "";
	struct stat st;
	fmt_own_fd(self, file);
	ssize_t n = readlink(self, where, sizeof(where) - 1);
	where[n > 0 ? n : 0] = '\0';
	int directory = sockets_file_parent(where, false, &name, &unused);
	if (directory < 0)
		return;
	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && compare_file(file, &st) == 0)
		unlinkat(directory, name, 0);
	close(directory);
}

/* `directory` and `name` are what the path was a moment ago. */
static int settle_file(int fd, int directory, const char *name, const struct plan_socket *s)
{
	int file = sys_ioctl(fd, SIOCUNIXFILE, NULL); /* the file itself, O_PATH */
	int err = give_away(file, directory, name, s);
	if (err < 0 && file >= 0)
		take_back(file);
	else if (err < 0)
		unlinkat(directory, name, 0);
	if (file >= 0)
		close(file);
	return err;
}

int sockets_file_bind(int fd, const struct plan *p, const struct plan_socket *s, int directory,
	const char *name, struct wall_why *why)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	const char *path = plan_text(p, s->path);
	size_t n = strlen(path);
	if (n >= sizeof(a.sun_path))
		return wall_failed(why, -ENAMETOOLONG, path);
	memcpy(a.sun_path, path, n + 1);
	int err = clear_place(directory, name, path, why);
	if (err < 0)
		return err;
	mode_t mask = umask(0777); /* no access until it has its owner */
	err = bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? -errno : 0;
	umask(mask);
	if (err < 0)
		return wall_failed2(why, err, "bind", path);
	err = settle_file(fd, directory, name, s);
	return err < 0 ? wall_failed2(why, err, "owner and mode", path) : 0;
}

int sockets_file_fifo(const struct plan *p, const struct plan_socket *s, int directory,
	const char *name, struct wall_why *why)
{
	const char *path = plan_text(p, s->path);
	struct stat st;
	if (mknodat(directory, name, S_IFIFO, 0) < 0 && errno != EEXIST)
		return wall_failed2(why, -errno, "mkfifo", path);
	/* O_NONBLOCK: whatever lies there, this does not wait; a device is not to be opened at all,
	 * but what it is only its descriptor tells for certain. */
	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISFIFO(st.st_mode))
		return wall_failed2(why, -EEXIST, "no FIFO:", path);
	int fd = openat(directory, name, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return wall_failed2(why, -errno, "open", path);
	bool good = fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && fchown(fd, s->uid, s->gid) == 0 &&
		fchmod(fd, s->mode) == 0 && fcntl(fd, F_SETFL, O_RDWR) == 0;
	int err = good ? 0 : -errno;
	if (good)
		return fd;
	close(fd);
	return wall_failed2(why, err ? err : -EEXIST, "owner and mode", path);
}

void sockets_remove(const struct plan *p, const struct plan_socket *s)
{
	struct wall_why unused = {0};
	struct stat st;
	const char *name = "";
	if (s->family != SOCKET_PATH || s->kind == SOCKET_FIFO)
		return;
	int directory = sockets_file_parent(plan_text(p, s->path), false, &name, &unused);
	if (directory < 0)
		return;
	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISSOCK(st.st_mode))
		unlinkat(directory, name, 0);
	close(directory);
}
