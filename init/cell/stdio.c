/* SPDX-License-Identifier: MIT
 * The service's descriptors. 0, 1 and 2 are opened on the host's tree, by the host's root, before
 * there is a view. PID 1 has put /dev/null at 0 and the service's log pipe at 1 and 2.
 */
#include "base/channel.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "cell/cell.h"
#include "walls/identity/identity.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define DEFAULT_TTY "/dev/console"
#define MARKED_FDS (CELL_FD_FIRST_FREE + 64) /* more than a cell opens beside those it was given */

/* /dev/stdout leads to this pipe, and opening it asks for permission on the pipe itself: without
 * this nginx's "error_log /dev/stderr" fails. Of no weight for a wall: who holds the descriptor
 * may write anyway. */
static int give_pipe(const struct cell *c, int n)
{
	struct stat st;
	if (n > 0 && fstat(n, &st) == 0 && S_ISFIFO(st.st_mode) &&
		fchown(n, c->identity->kernel_uid, c->identity->kernel_gid) == 0)
		return fchmod(n, S_IWUSR) < 0 ? -errno : n;
	return n;
}

/* O_NONBLOCK: a serial line without carrier or a FIFO without reader shall not hold up the cell. */
static int open_waiting(int dirfd, const char *path, int flags)
{
	int fd = openat(dirfd, path, flags | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0640);
	if (fd < 0)
		return -errno;
	int now = fcntl(fd, F_GETFL);
	if (now < 0 || fcntl(fd, F_SETFL, now & ~O_NONBLOCK) < 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}

static int open_path(const char *path, int n)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	struct fmt f;
	if (!slash || !slash[1])
		return -EINVAL;
	fmt_init(&f, parent, sizeof(parent));
	fmt_mem(&f, path, slash == path ? 1 : (size_t)(slash - path));
	int directory = f.cut ? -ENAMETOOLONG : filesystem_resolve(parent);
	if (directory < 0)
		return directory;
	int fd = open_waiting(directory, slash + 1,
		n == 0 ? O_RDONLY | O_NOFOLLOW : O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW);
	close(directory);
	return fd;
}

/* Somebody tries the service at a shell: what would go to the log or a terminal goes to him. */
static bool is_callers(uint32_t kind, int n)
{
	return kind == STDIO_LOG || kind == STDIO_TTY || kind == STDIO_CONSOLE ||
		(kind == STDIO_NULL && n == 0);
}

/* What bulkhead-log itself has to say is the least of what would be lost without it: it keeps the
 * /dev/null that PID 1 has put there. */
static int open_kmsg(const struct cell *c, int n)
{
	int fd = open_waiting(AT_FDCWD, "/dev/kmsg", O_WRONLY);
	return fd == -ENOENT && c->service->flags & SERVICE_LOGGER ? n : fd;
}

static int open_stdio(const struct cell *c, int n)
{
	const struct plan_stdio *s = &c->service->stdio[n];
	const char *path = plan_text(&c->plan, s->path);
	const char *tty = path[0] ? path : plan_text(&c->plan, c->service->tty);
	if (c->foreground && is_callers(s->kind, n))
		return give_pipe(c, n);
	switch ((enum plan_stdio_kind)s->kind) {
	case STDIO_LOG:
		return give_pipe(c, n);
	case STDIO_NULL:
		return open_waiting(AT_FDCWD, "/dev/null", O_RDWR);
	case STDIO_TTY:
		return open_waiting(AT_FDCWD, tty[0] ? tty : DEFAULT_TTY, O_RDWR);
	case STDIO_CONSOLE:
		return open_waiting(AT_FDCWD, DEFAULT_TTY, O_RDWR);
	case STDIO_KMSG:
		return open_kmsg(c, n);
	case STDIO_FILE:
		return open_path(path, n);
	case STDIO_KIND_COUNT:
		break;
	}
	return -EINVAL;
}

int cell_stdio(struct cell *c)
{
	static const char *const names[] = {"standard input", "standard output", "standard error"};
	umask(0);
	for (int n = 0; n < 3; n++) {
		int fd = open_stdio(c, n);
		if (fd >= 0 && fd != n) {
			int err = dup2(fd, n) < 0 ? -errno : 0;
			close(fd);
			fd = err ? err : n;
		}
		if (fd < 0)
			return wall_failed2(&c->why, fd, names[n],
				plan_text(&c->plan, c->service->stdio[n].path));
	}
	return 0;
}

int cell_terminal(struct cell *c)
{
	if (setsid() < 0)
		return wall_failed(&c->why, -errno, "setsid");
	for (int n = 0; n < 3; n++) {
		if (c->service->stdio[n].kind != STDIO_TTY || c->foreground)
			continue;
		/* Not by force: a terminal that another session still holds is an error worth knowing. */
		return ioctl(n, TIOCSCTTY, 0) < 0 ? wall_failed(&c->why, -errno, "controlling terminal")
										  : 0;
	}
	return 0;
}

static int keep_open(int fd)
{
	return fcntl(fd, F_SETFD, 0) < 0 ? -errno : 0;
}

/* From 3 on. Each is moved to a lower number than its own, in order, so that none is in the way
 * of another. */
static int place_sockets(struct cell *c)
{
	for (int i = 0; i < c->sockets; i++)
		if (dup2(CELL_FD_SOCKETS + i, PLAN_FIRST_SOCKET + i) < 0)
			return wall_failed(&c->why, -errno, "listening socket");
	return 0;
}

/* A newline there means ready. `pipe` is its present number; the sockets may have taken
 * CELL_FD_NOTIFY. */
static int place_notify(struct cell *c, int pipe, int wanted)
{
	int err = pipe == wanted ? keep_open(wanted) : dup2(pipe, wanted) < 0 ? -errno : 0;
	return err < 0 ? wall_failed(&c->why, err, "notification descriptor") : 0;
}

/* All from 3 on. Linux 5.10 can close a range, but not mark one: there those that a cell may have
 * are marked one by one, and what lies beyond them is closed. */
static int close_all_on_exec(void)
{
	int err = sys_close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	if (err != -EINVAL)
		return err;
	for (int fd = 3; fd < MARKED_FDS; fd++)
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 && errno != EBADF)
			return -errno;
	return sys_close_range(MARKED_FDS, ~0u, 0);
}

int cell_descriptors(struct cell *c)
{
	int wanted = c->list == EXEC_START ? c->service->notification_fd : -1, pipe = CELL_FD_NOTIFY;
	int err = close_all_on_exec();
	if (err < 0)
		return wall_failed(&c->why, err, "close_range");
	if (c->service->flags & SERVICE_LOGGER && c->list == EXEC_START &&
		(err = keep_open(LOG_CHANNEL_FD)) < 0)
		return wall_failed(&c->why, err, "log channel");
	if (wanted >= 0 && c->sockets > 0 &&
		(pipe = fcntl(pipe, F_DUPFD_CLOEXEC, CELL_FD_FIRST_FREE)) < 0)
		return wall_failed(&c->why, -errno, "notification descriptor");
	err = place_sockets(c);
	return err < 0 || wanted < 0 ? err : place_notify(c, pipe, wanted);
}
