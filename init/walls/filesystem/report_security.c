/* SPDX-License-Identifier: MIT
 * Paths, devices and views of the kernel that the service sees or may write.
 */
#include "walls/filesystem/conf.h"
#include "walls/report.h"

#define WEIGHT_ALL_FILES 25
#define WEIGHT_ALL_DEVICES 15

static bool is_all(const struct filesystem_conf *c, const struct filesystem_conf_rule *r)
{
	if (r->op == FS_READ_WRITE)
		return !filesystem_has_own_root(c) && span_is(r->target, "/");
	return r->op == FS_BIND && span_is(r->source, "/");
}

/* value: enum filesystem_op */
static void look_paths(const struct security_look *l, const struct security_row *row)
{
	const struct filesystem_conf *c = l->conf;
	for (size_t i = 0; i < c->rules; i++) {
		const struct filesystem_conf_rule *r = &c->rule[i];
		if (r->op == row->value)
			security_opens(l, row, is_all(c, r) ? WEIGHT_ALL_FILES : row->weight, "%.*s %s",
				SPAN_ARGS(r->target), r->op == FS_EXEC ? "executable" : "writable");
	}
}

static void look_devices(const struct security_look *l, const struct security_row *row)
{
	const struct filesystem_conf *c = l->conf;
	if (c->host_dev)
		security_opens(l, row, l->context->device_rules ? row->weight : WEIGHT_ALL_DEVICES,
			"all of /dev");
	for (size_t i = 0; i < c->devices; i++) {
		size_t optional = c->device[i].n > 0 && c->device[i].p[0] == '-';
		security_opens(l, row, row->weight, "/dev/%.*s", (int)(c->device[i].n - optional),
			c->device[i].p + optional);
	}
}

/* value: the weight of a read-only one; what: where it is */
static void look_view(const struct security_look *l, const struct security_row *row)
{
	const struct filesystem_conf *c = l->conf;
	uint32_t view = row->directive == D_Filesystem_Sysfs ? c->sysfs : c->tunables;
	if (view == VIEW_READ_ONLY)
		security_opens(l, row, row->value, "%s read-only", row->what);
	else if (view == VIEW_HOST)
		security_opens(l, row, row->weight, "%s of the host", row->what);
}

/* clang-format off */
static const struct security_row rows[] = {
	{D_Filesystem_ReadWritePaths, "what is written there outlives the service, and others read it", look_paths, 2, FS_READ_WRITE, NULL},
	{D_Filesystem_BindPaths, "what is written there outlives the service, and others read it", look_paths, 2, FS_BIND, NULL},
	{D_Filesystem_ExecPaths, "programs run there, also such as it has written where that can be written", look_paths, 2, FS_EXEC, NULL},
	{D_Filesystem_PrivateTmp, "files of others in /tmp, and names there that can be guessed", security_unless, 3,
		offsetof(struct filesystem_conf, private_tmp), "PrivateTmp = no"},
	{D_Filesystem_Devices, "a driver of the kernel's, and what it drives", look_devices, 2, 0, NULL},
	{D_Filesystem_ProcSubset, "what /proc tells of the machine", security_unless, 2,
		offsetof(struct filesystem_conf, proc_subset_pid), "all of /proc"},
	{D_Filesystem_ProtectProc, "command lines and states of other users' processes", security_unless, 1,
		offsetof(struct filesystem_conf, proc_invisible), "others' processes in /proc"},
	{D_Filesystem_Sysfs, "what /sys tells of the hardware, and where it is writable what it sets", look_view, 8, 2, "/sys"},
	{D_Filesystem_KernelTunables, "the kernel's settings, some of which name programs that it runs as root", look_view, 15, 1, "/proc/sys"},
	{0},
};
/* clang-format on */

static const enum directive_id closes[] = {
	D_Filesystem_RootDirectory,
	D_Filesystem_RootImage,
	D_Filesystem_ReadOnlyPaths,
	D_Filesystem_InaccessiblePaths,
	D_Filesystem_NoExecPaths,
	DIRECTIVES,
};

const struct wall_security filesystem_security = {rows, closes};
