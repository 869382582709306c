/* SPDX-License-Identifier: MIT
 * [Cgroup] directives about disks: "PATH VALUE" as in systemd, and PATH:VALUE of container tools.
 */
#include "base/num.h"
#include "walls/cgroup/conf.h"
#include <string.h>

#define IO_WEIGHT_MAX 10000
#define IOPS_MAX UINT32_MAX

/* BFQ's range ends at 1000, io.cost's at 10000; 100 is the default of both. */
static uint32_t bfq_of(uint64_t weight)
{
	return (uint32_t)(weight <= 100 ? weight : 100 + (weight - 100) * 900 / 9900);
}

int cgroup_set_io_weight(void *conf, struct span value, struct diag *d)
{
	struct cgroup_conf *c = conf;
	uint64_t n = 0;
	int err = value_number(value, 1, IO_WEIGHT_MAX, &n, d);
	if (err == 0)
		c->weight = (struct cgroup_weight){.cost = (uint32_t)n, .bfq = bfq_of(n)};
	return err;
}

/* What counts is the ratio to other groups, so the number goes into both as it is. */
int cgroup_set_blkio_weight(void *conf, struct span value, struct diag *d)
{
	struct cgroup_conf *c = conf;
	uint64_t n = 0;
	int err = value_number(value, 10, 1000, &n, d);
	if (err == 0)
		c->weight = (struct cgroup_weight){.cost = (uint32_t)n, .bfq = (uint32_t)n};
	return err;
}

/* A later line about the same disk takes the earlier one's place. */
static int put_disk(struct cgroup_conf *c, struct cgroup_conf_disk one, struct diag *d)
{
	for (size_t i = 0; i < c->disks; i++) {
		if (c->disk[i].kind == one.kind && span_same(c->disk[i].path, one.path)) {
			c->disk[i] = one;
			return 0;
		}
	}
	if (c->disks == CGROUP_MAX_DISKS)
		return diag_error(d, "more than %d lines about disks", CGROUP_MAX_DISKS);
	c->disk[c->disks++] = one;
	return 0;
}

static void forget(struct cgroup_conf *c, uint32_t kind)
{
	size_t n = 0;
	for (size_t i = 0; i < c->disks; i++)
		if (c->disk[i].kind != kind)
			c->disk[n++] = c->disk[i];
	c->disks = n;
}

static int read_amount(struct span v, uint32_t kind, uint64_t *out, struct diag *d)
{
	uint32_t ms = 0;
	int err;
	if (kind == DISK_WEIGHT)
		return value_number(v, 1, IO_WEIGHT_MAX, out, d);
	if (kind == DISK_LATENCY) {
		err = value_time_ms(v, &ms, d);
		if (err == 0 && ms == 0)
			return diag_error(d, "no disk answers in no time, expected one like 25ms or infinity");
		*out = ms == UINT32_MAX ? NUM_INFINITY : ms * 1000ull;
		return err;
	}
	if (span_is(v, "infinity")) {
		*out = NUM_INFINITY;
		return 0;
	}
	if (kind == DISK_READ_IOPS || kind == DISK_WRITE_IOPS)
		return value_number(v, 1, IOPS_MAX, out, d);
	err = value_size(v, out, d);
	return err == 0 && *out == 0
		? diag_error(d, "with no bandwidth at all nothing is ever read or written")
		: err;
}

int cgroup_set_disk(void *conf, unsigned kind, struct span value, struct diag *d)
{
	struct cgroup_conf_disk one = {.kind = kind};
	struct span rest = value, amount = {NULL, 0}, more;
	if (value.n == 0) {
		forget(conf, kind);
		return 0;
	}
	span_word(&rest, &one.path);
	const char *colon = memrchr(one.path.p, ':', one.path.n);
	if (!span_word(&rest, &amount) && colon) {
		amount = (struct span){colon + 1, one.path.n - (size_t)(colon + 1 - one.path.p)};
		one.path.n = (size_t)(colon - one.path.p);
	}
	if (amount.n == 0 || span_word(&rest, &more))
		return diag_error(d, "\"%.*s\" is not a disk and a number, expected one like /dev/vda %s",
			SPAN_ARGS(value),
			kind == DISK_LATENCY               ? "25ms"
				: kind == DISK_WEIGHT          ? "200"
				: kind <= DISK_WRITE_BANDWIDTH ? "10M"
											   : "300");
	int err = value_node(one.path, d);
	if (err == 0)
		err = read_amount(amount, kind, &one.value, d);
	return err < 0 ? err : put_disk(conf, one, d);
}
