/* SPDX-License-Identifier: MIT
 * The one check of a plan's bytes, before anything believes them. Order matters: the header's own
 * numbers first, then the string pool, so that the checks of services may already use the total
 * accessors; those do the arithmetic that could overflow. Refused services are checked like any
 * other, since they are shown and their edges are followed.
 */
#include "base/config.h"
#include "base/count.h"
#include "base/hash.h"
#include "plan/plan.h"
#include <sched.h>
#include <stdbool.h>
#include <string.h>

#define ALLOWED_CLONE_FLAGS ((uint32_t)(CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET))
#define KNOWN_SERVICE_FLAGS \
	((uint32_t)(SERVICE_ENABLED | SERVICE_ESSENTIAL | SERVICE_REFUSED | SERVICE_LOGGER | \
		SERVICE_RETURNS | SERVICE_ON_DEMAND | SERVICE_LABELLED | SERVICE_MDWE | \
		SERVICE_HOST_MOUNTS | SERVICE_SETS_USER | SERVICE_CLEANS | SERVICE_KEEPS))
/* first byte under the checksum */
#define CHECKED_FROM (offsetof(struct plan_header, checksum) + sizeof(uint64_t))
#define STATUS_MAX 255
#define SIGNAL_MAX 64

/* A list that is empty or wholly inside, of at most `max` elements. */
static bool list_fits(const struct plan *p, struct plan_list list, size_t element_size,
	uint32_t max)
{
	return list.count == 0 || (list.count <= max && plan_elements(p, list, element_size));
}

static bool text_fits(const struct plan *p, plan_str s)
{
	return s < plan_header(p)->strings_size;
}

static bool text_is_path(const struct plan *p, plan_str s)
{
	return text_fits(p, s) && plan_text(p, s)[0] == '/';
}

static bool texts_fit(const struct plan *p, struct plan_list list, uint32_t max)
{
	if (!list_fits(p, list, sizeof(plan_str), max))
		return false;
	const plan_str *s = plan_elements(p, list, sizeof(*s));
	for (uint32_t i = 0; i < list.count; i++)
		if (!text_fits(p, s[i]))
			return false;
	return true;
}

static enum plan_error check_header(const struct plan_header *h, size_t size, uint32_t arch)
{
	if (memcmp(h->magic, PLAN_MAGIC, sizeof(h->magic)) != 0)
		return PLAN_BAD_MAGIC;
	if (h->version < PLAN_COMPATIBLE || h->compatible > PLAN_VERSION || h->compatible > h->version)
		return PLAN_BAD_VERSION;
	if (arch != 0 && h->arch != arch)
		return PLAN_BAD_ARCH;
	if (h->size != size || size > (size_t)CONFIG_MAX_PLAN_KB * 1024)
		return PLAN_BAD_SIZE;
	if (h->checksum != hash_bytes(HASH_INIT, (const char *)h + CHECKED_FROM, size - CHECKED_FROM))
		return PLAN_BAD_CHECKSUM;
	return PLAN_OK;
}

static enum plan_error check_strings(const struct plan *p)
{
	const struct plan_header *h = plan_header(p);
	if (h->strings_off < sizeof(*h) || h->strings_off > p->size)
		return PLAN_BAD_STRINGS;
	if (h->strings_size == 0 || h->strings_size > p->size - h->strings_off)
		return PLAN_BAD_STRINGS;
	if (p->base[h->strings_off] != 0 || p->base[h->strings_off + h->strings_size - 1] != 0)
		return PLAN_BAD_STRINGS;
	return PLAN_OK;
}

/* [A-Za-z0-9][A-Za-z0-9_@-]*: it becomes a file name of the log and of the cgroup, where a dot
 * or slash would do harm. */
static bool name_is_valid(const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@-";
	size_t n = strlen(name);
	if (n == 0 || n >= CONFIG_MAX_NAME || strchr("_@-", name[0]))
		return false;
	return strspn(name, plain) == n;
}

static bool enums_fit(const struct plan_service *s)
{
	return s->type < TYPE_COUNT && s->restart < RESTART_COUNT && s->notify_access < NOTIFY_COUNT &&
		s->start_limit_action < FINAL_COUNT && s->failure_action < FINAL_COUNT &&
		s->kill_signal >= 1 && s->kill_signal <= SIGNAL_MAX && s->notification_fd >= -1;
}

