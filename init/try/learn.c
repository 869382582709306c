/* SPDX-License-Identifier: MIT
 * The listener: see learn.h.
 */
#include "try/learn.h"
#include "base/num.h"
#include "base/sys.h"
#include "try/learn_record.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct learn the_learn;

int learn_open(struct trial *t)
{
	struct learn *l = &the_learn;
	l->out = open(t->learn_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (l->out < 0) {
		try_say("%s: %s", t->learn_path, strerror(errno));
		return -EIO;
	}
	fmt_init(&l->note, l->notes, sizeof(l->notes));
	t->learn = l;
	try_say(
		"LEARNING: system calls are not filtered in this run, only watched; every other wall is in force");
	return 0;
}

void learn_attach(struct trial *t, int pid, const char *number)
{
	struct learn *l = t->learn;
	uint64_t fd = 0;
	int pidfd = sys_pidfd_open(pid), mine = -1;
	if (!l || pidfd < 0 || num_u64(span_of(number), INT32_MAX, &fd) < 0 ||
		l->listeners == LEARN_LISTENERS) {
		try_say("the listener of process %d: %s", pid, strerror(pidfd < 0 ? -pidfd : EINVAL));
	} else {
		/* pidfd_getfd(2): Linux 5.6. */
		mine = (int)syscall(SYS_pidfd_getfd, pidfd, (int)fd, 0u);

		if (mine < 0)
			try_say("the listener of process %d: %s", pid, strerror(errno));
		else
			l->listener[l->listeners++] = mine;
	}
	if (pidfd >= 0)
		close(pidfd);
	/* Without it every call of the service would wait for ever: then its cell goes, and that is
	 * a failure of the start. */
	if (mine < 0)
		group_kill(t);
}

int learn_descriptor(const struct learn *l, int n)
{
	return n < l->listeners ? l->listener[n] : -1;
}

static void add_value(struct values *v, uint64_t value)
{
	for (unsigned i = 0; i < v->count; i++)
		if (v->value[i] == value)
			return;
	if (v->count == LEARN_VALUES)
		v->many = true;
	else
		v->value[v->count++] = value;
}

static void note_call(struct learn *l, const struct seccomp_notif *n)
{
	int nr = n->data.nr;
	if (nr < 0 || nr >= LEARN_CALLS)
		return;
	l->made[nr] = true;
	for (unsigned i = 0; i < LEARN_ARGUMENTS; i++)
		add_value(&l->values[nr][i], n->data.args[i]);
	learn_look(l, n);
}

static void let_go(struct learn *l, int n)
{
	close(l->listener[n]);
	l->listener[n] = l->listener[--l->listeners];
}

void learn_event(struct trial *t, int n, bool waiting)
{
	/* The kernel's structs may grow: room for that. */
	union {
		struct seccomp_notif request;
		struct seccomp_notif_resp response;
		char room[512];
	} u;
	struct learn *l = t->learn;
	int fd = learn_descriptor(l, n);
	/* Where all have ended, Linux 6.1 waits in receiving for ever. Where poll(2) saw a call, no
	 * kernel does: each call is counted when it comes, and not uncounted when its caller is
	 * killed, so that receiving finds the count and then no call (ENOENT). */
	if (!waiting) {
		let_go(l, n);
		return;
	}
	memset(&u, 0, sizeof(u));
	int err = sys_ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &u.request);
	if (err < 0) {
		if (err != -EINTR && err != -ENOENT) /* the caller was killed meanwhile */
			let_go(l, n);
		return;
	}
	uint64_t id = u.request.id;
	l->asked = id;
	l->asked_where = fd;
	/* as the service's own filter has it: libraries fall back to clone */
	bool absent = u.request.data.nr == SYS_clone3;
	note_call(l, &u.request);
	memset(&u, 0, sizeof(u));
	u.response.id = id;
	u.response.flags = absent ? 0 : (__u32)SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	u.response.error = absent ? -ENOSYS : 0;
	sys_ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &u.response);
}

static void keep_most(const struct trial *t, const char *peak, const char *now, uint64_t *most)
{
	uint64_t value = 0;
	if ((group_read(t, peak, &value) || group_read(t, now, &value)) && value > *most)
		*most = value;
}

void learn_sample(struct trial *t)
{
	keep_most(t, "memory.peak", "memory.current", &t->learn->memory); /* Linux 5.19 */
	keep_most(t, "pids.peak", "pids.current", &t->learn->tasks);      /* Linux 6.1 */
}
