/* SPDX-License-Identifier: MIT
 * Sockets beyond /run: see sockets_far.h. */
#include "pid1/sockets_far.h"
#include "pid1/console.h"
#include "pid1/discard.h"
#include "pid1/errand.h"
#include "pid1/receive.h"
#include "pid1/send.h"
#include "pid1/spawn.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SILENT_MS 10000u /* once something has not answered, nothing else is asked for so long */
#define NEAR "/run"

static uint64_t silent_until; /* forgotten in a crash: then one more is asked */

struct request {
	const struct plan *p;
	const struct plan_socket *socket;
	const struct sockets_label *label;
	struct wall_why *why;
};

static bool lies_below(const char *path, const char *directory)
{
	size_t n = strlen(directory);
	return strncmp(path, directory, n) == 0 && path[n] == '/';
}

/* /run is memory, but for what fstab mounts there. To open a FIFO that somebody has open waits for
 * its lock, which he can hold (notify.h). */
static bool is_far(const struct plan *p, const struct plan_socket *socket)
{
	const struct plan_machine *m = &plan_header(p)->machine;
	const struct plan_mount *mounts = plan_elements(p, m->mounts, sizeof *mounts);
	const char *path = plan_text(p, socket->path);
	if (socket->family != SOCKET_PATH)
		return false;
	if (socket->kind == SOCKET_FIFO || !lies_below(path, NEAR))
		return true;
	for (uint32_t i = 0; mounts && i < m->mounts.count; i++) {
		const char *target = plan_text(p, mounts[i].target);
		if (lies_below(target, NEAR) && lies_below(path, target))
			return true;
	}
	return false;
}

/* The answer is what the wall says of itself, with the socket. */
static int work_open(const void *arg)
{
	const struct request *r = arg;
	int fd = sockets_open(r->p, r->socket, r->label, r->why);
	int err = send_message(ERRAND_FD, r->why, sizeof *r->why, fd);
	return fd < 0 ? fd : err;
}

static int take_answer(struct pid1 *s, int from, int result, struct wall_why *why)
{
	struct wall_why said;
	int fd = -1;
	bool whole = receive_passed(from, &said, sizeof said, &fd) == (ssize_t)sizeof said;
	if (whole)
		*why = said;
	if (result < 0 || !whole)
		discard_close(s, &fd);
	return result < 0 ? result : !whole ? -EPROTO : fd < 0 ? -EMFILE : fd;
}

int sockets_far_open(struct pid1 *s, const struct plan *p, const struct plan_socket *ps, const struct sockets_label *label,
	uint64_t end_ms, struct wall_why *why)
{
	const struct request r = {p, ps, label, why};
	uint64_t now = now_ms();
	int pair[2];
	if (!is_far(p, ps))
		return sockets_open(p, ps, label, why);
	if (now >= end_ms)
		return wall_failed2(why, -ETIMEDOUT, "those before it took too long, not tried:", plan_text(p, ps->path));
	int result = spawn_channel(pair);
	if (result < 0)
		return wall_failed(why, result, plan_text(p, ps->path));
	result = errand_run_with(s, work_open, &r, pair[1], (uint32_t)(end_ms - now));
	close(pair[1]);
	int fd = take_answer(s, pair[0], result, why);
	close(pair[0]);
	return fd == -ETIMEDOUT ? wall_failed2(why, fd, "nothing answers at", plan_text(p, ps->path)) : fd;
}

static int work_remove(const void *arg)
{
	const struct request *r = arg;
	sockets_remove(r->p, r->socket);
	return 0;
}

void sockets_far_remove(struct pid1 *s, const struct plan *p, const struct plan_socket *ps)
{
	const struct request r = {.p = p, .socket = ps};
	if (ps->kind == SOCKET_FIFO)
		return; /* it stays */
	if (!is_far(p, ps)) {
		sockets_remove(p, ps);
		return;
	}
	bool asked = now_ms() >= silent_until;
	if (asked && errand_run(s, work_remove, &r, SOCKETS_FAR_MS) != -ETIMEDOUT)
		return;
	if (asked)
		silent_until = now_ms() + SILENT_MS;
	console_say(s, SAY_ERROR, plan_text(p, ps->path),
		asked ? ": not removed: nothing answers there" : ": not removed: another one has just not answered", NULL);
}
