/* SPDX-License-Identifier: MIT
 * Missing limits, and devices and addresses that the service can reach.
 */
#include "walls/cgroup/conf.h"
#include "walls/report.h"
#include <string.h>

/* value: enum cgroup_file */
static void look_limit(const struct security_look *l, const struct security_row *row)
{
	const struct cgroup_conf *c = l->conf;
	const char *value = c->value[row->value];
	if (!*value || strcmp(value, "max") == 0)
		security_opens(l, row, row->weight, "no %s", security_key(row));
}

static void look_device_allow(const struct security_look *l, const struct security_row *row)
{
	const struct cgroup_conf *c = l->conf;
	for (size_t i = 0; i < c->devices; i++)
		security_opens(l, row, row->weight, "device %.*s may be opened",
			SPAN_ARGS(c->device[i].path));
}

/* Whoever has no network but a loopback of its own reaches nobody. */
static void look_addresses(const struct security_look *l, const struct security_row *row)
{
	const struct cgroup_conf *c = l->conf;
	if (!l->context->own_network && c->deny.count == 0)
		security_opens(l, row, row->weight, "any address");
}

/* clang-format off */
static const struct security_row rows[] = {
	{D_Cgroup_IPAddressDeny, "whoever takes it over can fetch from, and send to, anywhere", look_addresses, 2, 0, NULL},
	{D_Cgroup_MemoryMax, "it can take all of the memory", look_limit, 4, FILE_MEMORY_MAX, NULL},
	{D_Cgroup_TasksMax, "it can take all process numbers", look_limit, 4, FILE_PIDS_MAX, NULL},
	{D_Cgroup_DeviceAllow, "a driver of the kernel's, where a node of it is in reach", look_device_allow, 1, 0, NULL},
	{D_Cgroup_Delegate, "it divides its control group, which is rarely used code of the kernel's", security_if, 3,
		offsetof(struct cgroup_conf, delegate), "Delegate"},
	{0},
};
/* clang-format on */

static const enum directive_id closes[] = {
	D_Cgroup_IPAddressDeny,
	D_Cgroup_DeviceAllow,
	D_Cgroup_CPUQuota,
	D_Cgroup_KernelMemoryMax,
	DIRECTIVES,
};

const struct wall_security cgroup_security = {rows, closes};
