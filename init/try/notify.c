/* SPDX-License-Identifier: MIT
 * Readiness without PID 1: in a mount namespace of ours an empty /run/bulkhead takes the place of
 * what may be there, with a socket of ours where the cell looks for PID 1's. The host sees none of
 * it.
 */
#include "base/fmt.h"
#include "base/span.h"
#include "try/try.h"
#include "base/notify.h"
#include "walls/filesystem/filesystem.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define RUN_DIRECTORY "/run/bulkhead"

static int make_places(void)
{
	if (mkdir(RUN_DIRECTORY, 0755) < 0 && errno != EEXIST)
		return -errno;
	if (mount("tmpfs", RUN_DIRECTORY, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
			"mode=755,size=64k") < 0)
		return -errno;
	if (mkdir(NOTIFY_DIRECTORY, 0711) < 0 || mkdir(NOTIFY_HOST_DIRECTORY, 0711) < 0 ||
		mknod(NOTIFY_PATH, S_IFREG | 0444, 0) < 0)
		return -errno;
	return 0;
}

static int make_socket(struct trial *t)
{
	const struct filesystem_plan *view = plan_wall(&t->plan, t->service, WALL_FILESYSTEM,
		sizeof(*view));
	bool host = view && view->flags & FS_HOST_MOUNTS;
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct fmt f;
	int err = make_places();
	if (err < 0)
		return err;
	fmt_init(&f, a.sun_path, sizeof(a.sun_path));
	fmt_strs(&f, host ? NOTIFY_HOST_DIRECTORY "/" : NOTIFY_DIRECTORY "/",
		plan_text(&t->plan, t->service->name), NULL);
	t->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->notify < 0 || bind(t->notify, (struct sockaddr *)&a, sizeof(a)) < 0 ||
		chmod(a.sun_path, 0666) < 0)
		return -errno;
	return 0;
}

int notify_open(struct trial *t)
{
	int err = 0;
	/* Slave: what is mounted on the host later still shows here, and nothing of ours shows
	 * there. */
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		err = -errno;
	if (err == 0 && plan_notifies(t->service))
		err = make_socket(t);
	if (err < 0)
		try_say("readiness socket: %s", strerror(-err));
	return err;
}

static void one_line(struct trial *t, struct span line)
{
	if (span_is(line, "READY=1")) {
		if (!t->ready)
			try_say("ready");
		t->ready = true;
	} else if (span_starts(line, "STATUS=")) {
		char text[200];
		size_t n = line.n - 7 < sizeof(text) - 1 ? line.n - 7 : sizeof(text) - 1;
		for (size_t i = 0; i < n; i++)
			text[i] = line.p[7 + i] >= ' ' && line.p[7 + i] < 127 ? line.p[7 + i] : '?';
		text[n] = '\0';
		try_say("status: %s", text);
	}
}

void notify_read(struct trial *t)
{
	char text[4096]; /* as PID 1 */
	ssize_t n = recv(t->notify, text, sizeof(text), MSG_DONTWAIT);
	struct span rest = {text, n > 0 ? (size_t)n : 0};
	if (rest.n > 0 && text[rest.n - 1] == '\0') /* that of a string in C */
		rest.n--;

	while (rest.n > 0) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t length = end ? (size_t)(end - rest.p) : rest.n;
		one_line(t, (struct span){rest.p, length});
		rest.p += length + (end != NULL);
		rest.n -= length + (end != NULL);
	}
}
