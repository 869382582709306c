/* SPDX-License-Identifier: MIT
 * Readiness: see notify.h. */
#include "pid1/notify.h"
#include "base/fmt.h"
#include "base/span.h"
#include "pid1/loop.h"
#include "pid1/process.h"
#include "pid1/reap.h"
#include "pid1/receive.h"
#include "pid1/spawn.h"
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NOTIFY_ROUND 32 /* datagrams taken in one round of the loop */
#define NOTIFY_MAX 1024 /* bytes of one */

int notify_open(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = NOTIFY_PATH};
	int on = 1;
	int fd = spawn_lift(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	if (fd < 0)
		return fd;
	unlink(NOTIFY_PATH);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0 ||
		chmod(NOTIFY_PATH, 0666) < 0) {
		int err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static bool may_notify(const struct pid1 *s, const struct plan_service *ps, uint32_t service, int pid)
{
	if (ps->notify_access == NOTIFY_ALL)
		return true;
	return ps->notify_access == NOTIFY_MAIN && s->runtime[service].slot[SLOT_MAIN].pid == process_parent(pid);
}

static void keep_status(struct runtime *r, struct span text)
{
	struct fmt f;
	fmt_init(&f, r->why, sizeof r->why);
	for (size_t i = 0; i < text.n; i++)
		fmt_char(&f, text.p[i] >= 32 && text.p[i] < 127 ? text.p[i] : '?'); /* it will be printed on a terminal */
}

static void one_line(struct pid1 *s, const struct plan *p, uint32_t service, struct span line)
{
	if (span_is(line, "READY=1"))
		tell_core(s, p, EV_READY, service, SLOT_MAIN, 0);
	else if (span_is(line, "WATCHDOG=1"))
		tell_core(s, p, EV_PING, service, SLOT_MAIN, 0);
	else if (span_starts(line, "STATUS="))
		keep_status(&s->runtime[service], (struct span){line.p + 7, line.n - 7});
}

static void one_message(struct pid1 *s, const struct plan *p, int pid, struct span text)
{
	int service = process_service(p, pid);
	if (service < 0 || !may_notify(s, plan_service(p, (uint32_t)service), (uint32_t)service, pid))
		return;
	reap_report(
		s, p, (uint32_t)service, SLOT_MAIN); /* its start comes before its readiness, whichever descriptor was seen first */
	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) : text.n;
		one_line(s, p, (uint32_t)service, (struct span){text.p, n});
		text.p += end ? n + 1 : n;
		text.n -= end ? n + 1 : n;
	}
}

void notify_read(struct pid1 *s, const struct plan *p)
{
	for (int n = 0; n < NOTIFY_ROUND; n++) {
		char text[NOTIFY_MAX];
		int pid = 0;
		ssize_t len = receive_message(s->notify_fd, text, sizeof text, &pid);
		if (len < 0 && len != -EMSGSIZE)
			return;
		if (len > 0 && pid > 0)
			one_message(s, p, pid, (struct span){text, (size_t)len});
	}
}

void notify_pipe(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot)
{
	char text[64];
	if (service >= s->core.count)
		return;
	struct slot *sl = &s->runtime[service].slot[slot];
	ssize_t n = read(sl->ready, text, sizeof text);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && !memchr(text, '\n', (size_t)n))
		return;                       /* s6: what comes before the newline is nobody's business */
	reap_report(s, p, service, slot); /* its start comes before its readiness */
	if (n > 0)
		tell_core(s, p, EV_READY, service, SLOT_MAIN, 0);
	loop_drop(s, &sl->ready);
}
