/* SPDX-License-Identifier: MIT
 * What the cell is started with: see cell.h. */
#include "engine/cell.h"
#include "base/count.h"
#include "base/fmt.h"
#include "engine/descriptors.h"
#include "engine/receive.h"
#include <errno.h>
#include <sched.h>
#include <unistd.h>

static void close_both(const int fd[2])
{
	for (int i = 0; i < 2; i++)
		if (fd[i] >= 0)
			close(fd[i]);
}

void cell_channels_close(const struct cell_channels *ch)
{
	close_both(ch->report);
	close_both(ch->ready);
}

int cell_channels_open(const struct plan_service *ps, bool main, struct cell_channels *ch)
{
	*ch = (struct cell_channels){{-1, -1}, {-1, -1}};
	int err = descriptor_channel(ch->report);
	if (err == 0 && ps->notification_fd >= 0 && main)
		err = descriptor_channel(ch->ready); /* no pipe: readiness.h */
	if (err == 0 && ch->ready[0] >= 0)
		err = receive_names_senders(ch->ready[0]);
	if (err)
		cell_channels_close(ch);
	else if (ch->ready[0] >= 0)
		receive_refuse_descriptors(ch->ready[0]);
	return err;
}

void cell_channels_handed(const struct cell_channels *ch)
{
	close(ch->report[1]);
	if (ch->ready[1] >= 0)
		close(ch->ready[1]);
}

static void put_argument(struct start *c, unsigned i, uint32_t value)
{
	struct fmt f;
	fmt_init(&f, c->number[i], sizeof(c->number[i]));
	fmt_u64(&f, value);
}

/* Into its group from its first instruction (Linux 5.7), unless what runs there could hold up the
 * execve that PID 1 waits for: then it enters itself. */
void cell_fill(struct start *c, struct clone_args *args, const struct plan_service *ps,
	const struct cell_command *k, const struct cell_channels *ch)
{
	const uint32_t numbers[COUNT(c->number)] = {k->service, k->list, k->index};
	unsigned n = 0;
	*c = (struct start){.fd = {k->stdio[0], k->stdio[1], k->stdio[2], k->plan, ch->report[1],
							k->group, ch->ready[1], -1, k->network},
		.handed = CELL_FD_SOCKETS,
		.path = k->path};
	c->argv[n++] = "bulkhead-cell";
	for (unsigned i = 0; i < COUNT(numbers); i++) {
		put_argument(c, i, numbers[i]);
		c->argv[n++] = c->number[i];
	}
	if (k->join || k->mode)
		c->argv[n++] = k->join ? CELL_JOIN : CELL_INSIDE;
	if (k->mode)
		c->argv[n++] = k->mode;
	for (unsigned i = 0; k->more && k->more[i] && n < START_WORDS; i++)
		c->argv[n++] = k->more[i];
	args->flags |= ps->clone_flags | (k->join ? 0 : CLONE_INTO_CGROUP);
	args->cgroup = k->join ? 0 : (uint32_t)k->group;
}

void cell_fill_task(struct start *c, const char *path, const char *task, uint32_t service,
	const int stdio[3], int plan, int network)
{
	*c = (struct start){.fd = {stdio[0], stdio[1], stdio[2], plan, -1, -1, -1, -1, network},
		.handed = CELL_FD_SOCKETS,
		.path = path};
	put_argument(c, 0, service);
	c->argv[0] = "bulkhead-cell";
	c->argv[1] = task;
	c->argv[2] = c->number[0];
}

/* EINVAL may mean that the kernel is built without a kind of namespace: then which one is worth
 * more than the call's name. */
const char *cell_refused(const struct plan_service *ps, int err)
{
	static const struct {
		uint32_t flag;
		const char *file, *what;
	} kinds[] = {
		{CLONE_NEWPID, "/proc/self/ns/pid", "this kernel has no PID namespaces"},
		{CLONE_NEWIPC, "/proc/self/ns/ipc", "this kernel has no IPC namespaces"},
		{CLONE_NEWUTS, "/proc/self/ns/uts", "this kernel has no UTS namespaces"},
		{CLONE_NEWNET, "/proc/self/ns/net", "this kernel has no network namespaces"},
	};
	for (unsigned i = 0; i < COUNT(kinds); i++)
		if (err == -EINVAL && ps->clone_flags & kinds[i].flag && access(kinds[i].file, F_OK) < 0 &&
			errno == ENOENT)
			return kinds[i].what;
	return "clone3";
}
