/* SPDX-License-Identifier: MIT
 * Sockets with a file: see sockets_far.h. */
#include "pid1/service/sockets_far.h"
#include "base/errname.h"
#include "base/sys.h"
#include "engine/receive.h"
#include "engine/send.h"
#include "pid1/service/ask.h"
#include "pid1/console.h"
#include "pid1/service/label.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <unistd.h>

#define NEAR "/run/"

struct request {
	const struct plan *p;
	const struct plan_service *ps;
	struct sockets_label label;
	uint32_t which;
};

struct answer { /* one for each, its socket goes along */
	uint32_t index;
	int32_t result;
	struct wall_why why;
};

/* In the file system of /run itself, which is memory, or not there. What else is mounted on the
 * way, at boot or by a service since, may not answer; to say that it is mounted asks it nothing. */
static bool is_memory(const char *path)
{
	const size_t n = strlen(NEAR);
	if (strncmp(path, NEAR, n) != 0)
		return false;
	int run = open(NEAR, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (run < 0)
		return false;
	int fd = sys_openat2(run, path + n, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0,
		RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);
	close(run);
	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP;
	close(fd);
	return true;
}

/* To open a FIFO that somebody has open waits for its lock, which he can hold (notify.h). */
bool sockets_far_is(const struct plan *p, const struct plan_socket *ps)
{
	return ps->family == SOCKET_PATH &&
		(ps->kind == SOCKET_FIFO || !is_memory(plan_text(p, ps->path)));
}

static bool is_asked(const struct request *r, uint32_t index)
{
	return r->which & 1u << index;
}

/* Up to the first one that fails. */
static int work_open(const void *arg)
{
	const struct request *r = arg;
	const struct plan_socket *all = plan_elements(r->p, r->ps->sockets, sizeof(*all));
	for (uint32_t i = 0; all && i < r->ps->sockets.count && i < PLAN_MAX_SOCKETS; i++) {
		struct answer a = {.index = i, .why.optional = r->ps->optional_walls};
		if (!is_asked(r, i))
			continue;
		int fd = sockets_open(r->p, &all[i], &r->label, &a.why);
		a.result = fd < 0 ? fd : 0;
		int err = send_message(ERRAND_FD, &a, sizeof(a), fd);
		if (fd < 0 || err < 0)
			return fd < 0 ? fd : err;
		close(fd);
	}
	return 0;
}

int sockets_far_open(struct pid1 *s, const struct plan *p, const struct core_action *a,
	uint32_t which)
{
	struct request r = {.p = p, .ps = plan_service(p, a->service), .which = which};
	label_of(s, p, a->service, &r.label);
	return ask_begin(s, a->service, ASK_SOCKETS, work_open, &r, a);
}

bool sockets_far_next(const struct pid1 *s, uint32_t service, uint32_t *index, int *fd,
	struct wall_why *why)
{
	struct answer a = {0};
	if (s->runtime[service].asked_fd < 0 ||
		receive_passed(s->runtime[service].asked_fd, &a, sizeof(a), fd) != (ssize_t)sizeof(a))
		return false;
	*why = a.why;
	why->text[sizeof(why->text) - 1] = 0;
	*index = a.index;
	if (*fd < 0)
		*fd = a.result < 0 ? a.result : -EMFILE;
	return true;
}

void sockets_far_taken(struct pid1 *s, uint32_t service)
{
	receive_done(s->runtime[service].asked_fd);
}

static int work_remove(const void *arg)
{
	const struct request *r = arg;
	const struct plan_socket *all = plan_elements(r->p, r->ps->sockets, sizeof(*all));
	for (uint32_t i = 0; all && i < r->ps->sockets.count && i < PLAN_MAX_SOCKETS; i++)
		if (is_asked(r, i))
			sockets_remove(r->p, &all[i]);
	return 0;
}

void sockets_far_remove(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t which)
{
	const struct request r = {.p = p, .ps = plan_service(p, service), .which = which};
	int err = ask_begin(s, service, ASK_REMOVAL, work_remove, &r, NULL);
	if (err != -EINPROGRESS)
		console_say(s, SAY_ERROR, plan_text(p, r.ps->name),
			": the files of its sockets are not removed: ", err_name(err), NULL);
}
