/* SPDX-License-Identifier: MIT
 * Closing in a child: see discard.h. The children are forks with memory and descriptors of their
 * own and do not exec. At exit nothing lingers (inet_release checks PF_EXITING); what waits all the
 * same waits in the child's context.
 */
#include "pid1/discard.h"
#include "base/count.h"
#include "base/sys.h"
#include "engine/receive.h"
#include "pid1/descriptors.h"
#include "pid1/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#define PAUSE_MS 10u /* between two children for clients */

enum { CHILD_FD, CHILD_GATE, CHILD_FIRST_FREE };

struct job {
	/* the one descriptor that the child keeps, or -1: all that are not known */
	int fd;
	int gate;             /* it waits for the end of this pipe */
	int other;            /* the writing end, which is PID 1's */
	const uint8_t *known; /* with fd = -1 */
	int first, last;
};

static char child_stack[8192] __attribute__((aligned(16)));

static void close_known(const struct job *j)
{
	for (int fd = j->first; fd < j->last; fd++)
		if (j->known[fd])
			close(fd);
}

/* Ours are let go first, lest a child that cannot end keeps them. */
static void keep_two(const struct job *j)
{
	if (dup2(j->fd, CHILD_FD) < 0 || dup2(j->gate, CHILD_GATE) < 0)
		sys_exit(1);
	if (sys_close_range(CHILD_FIRST_FREE, ~0u, 0) == 0)
		return;
	for (int fd = CHILD_FIRST_FREE; fd < HIGHEST_FD; fd++)
		close(fd);
}

static void child_main(void *arg)
{
	const struct job *j = arg;
	char unused;
	int gate = j->gate;
	if (j->fd >= 0) {
		keep_two(j);
		gate = CHILD_GATE;
	} else {
		close_known(j);
		close(j->other);
	}
	while (read(gate, &unused, sizeof(unused)) < 0 && errno == EINTR)
		;
	sys_exit(0);
}

/* Without our signal handlers: a crash of the child does not count as one of PID 1. */
static long run(struct job *j, int32_t *pid)
{
	struct clone_args args = {
		.flags = CLONE_CLEAR_SIGHAND | CLONE_PARENT_SETTID,
		.parent_tid = (uint64_t)(uintptr_t)pid,
		.exit_signal = SIGCHLD,
		.stack = (uint64_t)(uintptr_t)child_stack,
		.stack_size = sizeof(child_stack),
	};
	return sys_clone3(&args, sizeof(args), child_main, j);
}

static int32_t *closer(struct pid1 *s, int32_t pid)
{
	for (unsigned i = 0; i < COUNT(s->closer); i++)
		if (s->closer[i] == pid)
			return &s->closer[i];
	return NULL;
}

/* The child has a copy and waits until ours are closed. False if none is to be had, or too many are
 * there that cannot end: then the stay's tick bounds the close, and those of all that lies in
 * the queue (it stays pending until we return from the kernel). */
static bool held_by_child(struct pid1 *s, struct job *j, int gate[2])
{
	int32_t *place = closer(s, 0);
	if (!place || pipe2(gate, O_CLOEXEC) < 0)
		return false;
	j->gate = gate[0];
	j->other = gate[1];
	long pid = run(j, place);
	close(gate[0]);
	if (pid > 0)
		return true;
	*place = 0;
	close(gate[1]);
	return false;
}

void discard_close(struct pid1 *s, int *fd)
{
	struct job j = {.fd = *fd};
	int gate[2];
	if (*fd < 0)
		return;
	watch_remove(s, *fd);
	bool held = held_by_child(s, &j, gate);
	close(*fd);
	if (held)
		close(gate[1]);
	*fd = -1;
}

void discard_connection(struct pid1 *s, int *fd)
{
	if (*fd < 0)
		return;
	if (receive_nothing_more(*fd))
		watch_drop(s, fd);
	else
		discard_close(s, fd);
}

uint64_t discard_client(struct pid1 *s, int *fd)
{
	uint64_t now = now_ms();
	if (*fd >= 0 && !receive_nothing_more(*fd)) {
		watch_remove(s, *fd);
		if (now < s->client_ms)
			return s->client_ms;
		s->client_ms = now + PAUSE_MS;
		discard_close(s, fd);
	}
	watch_drop(s, fd);
	return 0;
}

void discard_unknown(struct pid1 *s, const uint8_t *known, int first, int last)
{
	struct job j = {.fd = -1, .known = known, .first = first, .last = last};
	int gate[2] = {-1, -1};
	bool held = held_by_child(s, &j, gate);
	for (int fd = first; fd < last; fd++)
		if (!known[fd] && fd != gate[1])
			close(fd);
	if (held)
		close(gate[1]);
}

bool discard_closed(struct pid1 *s, int32_t pid)
{
	int32_t *place = closer(s, pid);
	if (place)
		*place = 0;
	return place;
}
