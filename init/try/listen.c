/* SPDX-License-Identifier: MIT
 * [Socket] without PID 1: the same sockets at the same places, opened before the trial and gone
 * after it.
 */
#include "base/errname.h"
#include "engine/descriptors.h"
#include "sockets/sockets.h"
#include "try/try.h"
#include <unistd.h>

#define POLICY "/sys/fs/selinux/enforce" /* there if a policy is in force */

static const struct plan_socket *socket_of(const struct trial *t, uint32_t i)
{
	const struct plan_socket *all = plan_elements(&t->plan, t->service->sockets, sizeof(*all));
	return all ? all + i : NULL;
}

static int open_one(struct trial *t, uint32_t i)
{
	struct wall_why why = {.optional = t->service->optional_walls};
	const struct sockets_label label = sockets_label_for(&t->plan, t->service,
		access(POLICY, F_OK) == 0);
	int fd = sockets_open(&t->plan, socket_of(t, i), &label, &why);
	if (fd < 0) {
		try_say("wall failed: socket: %s: %s", err_name(-fd), why.text);
		return fd;
	}
	try_say_absent(why.absent);
	t->sockets[i] = descriptor_lift(fd);
	return t->sockets[i] < 0 ? t->sockets[i] : 0;
}

int listen_open(struct trial *t)
{
	for (uint32_t i = 0; i < t->service->sockets.count; i++) {
		int err = open_one(t, i);
		if (err < 0)
			return err;
	}
	return 0;
}

void listen_close(struct trial *t)
{
	for (uint32_t i = 0; i < t->service->sockets.count; i++) {
		if (t->sockets[i] <= 0)
			continue;
		sockets_remove(&t->plan, socket_of(t, i));
		close(t->sockets[i]);
	}
}
