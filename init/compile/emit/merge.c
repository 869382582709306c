/* SPDX-License-Identifier: MIT
 * Two plans made into one: see merge.h. Records are copied by the tables that they are compared by.
 */
#include "compile/emit/merge.h"
#include "plan/fields.h"
#include "plan/write.h"
#include "renew/compare.h"
#include "renew/shapes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLAN_BYTES (CONFIG_MAX_PLAN_KB * 1024u)

struct copy {
	struct plan_writer *w;
	const struct plan *from;
	const struct plan *to; /* whose indexes count */
	bool lost;             /* a service that it refers to is not in `to` */
};

/* Each element of the list is copied by `one`. */
static struct plan_list copy_list(struct copy *c, struct plan_list list, size_t size,
	void (*one)(struct copy *, const void *, unsigned char *), const void *by)
{
	const unsigned char *from = plan_elements(c->from, list, size);
	unsigned char *to = from ? malloc(list.count * size) : NULL;
	struct plan_list written = {0};
	if (!from)
		return written;
	if (!to) {
		c->w->full = true;
		return written;
	}
	memcpy(to, from, list.count * size);
	for (uint32_t i = 0; i < list.count; i++)
		one(c, by, to + i * size);
	written = plan_write_list(c->w, to, size, list.count);
	free(to);
	return written;
}

static plan_str copy_text(struct copy *c, plan_str text)
{
	return plan_write_text(c->w, plan_text(c->from, text));
}

/* ---- a wall ---- */

static void copy_shape(struct copy *c, const void *by, unsigned char *at)
{
	const struct shape *shape = by;
	for (uint32_t i = 0; i < shape->count; i++) {
		const struct shape_reference *r = &shape->reference[i];
		struct plan_list list;
		plan_str text;
		if (r->of) {
			memcpy(&list, at + r->at, sizeof(list));
			list = copy_list(c, list, r->of->size, copy_shape, r->of);
			memcpy(at + r->at, &list, sizeof(list));
		} else {
			memcpy(&text, at + r->at, sizeof(text));
			text = copy_text(c, text);
			memcpy(at + r->at, &text, sizeof(text));
		}
	}
}

static struct plan_blob copy_wall(struct copy *c, struct plan_blob blob, uint32_t wall)
{
	const struct shape *shape = &shape_of_wall[wall];
	const struct plan_list bytes = {blob.off, blob.size};
	const unsigned char *from = plan_elements(c->from, bytes, 1);
	unsigned char room[512] __attribute__((aligned(8)));
	if (blob.size == 0)
		return blob;
	if (!from || blob.size != shape->size || blob.size > sizeof(room)) {
		c->w->full = true; /* no plan is better than one with half a wall */
		return (struct plan_blob){0};
	}
	memcpy(room, from, blob.size);
	copy_shape(c, shape, room);
	return plan_write_blob(c->w, room, blob.size);
}

/* ---- a record ---- */

static uint64_t copy_index(struct copy *c, uint64_t index)
{
	int at = renew_index(c->from, (uint32_t)index, c->to);
	c->lost |= at < 0;
	return at < 0 ? 0 : (uint64_t)at;
}

static uint64_t copy_number(struct copy *c, const struct plan_field *f, uint64_t v)
{
	switch ((enum plan_kind)f->kind) {
	case PLAN_TEXT:
	case PLAN_PATH:
		return copy_text(c, (plan_str)v);
	case PLAN_INDEX:
		return copy_index(c, v);
	case PLAN_INDEX_OR_ALL:
		return v == UINT32_MAX ? v : copy_index(c, v);
	case PLAN_INDEX_AND_1:
		return v ? copy_index(c, v - 1) + 1 : 0;
	case PLAN_NUMBER:
	case PLAN_BITS:
	case PLAN_LIST:
	case PLAN_RECORD:
	case PLAN_BLOB:
		break;
	}
	return v;
}

static void copy_record(struct copy *c, const void *by, unsigned char *record);

static void copy_field(struct copy *c, const struct plan_field *f, unsigned k,
	unsigned char *record)
{
	unsigned char *at = record + f->at + (size_t)k * f->bytes;
	if (f->kind == PLAN_LIST) {
		struct plan_list list;
		memcpy(&list, at, sizeof(list));
		list = copy_list(c, list, plan_records[f->of].size, copy_record, &plan_records[f->of]);
		memcpy(at, &list, sizeof(list));
	} else if (f->kind == PLAN_BLOB) {
		struct plan_blob blob;
		memcpy(&blob, at, sizeof(blob));
		blob = copy_wall(c, blob, k);
		memcpy(at, &blob, sizeof(blob));
	} else if (f->kind == PLAN_RECORD) {
		copy_record(c, &plan_records[f->of], at);
	} else {
		uint64_t v = copy_number(c, f, plan_field_value(record, f, k));
		memcpy(at, &v, f->bytes); /* little endian */
	}
}

