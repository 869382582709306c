/* SPDX-License-Identifier: MIT
 * The one check of a plan's bytes, before anything trusts them. The header's own numbers come
 * first, then the string pool; then each record by the table of fields (fields.h), through the
 * total accessors, and the relations between the fields of a record. Refused services are checked
 * too, since they are shown and their edges are followed.
 */
#include "base/config.h"
#include "base/count.h"
#include "base/hash.h"
#include "plan/fields.h"
#include "plan/plan.h"
#include <stdbool.h>
#include <string.h>

/* first byte under the checksum */
#define CHECKED_FROM (offsetof(struct plan_header, checksum) + sizeof(uint64_t))

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

/* ---- a field by itself ---- */

static bool text_fits(const struct plan *p, uint64_t s, bool path)
{
	return s < plan_header(p)->strings_size && (!path || plan_text(p, (plan_str)s)[0] == '/');
}

static bool value_fits(const struct plan *p, const struct plan_field *f, uint64_t v)
{
	switch (f->kind) {
	case PLAN_NUMBER:
		return v >= f->least && v <= f->most;
	case PLAN_BITS: /* an unknown bit could ask for isolation that this reader would not give */
		return (v & ~(uint64_t)f->most) == 0;
	case PLAN_TEXT:
	case PLAN_PATH:
		return text_fits(p, v, f->kind == PLAN_PATH);
	case PLAN_INDEX_OR_ALL:
		return v == UINT32_MAX || v < plan_service_count(p);
	case PLAN_INDEX:
		return v < plan_service_count(p);
	default: /* PLAN_INDEX_AND_1 */
		return v <= plan_service_count(p);
	}
}

/* Empty, or wholly inside. */
static bool list_fits(const struct plan *p, const struct plan_field *f, struct plan_list list)
{
	return list.count >= f->least && list.count <= f->most &&
		(list.count == 0 || plan_elements(p, list, plan_records[f->of].size));
}

/* ---- what fields of a record are to each other ---- */

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

static bool status_fits(const struct plan *p, const void *record)
{
	(void)p;
	return *(const uint32_t *)record != 256; /* a signal's number starts at 1 */
}

static bool stdio_fits(const struct plan *p, const void *record)
{
	const struct plan_stdio *io = record;
	return io->kind != STDIO_FILE || text_fits(p, io->path, true);
}

/* Less would start the service without a pause. */
static bool timer_line_fits(const struct plan *p, const void *record)
{
	const struct plan_timer_line *l = record;
	(void)p;
	return l->base < TIMER_UNIT_ACTIVE || l->ms >= PLAN_TIMER_LEAST_MS;
}

static bool socket_fits(const struct plan *p, const void *record)
{
	const struct plan_socket *s = record;
	bool file = s->family == SOCKET_PATH, routes = s->family == SOCKET_ROUTES;
	if (file ? !text_fits(p, s->path, true)
			 : s->family == SOCKET_ABSTRACT && !plan_text(p, s->path)[0])
		return false;
	return (s->kind == SOCKET_NETLINK) == routes && (s->kind != SOCKET_FIFO || file);
}

/* A tmpfs takes the place of the data partition alone. */
static bool mount_fits(const struct plan *p, const void *record)
{
	const struct plan_mount *m = record;
	bool data = m == &plan_header(p)->machine.data;
	return !(m->extra & (data ? MOUNT_NOFAIL : MOUNT_OR_TMPFS));
}

static bool overlay_fits(const struct plan *p, const void *record)
{
	return ((const struct plan_overlay *)record)->where != OVERLAY_DATA ||
		plan_header(p)->machine.data.target != 0;
}

