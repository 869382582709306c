/* SPDX-License-Identifier: MIT
 * [Namespaces]: private or host, one bit each.
 */
#include "walls/namespaces/conf.h"
#include "base/count.h"
#include "base/hostname.h"
#include "base/num.h"
#include <sched.h>

void namespaces_conf_init(struct namespaces_conf *conf)
{
	*conf = (struct namespaces_conf){.own = NS_DEFAULT};
}

int namespaces_set_own(void *conf, unsigned bit, struct span value, struct diag *d)
{
	static const char *const names[] = {"private", "host", NULL};
	struct namespaces_conf *n = conf;
	unsigned host = 0;
	int err;
	err = value_choice(value, names, &host, d);
	if (err < 0)
		return err;
	n->own = host ? n->own & ~bit : n->own | bit;
	return 0;
}

int namespaces_set_id_range(void *conf, struct span value, struct diag *d)
{
	const uint64_t first = ID_FIRST * ID_RANGE,
				   last = (ID_FIRST + ID_SLOTS + ID_PINS - 1) * ID_RANGE;
	struct namespaces_conf *n = conf;
	uint64_t id = 0;
	if (num_u64(value, UINT32_MAX, &id) < 0 || id < first || id > last || id % ID_RANGE)
		return diag_error(d,
			"\"%.*s\" is not the first id of a range, expected a multiple of 65536 from %llu to %llu",
			SPAN_ARGS(value), (unsigned long long)first, (unsigned long long)last);
	n->id_range = (uint32_t)id;
	return 0;
}

int namespaces_set_hostname(void *conf, struct span value, struct diag *d)
{
	struct namespaces_conf *n = conf;
	if (value.n > HOSTNAME_BYTES)
		return diag_error(d, "the name has %zu bytes, at most %d are possible", value.n,
			HOSTNAME_BYTES);
	if (!hostname_valid(value))
		return diag_error(d,
			"\"%.*s\" is not a host name, expected letters, digits, - and _ between dots",
			SPAN_ARGS(value));
	n->hostname = value;
	return 0;
}

uint32_t namespaces_clone_flags(const struct namespaces_conf *conf)
{
	static const struct {
		uint32_t bit;
		uint32_t flag;
	} made[] = {{NS_PID, CLONE_NEWPID}, {NS_IPC, CLONE_NEWIPC}, {NS_UTS, CLONE_NEWUTS}};
	uint32_t flags = 0;
	for (size_t i = 0; i < COUNT(made); i++)
		flags |= conf->own & made[i].bit ? made[i].flag : 0;
	return flags;
}

struct plan_blob namespaces_encode(const struct namespaces_conf *conf,
	const struct wall_context *context, struct plan_writer *w)
{
	bool ids = conf->own & NS_USER;
	struct namespaces_plan n = {
		.own = conf->own,
		.hostname = conf->own & NS_UTS ? plan_write_span(w, conf->hostname) : 0,
		.id_base = ids ? context->id_base : 0,
		.id_count = ids ? PLAN_ID_RANGE : 0,
	};
	return plan_write_blob(w, &n, sizeof(n));
}
