/* SPDX-License-Identifier: MIT
 * Directories of its own, paths, devices and views of the kernel.
 */
#include "walls/filesystem/conf.h"
#include "base/count.h"
#include "walls/module.h"
#include <linux/netlink.h>
#include <sys/socket.h>

static void directories(struct cil *c, const struct filesystem_conf *f)
{
	static const char *const directive[DIRECTORY_KINDS] = {
		[DIRECTORY_RUNTIME] = "RuntimeDirectory",
		[DIRECTORY_STATE] = "StateDirectory",
		[DIRECTORY_CACHE] = "CacheDirectory",
		[DIRECTORY_LOGS] = "LogsDirectory",
		[DIRECTORY_CONFIGURATION] = "ConfigurationDirectory",
	};
	for (unsigned kind = 0; kind < DIRECTORY_KINDS; kind++) {
		for (size_t i = 0; i < f->directory[kind].count; i++) {
			cil_why(c, directive[kind]);
			cil_directory(c, kind, f->directory[kind].name[i]);
		}
	}
}

static void paths(struct cil *c, const struct filesystem_conf *f)
{
	static const char *const directive[FS_OP_COUNT] = {
		[FS_READ_ONLY] = "ReadOnlyPaths",
		[FS_READ_WRITE] = "ReadWritePaths",
		[FS_BIND] = "BindPaths",
		[FS_BIND_READ_ONLY] = "BindReadOnlyPaths",
		[FS_EXEC] = "ExecPaths",
	};
	for (size_t i = 0; i < f->rules; i++) {
		const struct filesystem_conf_rule *r = &f->rule[i];
		if (r->op >= FS_OP_COUNT || !directive[r->op])
			continue;
		cil_why(c, directive[r->op]);
		if (r->op == FS_EXEC)
			cil_run(c, r->target);
		else
			cil_path(c, filesystem_host_path(r), filesystem_is_written(r));
	}
	cil_why(c, "PrivateTmp = no");
	if (!f->private_tmp)
		cil_rule(c, "(call share_tmp (%s))", cil_domain(c));
}

static void devices(struct cil *c, const struct filesystem_conf *f)
{
	cil_why(c, "Devices");
	for (size_t i = 0; i < f->devices; i++) {
		struct span name = f->device[i];
		if (name.n > 0 && name.p[0] == '-')
			name = (struct span){name.p + 1, name.n - 1};
		cil_device(c, name);
	}
	if (f->host_dev)
		cil_device(c, span_of("*"));
}

static void views(struct cil *c, const struct filesystem_conf *f, bool own_network)
{
	cil_why(c, "Sysfs");
	if (f->sysfs != VIEW_HIDDEN)
		cil_rule(c, "(call %s (%s))", f->sysfs == VIEW_HOST ? "set_devices" : "see_devices",
			cil_domain(c));
	if (f->sysfs != VIEW_HIDDEN && !own_network &&
		cil_speaks(c, AF_NETLINK, NETLINK_KOBJECT_UEVENT))
		cil_rule(c, "(allow %s self hear_devices)", cil_domain(c));
	cil_why(c, "KernelTunables = host");
	if (f->tunables == VIEW_HOST)
		cil_rule(c, "(call set_kernel (%s))", cil_domain(c));
}

void filesystem_module(struct cil *c, const void *conf, const struct wall_context *context)
{
	directories(c, conf);
	if (context->own_mounts)
		paths(c, conf);
	devices(c, conf);
	views(c, conf, context->own_network);
}