static void copy_record(struct copy *c, const void *by, unsigned char *record)
{
	const struct plan_fields *fields = by;
	for (unsigned i = 0; i < fields->count; i++)
		for (unsigned k = 0; k < fields->field[i].repeat; k++)
			copy_field(c, &fields->field[i], k, record);
}

static struct plan_service copy_service(struct copy *c, const struct plan_service *s)
{
	struct plan_service copy = *s;
	copy_record(c, &plan_records[PLAN_RECORD_SERVICE], (unsigned char *)&copy);
	return copy;
}

/* ---- the plan ---- */

/* The record that it goes on with, or NULL. */
static const struct plan_service *kept(const struct plan *plan, const struct plan_service *s,
	const struct plan *force, const unsigned char *keep)
{
	int at = plan_find(force, plan_text(plan, s->name));
	const struct plan_service *old = at < 0 ? NULL : plan_service(force, (uint32_t)at);
	if (!old || !keep[at] || s->flags & SERVICE_REFUSED)
		return NULL;
	return renew_compare(force, old, plan, s, NULL, NULL) == RENEW_RESTART ? old : NULL;
}

static struct plan_service merge_service(struct plan_writer *w, const struct plan *plan,
	const struct plan_service *s, const struct plan *force, const unsigned char *keep)
{
	struct copy fresh = {w, plan, plan, false}, past = {w, force, plan, false};
	struct plan_service copy = copy_service(&fresh, s);
	const struct plan_service *old = kept(plan, s, force, keep);
	struct plan_service edgeless = old ? *old : *s;
	edgeless.edges = (struct plan_list){0};
	struct plan_service before = old ? copy_service(&past, &edgeless) : copy;
	if (!old || past.lost)
		return copy;
	before.edges = copy.edges;
	before.flags |= SERVICE_PENDING;
	return before;
}

static size_t merge_plan(const struct plan *plan, const struct plan *force,
	const unsigned char *keep, unsigned char **bytes)
{
	static struct plan_writer w;
	const struct plan_header *h = plan_header(plan);
	unsigned char *buf = aligned_alloc(8, PLAN_BYTES);
	char *strings = malloc(PLAN_BYTES);
	struct plan_machine machine = h->machine;
	struct copy c = {&w, plan, plan, false};
	if (!buf || !strings)
		return 0;
	plan_write_begin(&w, buf, PLAN_BYTES, strings, PLAN_BYTES, h->services.count);
	for (uint32_t i = 0; i < h->services.count; i++) {
		struct plan_service s = merge_service(&w, plan, plan_service(plan, i), force, keep);
		plan_write_service(&w, i, &s);
	}
	copy_record(&c, &plan_records[PLAN_RECORD_MACHINE], (unsigned char *)&machine);
	size_t size = plan_write_end(&w, &machine, h->arch, h->digest);
	free(strings);
	*bytes = buf;
	return size;
}

/* The plan that PID 1 runs by, and a byte for each of its services. */
static bool read_in_force(int fd, int marks, uint32_t arch, struct plan *force,
	unsigned char keep[CONFIG_MAX_SERVICES])
{
	struct stat st;
	if (fstat(fd, &st) < 0 || st.st_size <= 0)
		return false;
	void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED || plan_open(force, at, (size_t)st.st_size, arch) != PLAN_OK)
		return false;
	size_t n = plan_service_count(force);
	return pread(marks, keep, n, 0) == (ssize_t)n;
}

size_t merge_running(int in_force, int marks, uint32_t arch, size_t size, unsigned char **bytes)
{
	unsigned char keep[CONFIG_MAX_SERVICES] = {0}, *merged = NULL;
	struct plan force, plan;
	if (!read_in_force(in_force, marks, arch, &force, keep) ||
		plan_open(&plan, *bytes, size, arch) != PLAN_OK) {
		fputs("bulkhead-compile: the plan in force cannot be read\n", stderr);
		return 0;
	}
	size = merge_plan(&plan, &force, keep, &merged);
	*bytes = merged;
	if (size && plan_open(&plan, merged, size, arch) == PLAN_OK)
		return size;
	fputs("bulkhead-compile: the plan in force and the new one do not go together\n", stderr);
	return 0;
}
