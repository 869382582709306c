/* SPDX-License-Identifier: MIT
 * Finding this service's part of the plan. PID 1 has checked the whole plan and its memfd is
 * sealed, so the checksum over up to a megabyte is not computed again at each start. The accessors
 * are total (plan/plan.h) and rely only on what is checked here.
 */
#include "base/count.h"
#include "base/feature.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/span.h"
#include "cell/cell.h"
#include "walls/identity/identity.h"
#include "walls/network/network.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static const char *check_header(const struct plan_header *h, size_t size)
{
	if (size < sizeof(*h) || memcmp(h->magic, PLAN_MAGIC, sizeof(h->magic)) != 0)
		return "not a plan";
	if (h->version < PLAN_COMPATIBLE || h->compatible > PLAN_VERSION)
		return "plan of another version";
	if (h->arch != plan_native_arch())
		return "plan for another architecture";
	if (h->size != size || h->strings_off > size || h->strings_size == 0 ||
		h->strings_size > size - h->strings_off)
		return "plan cut short";
	return ((const char *)h)[h->strings_off + h->strings_size - 1] == '\0'
		? NULL
		: "plan without end of strings";
}

static int map_plan(struct cell *c)
{
	struct stat st;
	if (fstat(CELL_FD_PLAN, &st) < 0 || st.st_size <= 0)
		return wall_failed(&c->why, -EBADF, "no plan");
	void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, CELL_FD_PLAN, 0);
	if (bytes == MAP_FAILED)
		return wall_failed(&c->why, -errno, "mmap");
	const char *wrong = check_header(bytes, (size_t)st.st_size);
	if (wrong)
		return wall_failed(&c->why, -EBADMSG, wrong);
	c->plan = (struct plan){.base = bytes, .size = (size_t)st.st_size};
	return 0;
}

static int read_numbers(struct cell *c)
{
	uint64_t n[3];
	for (int i = 0; i < 3; i++) {
		if (!c->argv[0] || !c->argv[i + 1] ||
			num_u64(span_of(c->argv[i + 1]), UINT32_MAX, &n[i]) < 0)
			return wall_failed(&c->why, -EINVAL,
				"usage: bulkhead-cell SERVICE LIST COMMAND, started by PID 1");
	}
	c->service = plan_service(&c->plan, (uint32_t)n[0]);
	c->list = (uint32_t)n[1];
	c->index = (uint32_t)n[2];
	return 0;
}

static int read_mode(struct cell *c)
{
	static char *const none[] = {NULL};
	const char *place = c->argv[4], *mode = place ? c->argv[5] : NULL;
	c->words = none;
	c->listener = -1;
	c->join = place && strcmp(place, CELL_JOIN) == 0;
	if (place && !c->join && strcmp(place, CELL_INSIDE) != 0)
		return wall_failed2(&c->why, -EINVAL, "place", place);
	if (!mode)
		return 0;
	c->foreground = true;
	c->learn = CONFIG_LEARN && strcmp(mode, CELL_MODE_LEARN) == 0;
	if (!c->learn && strcmp(mode, CELL_MODE_FOREGROUND) != 0)
		return wall_failed2(&c->why, -EINVAL, "mode", mode);
	if (c->list == EXEC_START)
		c->words = c->argv + 6;
	return 0;
}

static int find_service(struct cell *c)
{
	uint64_t index = 0;
	int err = map_plan(c);
	if (err < 0)
		return err;
	if (!c->argv[2] || num_u64(span_of(c->argv[2]), UINT32_MAX, &index) < 0)
		return wall_failed2(&c->why, -EINVAL,
			"started by PID 1 with the number of a service:", c->argv[1]);
	c->service = plan_service(&c->plan, (uint32_t)index);
	return c->service ? 0 : wall_failed(&c->why, -ENOENT, "no such service");
}

int cell_find_network(struct cell *c)
{
	int err = find_service(c);
	if (err < 0)
		return err;
	c->network = plan_wall(&c->plan, c->service, WALL_NETWORK, sizeof(*c->network));
	return c->network ? 0 : wall_failed(&c->why, -EINVAL, "a wall is missing");
}

int cell_clean(struct cell *c)
{
	int err = find_service(c);
	const struct filesystem_plan *f = err < 0
		? NULL
		: plan_wall(&c->plan, c->service, WALL_FILESYSTEM, sizeof(*f));
	if (err == 0)
		err = f ? filesystem_clean_directories(&c->plan, f) : -EINVAL;
	return -err & 0xff;
}