static bool stdio_fits(const struct plan *p, const struct plan_stdio *io)
{
	if (io->kind >= STDIO_KIND_COUNT || !text_fits(p, io->path))
		return false;
	return io->kind != STDIO_FILE || text_is_path(p, io->path);
}

static enum plan_error check_values(const struct plan *p, const struct plan_service *s)
{
	const plan_str texts[] = {s->name, s->description, s->file, s->refusal, s->working_directory,
		s->tty, s->socket_names, s->socket_context};
	for (size_t i = 0; i < COUNT(texts); i++)
		if (!text_fits(p, texts[i]))
			return PLAN_BAD_SERVICE;
	for (size_t i = 0; i < COUNT(s->stdio); i++)
		if (!stdio_fits(p, &s->stdio[i]))
			return PLAN_BAD_SERVICE;
	if (!name_is_valid(plan_text(p, s->name)) || !enums_fit(s))
		return PLAN_BAD_SERVICE;
	/* Unknown bits could ask for isolation that this reader would not give. */
	if ((s->flags & ~KNOWN_SERVICE_FLAGS) || (s->clone_flags & ~ALLOWED_CLONE_FLAGS) ||
		s->reserved || ((s->optional_walls | s->absent) & ~(uint32_t)OPTIONAL_ALL) ||
		s->network > plan_service_count(p) || s->id_base > UINT32_MAX - PLAN_ID_RANGE ||
		(s->flags & (SERVICE_CLEANS | SERVICE_KEEPS)) == SERVICE_KEEPS)
		return PLAN_BAD_SERVICE;
	return PLAN_OK;
}

static enum plan_error check_edges(const struct plan *p, const struct plan_service *s)
{
	const struct plan_edge *e = plan_elements(p, s->edges, sizeof(*e));
	if (!list_fits(p, s->edges, sizeof(*e), PLAN_MAX_EDGES))
		return PLAN_BAD_LIST;
	for (uint32_t i = 0; i < s->edges.count; i++) {
		if (e[i].kind >= EDGE_KIND_COUNT || e[i].target >= plan_service_count(p))
			return PLAN_BAD_EDGE;
		/* Waiting for itself it would never start. */
		if (plan_service(p, e[i].target) == s)
			return PLAN_BAD_EDGE;
	}
	return PLAN_OK;
}

static bool conditions_fit(const struct plan *p, struct plan_list list)
{
	const struct plan_condition *c = plan_elements(p, list, sizeof(*c));
	if (!list_fits(p, list, sizeof(*c), PLAN_MAX_CONDITIONS))
		return false;
	for (uint32_t i = 0; i < list.count; i++)
		if (c[i].kind >= COND_KIND_COUNT || c[i].negate > 1 || !text_fits(p, c[i].value))
			return false;
	return true;
}

static bool success_fits(const struct plan *p, struct plan_list list)
{
	const uint32_t *status = plan_elements(p, list, sizeof(*status));
	if (!list_fits(p, list, sizeof(*status), PLAN_MAX_SUCCESS))
		return false;
	for (uint32_t i = 0; i < list.count; i++)
		if (status[i] == STATUS_MAX + 1 || status[i] > STATUS_MAX + 1 + SIGNAL_MAX)
			return false;
	return true;
}

static bool environment_fits(const struct plan *p, struct plan_list list)
{
	const plan_str *s = plan_elements(p, list, sizeof(*s));
	if (!texts_fit(p, list, PLAN_MAX_ENVIRONMENT))
		return false;
	for (uint32_t i = 0; i < list.count; i++) {
		const char *text = plan_text(p, s[i]);
		if (text[0] == '=' || !strchr(text, '='))
			return false;
	}
	return true;
}

static bool commands_fit(const struct plan *p, struct plan_list list)
{
	const struct plan_command *c = plan_elements(p, list, sizeof(*c));
	if (!list_fits(p, list, sizeof(*c), PLAN_MAX_COMMANDS))
		return false;
	for (uint32_t i = 0; i < list.count; i++) {
		if (!text_is_path(p, c[i].path) || (c[i].flags & ~(uint32_t)COMMAND_IGNORE_FAILURE))
			return false;
		if (c[i].argv.count == 0 || !texts_fit(p, c[i].argv, PLAN_MAX_ARGV))
			return false;
	}
	return true;
}

