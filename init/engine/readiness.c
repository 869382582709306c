/* SPDX-License-Identifier: MIT
 * Readiness: see readiness.h. */
#include "engine/readiness.h"
#include "base/fmt.h"
#include "base/notify.h"
#include "engine/descriptors.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int make_directory(const char *path, mode_t mode)
{
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return -errno;
	return chmod(path, mode) < 0 ? -errno : 0;
}

int readiness_places(void)
{
	int err = make_directory(NOTIFY_DIRECTORY, 0700);
	if (err == 0)
		err = make_directory(NOTIFY_HOST_DIRECTORY, 0711);
	if (err < 0)
		return err;
	return mknod(NOTIFY_PATH, S_IFREG | 0444, 0) < 0 && errno != EEXIST ? -errno : 0;
}

/* Root's, and as such closed to others, until it is whose it is to be. */
static int give(const char *path, const struct plan_service *ps)
{
	bool host = ps->flags & SERVICE_HOST_MOUNTS, changes = ps->flags & SERVICE_SETS_USER;
	if (chmod(path, host && !changes ? 0600 : 0666) < 0)
		return -errno;
	return host && (ps->kernel_uid || ps->kernel_gid) &&
			lchown(path, ps->kernel_uid, ps->kernel_gid) < 0
		? -errno
		: 0;
}

int readiness_socket(const struct plan *p, const struct plan_service *ps)
{
	bool host = ps->flags & SERVICE_HOST_MOUNTS;
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct fmt f;
	int fd = descriptor_lift(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	if (fd < 0)
		return fd;
	fmt_init(&f, a.sun_path, sizeof(a.sun_path));
	fmt_strs(&f, host ? NOTIFY_HOST_DIRECTORY "/" : NOTIFY_DIRECTORY "/", plan_text(p, ps->name),
		NULL);
	unlink(a.sun_path);
	int err = receive_names_senders(fd);
	receive_refuse_descriptors(fd);
	if (err == 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		err = -errno;
	if (err == 0)
		err = give(a.sun_path, ps);
	if (err < 0)
		close(fd);
	return err < 0 ? err : fd;
}

struct span readiness_message(const char *bytes, size_t n)
{
	bool ended = n > 0 && bytes[n - 1] == 0; /* as a string in C: systemd takes it too */
	return (struct span){bytes, ended ? n - 1 : n};
}

enum readiness_word readiness_next(struct span *message, struct span *text)
{
	static const char status[] = "STATUS=";
	struct span line;
	while (span_line(message, &line)) {
		if (span_is(line, "READY=1"))
			return READINESS_READY;
		if (span_is(line, "WATCHDOG=1"))
			return READINESS_PING;
		if (span_starts(line, status)) {
			*text = (struct span){line.p + strlen(status), line.n - strlen(status)};
			return READINESS_STATUS;
		}
	}
	return READINESS_END;
}

void readiness_text(char *buf, size_t cap, struct span text)
{
	struct fmt f;
	fmt_init(&f, buf, cap);
	for (size_t i = 0; i < text.n; i++)
		fmt_char(&f, text.p[i] >= 32 && text.p[i] < 127 ? text.p[i] : '?');
}

bool readiness_is_over(const char *bytes, ssize_t len, const struct sender *from, bool *ready)
{
	*ready = len > 0 && memchr(bytes, '\n', (size_t)len);
	return *ready || (len == 0 && from->pid < 0) || from->carries;
}