static int find_command(struct cell *c)
{
	if (!c->service || c->service->flags & SERVICE_REFUSED)
		return wall_failed(&c->why, -ENOENT,
			c->service ? "the service was refused" : "no such service");
	if (c->list >= EXEC_COUNT || c->index >= c->service->exec[c->list].count)
		return wall_failed(&c->why, -ENOENT, "no such command");
	const struct plan_command *commands = plan_elements(&c->plan, c->service->exec[c->list],
		sizeof(*commands));
	if (!commands)
		return wall_failed(&c->why, -EINVAL, "list of commands");
	c->command = &commands[c->index];
	return 0;
}

/* Who made the plan may have been built with more. */
static int check_options(struct cell *c)
{
	const char *option = plan_lacks(c->service, &c->why.absent);
	return option ? wall_failed2(&c->why, -EOPNOTSUPP, FEATURE_WITHOUT, option) : 0;
}

bool cell_needs_notify(const struct cell *c)
{
	return plan_notifies(c->service);
}

void cell_notify_path(const struct cell *c, const char *prefix, char *buf, size_t cap)
{
	bool host = c->view.flags & FS_HOST_MOUNTS;
	struct fmt f;
	fmt_init(&f, buf, cap);
	fmt_strs(&f, prefix, host ? NOTIFY_HOST_DIRECTORY "/" : NOTIFY_DIRECTORY "/",
		plan_text(&c->plan, c->service->name), NULL);
}

/* No service runs without a wall because the plan does not have it. */
static int find_walls(struct cell *c)
{
	const struct plan_service *s = c->service;
	for (int w = 0; w < WALL_COUNT; w++) {
		bool off = PLAN_WALLS_MAY_BE_OFF >> w & 1 && s->wall[w].size == 0;
		c->wall[w] = plan_wall(&c->plan, s, (enum plan_wall)w, c->wall_size[w]);
		if (!c->wall[w] && !off)
			return wall_failed(&c->why, -EINVAL, "a wall is missing");
	}
	c->view = *c->filesystem;
	if (cell_needs_notify(c))
		c->view.flags |= FS_NOTIFY_SOCKET;
	return 0;
}

/* Only the main process has them. All that the plan names must be there: its names say which is
 * which. */
static int find_sockets(struct cell *c)
{
	uint32_t n = c->list == EXEC_START ? c->service->sockets.count : 0;
	if (n > CELL_MAX_SOCKETS)
		return wall_failed(&c->why, -E2BIG, "listening sockets");
	for (uint32_t i = 0; i < n; i++)
		if (fcntl(CELL_FD_SOCKETS + (int)i, F_GETFD) < 0)
			return wall_failed(&c->why, -ENOTCONN, "a listening socket was not handed over");
	c->sockets = (int)n;
	return 0;
}

/* Walls that contradict each other leave a gap between them. */
static int check_walls(struct cell *c)
{
	const struct namespaces_plan *n = c->namespaces;
	const struct identity_plan *i = c->identity;
	bool own_mounts = n->own & NS_MOUNT, own_network = n->own & NS_NETWORK;
	/* Before anything else is opened, which would get that number. */
	c->has_network = c->network->mode != NETWORK_HOST && fcntl(CELL_FD_NETWORK, F_GETFD) >= 0;
	c->user_ns = -1;
	if (own_network != (c->network->mode == NETWORK_PRIVATE) ||
		(c->network->flags & NETWORK_OWNED && !(n->own & NS_USER)))
		return wall_failed(&c->why, -EINVAL, "namespaces and network disagree");

	if (own_mounts == (bool)(c->view.flags & FS_HOST_MOUNTS))
		return wall_failed(&c->why, -EINVAL, "mount namespace and file system disagree");
	if (!(n->own & NS_USER) && (i->kernel_uid != i->uid || i->kernel_gid != i->gid))
		return wall_failed(&c->why, -EINVAL, "ids of a user namespace without one");
	if (n->own & NS_USER && (i->kernel_uid - n->id_base != i->uid || i->uid >= n->id_count))
		return wall_failed(&c->why, -EINVAL, "uid outside its range");
	if (n->own & NS_USER && (i->kernel_gid - n->id_base != i->gid || i->gid >= n->id_count))
		return wall_failed(&c->why, -EINVAL, "gid outside its range");
	return 0;
}

int cell_plan(struct cell *c)
{
	static int (*const parts[])(struct cell *) = {map_plan, read_numbers, read_mode, find_command,
		check_options, find_sockets, find_walls, check_walls};
	for (size_t i = 0; i < COUNT(parts); i++) {
		int err = parts[i](c);
		if (err < 0)
			return err;
	}
	return 0;
}