static bool socket_fits(const struct plan *p, const struct plan_socket *s)
{
	bool file = s->family == SOCKET_PATH, routes = s->family == SOCKET_ROUTES;
	if (s->kind >= SOCKET_KIND_COUNT || s->family >= SOCKET_FAMILY_COUNT ||
		s->flags & ~(uint32_t)SOCKET_FLAGS_ALL || s->mode > 0777)
		return false;
	if (!text_fits(p, s->text) || !text_fits(p, s->device) || !text_fits(p, s->path))
		return false;
	if (file ? !text_is_path(p, s->path)
			 : s->family == SOCKET_ABSTRACT && !plan_text(p, s->path)[0])
		return false;
	return (s->kind == SOCKET_NETLINK) == routes && (s->kind != SOCKET_FIFO || file);
}

static bool sockets_fit(const struct plan *p, const struct plan_service *s)
{
	const struct plan_socket *socket = plan_elements(p, s->sockets, sizeof(*socket));
	if (!list_fits(p, s->sockets, sizeof(*socket), PLAN_MAX_SOCKETS))
		return false;
	for (uint32_t i = 0; i < s->sockets.count; i++)
		if (!socket_fits(p, &socket[i]))
			return false;
	return true;
}

/* Sockets are for a process that stays; a call must have somewhere to come from. */
static bool type_fits_sockets(const struct plan_service *s)
{
	bool stays = s->type == TYPE_SIMPLE || s->type == TYPE_NOTIFY;
	return s->sockets.count == 0 ? !(s->flags & SERVICE_ON_DEMAND) : stays;
}

/* What has a main process has exactly one; a group has no process at all. */
static bool type_fits_commands(const struct plan_service *s)
{
	uint32_t all = 0;
	for (int list = 0; list < EXEC_COUNT; list++)
		all += s->exec[list].count;
	if (s->flags & SERVICE_REFUSED)
		return true;
	if (s->type == TYPE_GROUP)
		return all == 0;
	return s->type == TYPE_ONESHOT || s->exec[EXEC_START].count == 1;
}

static enum plan_error check_lists(const struct plan *p, const struct plan_service *s)
{
	for (int list = 0; list < EXEC_COUNT; list++)
		if (!commands_fit(p, s->exec[list]))
			return PLAN_BAD_LIST;
	if (!type_fits_commands(s) || !type_fits_sockets(s))
		return PLAN_BAD_SERVICE;
	if (!conditions_fit(p, s->conditions) || !success_fits(p, s->success) ||
		!environment_fits(p, s->environment))
		return PLAN_BAD_LIST;
	if (!sockets_fit(p, s))
		return PLAN_BAD_LIST;
	for (int wall = 0; wall < WALL_COUNT; wall++)
		if (s->wall[wall].size > 0 && !plan_wall(p, s, (enum plan_wall)wall, 1))
			return PLAN_BAD_BLOB;
	return PLAN_OK;
}

static enum plan_error check_service(const struct plan *p, const struct plan_service *s)
{
	enum plan_error err = check_values(p, s);
	if (err == PLAN_OK)
		err = check_edges(p, s);
	if (err == PLAN_OK)
		err = check_lists(p, s);
	return err;
}

static enum plan_error check_services(const struct plan *p)
{
	uint32_t count = plan_service_count(p), loggers = 0;
	if (!list_fits(p, plan_header(p)->services, sizeof(struct plan_service), CONFIG_MAX_SERVICES))
		return PLAN_BAD_SERVICE;
	for (uint32_t i = 0; i < count; i++) {
		const struct plan_service *s = plan_service(p, i);
		enum plan_error err = check_service(p, s);
		if (err != PLAN_OK)
			return err;
		/* The first of a name is the one that plan_find finds. */
		if (plan_find(p, plan_text(p, s->name)) != (int)i)
			return PLAN_BAD_SERVICE;
		loggers += (s->flags & SERVICE_LOGGER) != 0;
	}
	return loggers <= 1 ? PLAN_OK : PLAN_BAD_SERVICE;
}

