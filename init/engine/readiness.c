/* SPDX-License-Identifier: MIT
 * Readiness: see readiness.h. */
#include "engine/readiness.h"
#include "base/count.h"
#include "base/fmt.h"
#include "base/notify.h"
#include "engine/descriptors.h"
#include "engine/procfs.h"
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

/* Whether nobody but this service runs as that user of the host. */
static bool is_own_uid(const struct plan *p, uint32_t service, uint32_t uid)
{
	const struct plan_service *ps = plan_service(p, service);
	if (ps->id_base)
		return uid >= ps->id_base && uid - ps->id_base < PLAN_ID_RANGE;
	if (uid == 0 || uid != ps->kernel_uid)
		return false;
	for (uint32_t i = 0; i < plan_service_count(p); i++)
		if (i != service && plan_service(p, i)->kernel_uid == uid)
			return false;
	return true;
}

/* Who the main process is, is known from the cell's report. The service may be faster than that,
 * and then it is the cell's child. */
static const char *doubt_main(const struct readiness_claim *c, int pid, int *err)
{
	int parent = c->cell <= 0 || c->main ? 0 : procfs_parent(pid);
	if (parent < 0 && parent != -ENOENT && parent != -ESRCH) {
		*err = parent;
		return "/proc does not show its sender's parent: ";
	}
	if (c->cell > 0 && (c->main ? c->main == pid : c->cell == parent))
		return NULL;
	return "its sender is not the main process (NotifyAccess = main)";
}

/* The socket says which service it is, but one that sees the host's mounts could write to
 * another's: what the kernel says of the sender must not say otherwise. A helper may have ended
 * by now, or /proc may not say, and then nothing is known of it but its user. */
const char *readiness_doubt(const struct plan *p, const struct readiness_claim *c,
	const struct sender *from, int *err)
{
	uint32_t access = plan_service(p, c->service)->notify_access;
	bool unknown = c->whose < 0 && (c->whose != PROCFS_NONE || procfs_parent(from->pid) <= 0);
	if (c->whose != (int)c->service && !unknown)
		return "its sender is none of this service's processes";
	if (unknown && !is_own_uid(p, c->service, from->uid))
		return "its sender is gone or unknown, and its user is not this service's alone";
	return access == NOTIFY_ALL ? NULL : access == NOTIFY_MAIN ? doubt_main(c, from->pid, err) : "";
}

struct span readiness_message(const char *bytes, size_t n)
{
	bool ended = n > 0 && bytes[n - 1] == 0; /* as a string in C: systemd takes it too */
	return (struct span){bytes, ended ? n - 1 : n};
}

static const char *vain_word(struct span line)
{
	static const char *const names[] = {"EXTEND_TIMEOUT_USEC", "MAINPID", "WATCHDOG_USEC",
		"WATCHDOG=trigger", "FDSTORE"};
	for (size_t i = 0; i < COUNT(names); i++) {
		size_t n = strlen(names[i]);
		if (span_starts(line, names[i]) && (line.n == n || line.p[n] == '='))
			return names[i];
	}
	return NULL;
}

enum readiness_word readiness_next(struct span *message, struct span *text)
{
	static const char status[] = "STATUS=", monotonic[] = "MONOTONIC_USEC=";
	struct span line;
	while (span_line(message, &line)) {
		if (span_is(line, "READY=1"))
			return READINESS_READY;
		if (span_is(line, "WATCHDOG=1"))
			return READINESS_PING;
		if (span_is(line, "RELOADING=1"))
			return READINESS_RELOADING;
		if (span_starts(line, monotonic)) {
			*text = (struct span){line.p + strlen(monotonic), line.n - strlen(monotonic)};
			return READINESS_MONOTONIC;
		}
		if (span_starts(line, status)) {
			*text = (struct span){line.p + strlen(status), line.n - strlen(status)};
			return READINESS_STATUS;
		}
		const char *vain = vain_word(line);
		if (vain) {
			*text = span_of(vain);
			return READINESS_VAIN;
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
