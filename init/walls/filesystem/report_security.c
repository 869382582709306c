/* SPDX-License-Identifier: MIT
 * Paths, devices and views of the kernel that the service sees or may write.
 */
#include "walls/filesystem/conf.h"
#include "walls/report.h"

#define WEIGHT_ALL_FILES 25
#define WEIGHT_ALL_DEVICES 15

static const struct filesystem_conf *conf_of(const struct security_look *l)
{
	return l->conf;
}

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

static void look_tmp(const struct security_look *l, const struct security_row *row)
{
	if (!conf_of(l)->private_tmp)
		security_opens(l, row, row->weight, "PrivateTmp = no");
}

static void look_proc_subset(const struct security_look *l, const struct security_row *row)
{
	if (!conf_of(l)->proc_subset_pid)
		security_opens(l, row, row->weight, "all of /proc");
}

static void look_proc_visible(const struct security_look *l, const struct security_row *row)
{
	if (!conf_of(l)->proc_invisible)
		security_opens(l, row, row->weight, "others' processes in /proc");
}

static void open_view(const struct security_look *l, const struct security_row *row, uint32_t view,
	const char *what)
{
	if (view == VIEW_READ_ONLY)
		security_opens(l, row, row->value, "%s read-only", what);
	else if (view == VIEW_HOST)
		security_opens(l, row, row->weight, "%s of the host", what);
}

static void look_sysfs(const struct security_look *l, const struct security_row *row)
{
	open_view(l, row, conf_of(l)->sysfs, "/sys");
}

static void look_tunables(const struct security_look *l, const struct security_row *row)
{
	open_view(l, row, conf_of(l)->tunables, "/proc/sys");
}

/* clang-format off */
static const struct security_row rows[] = {
	{D_Filesystem_ReadWritePaths, "what is written there outlives the service, and others read it", look_paths, 2, FS_READ_WRITE},
	{D_Filesystem_BindPaths, "what is written there outlives the service, and others read it", look_paths, 2, FS_BIND},
	{D_Filesystem_ExecPaths, "programs run there, also such as it has written where that can be written", look_paths, 2, FS_EXEC},
	{D_Filesystem_PrivateTmp, "files of others in /tmp, and names there that can be guessed", look_tmp, 3, 0},
	{D_Filesystem_Devices, "a driver of the kernel's, and what it drives", look_devices, 2, 0},
	{D_Filesystem_ProcSubset, "what /proc tells of the machine", look_proc_subset, 2, 0},
	{D_Filesystem_ProtectProc, "command lines and states of other users' processes", look_proc_visible, 1, 0},
	{D_Filesystem_Sysfs, "what /sys tells of the hardware, and where it is writable what it sets", look_sysfs, 8, 2},
	{D_Filesystem_KernelTunables, "the kernel's settings, some of which name programs that it runs as root", look_tunables, 15, 1},
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