static bool environment_fits(const struct plan *p, struct plan_list list)
{
	const plan_str *s = plan_elements(p, list, sizeof(*s));
	for (uint32_t i = 0; i < list.count; i++) {
		const char *text = plan_text(p, s[i]);
		if (text[0] == '=' || !strchr(text, '='))
			return false;
	}
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

/* The first of a name is the one that plan_find finds. */
static bool service_fits(const struct plan *p, const void *record)
{
	const struct plan_service *s = record;
	const char *name = plan_text(p, s->name);
	return name_is_valid(name) && plan_service(p, (uint32_t)plan_find(p, name)) == s &&
		s->notification_fd >= -1 &&
		(s->flags & (SERVICE_CLEANS | SERVICE_KEEPS)) != SERVICE_KEEPS && type_fits_commands(s) &&
		type_fits_sockets(s);
}

/* Waiting for itself it would never start. */
static bool edges_fit(const struct plan *p, const struct plan_service *s)
{
	const struct plan_edge *e = plan_elements(p, s->edges, sizeof(*e));
	for (uint32_t i = 0; i < s->edges.count; i++)
		if (plan_service(p, e[i].target) == s)
			return false;
	return true;
}

/* ---- a record ---- */

static const struct {
	enum plan_error error;
	bool (*fits)(const struct plan *p, const void *record);
} rules[PLAN_RECORD_COUNT] = {
	[PLAN_RECORD_TEXT] = {PLAN_BAD_LIST, NULL},
	[PLAN_RECORD_STATUS] = {PLAN_BAD_LIST, status_fits},
	[PLAN_RECORD_EDGE] = {PLAN_BAD_EDGE, NULL},
	[PLAN_RECORD_CONDITION] = {PLAN_BAD_LIST, NULL},
	[PLAN_RECORD_COMMAND] = {PLAN_BAD_LIST, NULL},
	[PLAN_RECORD_SOCKET] = {PLAN_BAD_LIST, socket_fits},
	[PLAN_RECORD_STDIO] = {PLAN_BAD_SERVICE, stdio_fits},
	[PLAN_RECORD_TIMER_LINE] = {PLAN_BAD_LIST, timer_line_fits},
	[PLAN_RECORD_CALENDAR] = {PLAN_BAD_LIST, NULL},
	[PLAN_RECORD_TIMER] = {PLAN_BAD_LIST, NULL},
	[PLAN_RECORD_PAIR] = {PLAN_BAD_MACHINE, NULL},
	[PLAN_RECORD_MOUNT] = {PLAN_BAD_MACHINE, mount_fits},
	[PLAN_RECORD_OVERLAY] = {PLAN_BAD_MACHINE, overlay_fits},
	[PLAN_RECORD_MACHINE] = {PLAN_BAD_MACHINE, NULL},
	[PLAN_RECORD_SERVICE] = {PLAN_BAD_SERVICE, service_fits},
};

/* Records lie in records three deep: service, command, word. */
static enum plan_error check_record(const struct plan *p, const void *record, unsigned kind);

static enum plan_error check_list(const struct plan *p, const struct plan_field *f,
	const struct plan_list *list)
{
	const unsigned char *element = plan_elements(p, *list, plan_records[f->of].size);
	enum plan_error err = list_fits(p, f, *list) ? PLAN_OK : PLAN_BAD_LIST;
	for (uint32_t i = 0; i < list->count && err == PLAN_OK; i++)
		err = check_record(p, element + (size_t)i * plan_records[f->of].size, f->of);
	return err;
}

static bool blob_fits(const struct plan *p, const struct plan_blob *b)
{
	const struct plan_list bytes = {b->off, b->size};
	return b->size == 0 || plan_elements(p, bytes, 1);
}

static enum plan_error check_field(const struct plan *p, const void *record,
	const struct plan_field *f, unsigned index, unsigned kind)
{
	const void *at = plan_field_at(record, f, index);
	if (f->kind == PLAN_LIST)
		return check_list(p, f, at);
	if (f->kind == PLAN_RECORD)
		return check_record(p, at, f->of);
	if (f->kind == PLAN_BLOB)
		return blob_fits(p, at) ? PLAN_OK : PLAN_BAD_BLOB;
	return value_fits(p, f, plan_field_value(record, f, index)) ? PLAN_OK : rules[kind].error;
}

static enum plan_error check_record(const struct plan *p, const void *record, unsigned kind)
{
	const struct plan_fields *fields = &plan_records[kind];
	enum plan_error err = PLAN_OK;
	for (unsigned i = 0; i < fields->count; i++)
		for (unsigned k = 0; k < fields->field[i].repeat && err == PLAN_OK; k++)
			err = check_field(p, record, &fields->field[i], k, kind);
	if (err != PLAN_OK)
		return err;
	return !rules[kind].fits || rules[kind].fits(p, record) ? PLAN_OK : rules[kind].error;
}

static enum plan_error check_services(const struct plan *p)
{
	static const struct plan_field services = {.of = PLAN_RECORD_SERVICE,
		.most = CONFIG_MAX_SERVICES};
	uint32_t loggers = 0, timers = 0;
	if (!list_fits(p, &services, plan_header(p)->services))
		return PLAN_BAD_SERVICE;
	for (uint32_t i = 0; i < plan_service_count(p); i++) {
		const struct plan_service *s = plan_service(p, i);
		enum plan_error err = check_record(p, s, PLAN_RECORD_SERVICE);
		if (err != PLAN_OK)
			return err;
		if (!edges_fit(p, s))
			return PLAN_BAD_EDGE;
		if (!environment_fits(p, s->environment))
			return PLAN_BAD_LIST;
		loggers += (s->flags & SERVICE_LOGGER) != 0;
		timers += s->timer.count;
	}
	return loggers <= 1 && timers <= CONFIG_MAX_TIMERS ? PLAN_OK : PLAN_BAD_SERVICE;
}

static enum plan_error check_machine(const struct plan *p)
{
	bool fits = check_record(p, &plan_header(p)->machine, PLAN_RECORD_MACHINE) == PLAN_OK;
	return fits ? PLAN_OK : PLAN_BAD_MACHINE;
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