static bool sysctl_fits(const struct plan *p, struct plan_list list)
{
	const struct plan_pair *pair = plan_elements(p, list, sizeof(*pair));
	if (!list_fits(p, list, sizeof(*pair), PLAN_MAX_SYSCTL))
		return false;
	for (uint32_t i = 0; i < list.count; i++)
		if (!text_fits(p, pair[i].name) || !text_fits(p, pair[i].value))
			return false;
	return true;
}

static bool mounts_fit(const struct plan *p, struct plan_list list)
{
	const struct plan_mount *m = plan_elements(p, list, sizeof(*m));
	if (!list_fits(p, list, sizeof(*m), PLAN_MAX_MOUNTS))
		return false;
	for (uint32_t i = 0; i < list.count; i++) {
		if (!text_fits(p, m[i].source) || !text_fits(p, m[i].target) || !text_fits(p, m[i].type))
			return false;
		if (!text_fits(p, m[i].options) || (m[i].extra & ~(uint32_t)MOUNT_NOFAIL))
			return false;
	}
	return true;
}

static bool overlays_fit(const struct plan *p, const struct plan_machine *m)
{
	const struct plan_overlay *o = plan_elements(p, m->overlays, sizeof(*o));
	if (!list_fits(p, m->overlays, sizeof(*o), PLAN_MAX_OVERLAYS))
		return false;
	for (uint32_t i = 0; i < m->overlays.count; i++) {
		if (!text_fits(p, o[i].target) || plan_text(p, o[i].target)[0] != '/' ||
			o[i].where >= OVERLAY_WHERE_COUNT)
			return false;
		if (o[i].where == OVERLAY_DATA && m->data.target == 0)
			return false;
	}
	return true;
}

static bool data_fits(const struct plan *p, const struct plan_machine *m)
{
	const struct plan_mount *d = &m->data;
	if (!text_fits(p, d->source) || !text_fits(p, d->target) || !text_fits(p, d->type) ||
		!text_fits(p, d->options))
		return false;
	return d->extra <= MOUNT_OR_TMPFS && overlays_fit(p, m) &&
		texts_fit(p, m->reset, PLAN_MAX_RESET) && text_fits(p, m->seed_file) && m->seed_credit <= 1;
}

static enum plan_error check_machine(const struct plan *p)
{
	const struct plan_machine *m = &plan_header(p)->machine;
	if (!text_fits(p, m->hostname) || !text_fits(p, m->console) ||
		!text_fits(p, m->watchdog_device))
		return PLAN_BAD_MACHINE;
	if (m->default_group != UINT32_MAX && m->default_group >= plan_service_count(p))
		return PLAN_BAD_MACHINE;
	if (m->log_forward > 1 || !sysctl_fits(p, m->sysctl) ||
		!texts_fit(p, m->modules, PLAN_MAX_MODULES))
		return PLAN_BAD_MACHINE;
	if (!mounts_fit(p, m->mounts) || !data_fits(p, m) || m->mark_good > plan_service_count(p) ||
		m->boot_failure >= FINAL_COUNT)
		return PLAN_BAD_MACHINE;
	if (m->rescue_shell >= RESCUE_COUNT || !texts_fit(p, m->faults, PLAN_MAX_FAULTS))
		return PLAN_BAD_MACHINE;
	return PLAN_OK;
}

enum plan_error plan_open(struct plan *plan, const void *bytes, size_t size, uint32_t arch)
{
	struct plan p = {.base = bytes, .size = size};
	enum plan_error err;
	*plan = (struct plan){0};
	if (size < sizeof(struct plan_header))
		return PLAN_TOO_SMALL;
	if ((uintptr_t)bytes % 8 != 0)
		return PLAN_BAD_SIZE;
	err = check_header(bytes, size, arch);
	if (err == PLAN_OK)
		err = check_strings(&p);
	if (err == PLAN_OK)
		err = check_services(&p);
	if (err == PLAN_OK)
		err = check_machine(&p);
	if (err == PLAN_OK)
		*plan = p;
	return err;
}
