/* SPDX-License-Identifier: MIT
 * Notes: lines without effect, and paths that do not exist: see check.h. Neither refuses the
 * service: it may be intended, and the device may have what the build does not.
 */
#include "base/count.h"
#include "compile/check/check.h"
#include "compile/files/files.h"
#include "compile/machine/machine.h"
#include "compile/read/builtin.h"
#include "compile/unit/directives.h"
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

/* ---- lines that come to nothing ---- */

static void note_sizes(struct service *s)
{
	static const struct {
		enum directive_id set;
		enum directory_kind kind;
		enum directive_id of;
	} all[] = {
		{D_Service_RuntimeDirectoryMode, DIRECTORY_RUNTIME, D_Service_RuntimeDirectory},
		{D_Service_RuntimeDirectorySize, DIRECTORY_RUNTIME, D_Service_RuntimeDirectory},
		{D_Service_RuntimeDirectoryInodes, DIRECTORY_RUNTIME, D_Service_RuntimeDirectory},
		{D_Service_RuntimeDirectoryPreserve, DIRECTORY_RUNTIME, D_Service_RuntimeDirectory},
		{D_Service_StateDirectoryMode, DIRECTORY_STATE, D_Service_StateDirectory},
		{D_Service_CacheDirectoryMode, DIRECTORY_CACHE, D_Service_CacheDirectory},
		{D_Service_LogsDirectoryMode, DIRECTORY_LOGS, D_Service_LogsDirectory},
		{D_Service_ConfigurationDirectoryMode, DIRECTORY_CONFIGURATION,
			D_Service_ConfigurationDirectory},
	};
	const struct assignment *size = service_line(s, D_Service_RuntimeDirectorySize);
	for (size_t i = 0; i < COUNT(all); i++)
		if (s->filesystem.directory[all[i].kind].count == 0 && service_line(s, all[i].set))
			diag_note(service_at(s, all[i].set), "has no effect without %s",
				directives[all[i].of].key);
	if (s->filesystem.directory[DIRECTORY_RUNTIME].count > 0 && size &&
		span_is(size->value, "infinity") && service_line(s, D_Service_RuntimeDirectoryInodes))
		diag_note(service_at(s, D_Service_RuntimeDirectoryInodes),
			"has no effect with RuntimeDirectorySize = infinity");
}

static void note_rescue(struct service *s, const struct machine *machine)
{
	bool limit = s->unit.start_limit_action == FINAL_RESCUE;
	if ((limit || s->unit.failure_action == FINAL_RESCUE) && machine->marks.rescue == RESCUE_NEVER)
		diag_note(service_at(s, limit ? D_Service_StartLimitAction : D_Service_FailureAction),
			"rescue: there is no such shell (RescueShell = never), so the device reboots");
}

/* ---- paths ---- */

#define LET_BE_ABSENT " (a - before it lets it be absent)"

/* What nobody's image holds: it is made while the device runs. */
static bool is_made_later(struct span path)
{
	static const char *const tops[] = {"/dev", "/proc", "/run", "/sys", "/tmp", "/var/run",
		"/var/tmp"};
	for (size_t i = 0; i < COUNT(tops); i++)
		if (span_below(path, span_of(tops[i])))
			return true;
	return false;
}

/* Not one that may not be looked at. */
static bool is_nowhere(const char *path)
{
	struct stat st;
	int err = files_stat(path, &st);
	return err == -ENOENT || err == -ENOTDIR;
}

static bool is_absent(const struct set *set, struct span path)
{
	char text[1100];
	if (is_made_later(path) || span_copy(path, text, sizeof(text)) < 0 || !is_nowhere(text))
		return false;
	for (size_t i = 0; i < set->count; i++)
		if (filesystem_in_own_directory(&set->service[i]->filesystem, path))
			return false;
	return true;
}

static void note_path(const struct set *set, struct diag *d, struct span path, const char *way_out)
{
	if (is_absent(set, path))
		diag_note(d, "%.*s is not there: the service does not start unless it is by then%s",
			SPAN_ARGS(path), way_out);
}

static void note_rule(const struct set *set, struct service *s,
	const struct filesystem_conf_rule *r)
{
	/* 0: none of these, which the first row is not. */
	static const enum directive_id keys[FS_OP_COUNT] = {
		[FS_READ_ONLY] = D_Filesystem_ReadOnlyPaths,
		[FS_READ_WRITE] = D_Filesystem_ReadWritePaths,
		[FS_HIDDEN] = D_Filesystem_InaccessiblePaths,
		[FS_BIND] = D_Filesystem_BindPaths,
		[FS_BIND_READ_ONLY] = D_Filesystem_BindReadOnlyPaths,
		[FS_EXEC] = D_Filesystem_ExecPaths,
		[FS_NO_EXEC] = D_Filesystem_NoExecPaths,
	};
	bool bind = r->op == FS_BIND || r->op == FS_BIND_READ_ONLY;
	if (!keys[r->op] || r->flags & FS_OPTIONAL ||
		(!bind && filesystem_has_own_root(&s->filesystem)))
		return;
	/* In what is mounted anew above it nothing can be looked up. */
	for (size_t i = 0; !bind && i < s->filesystem.rules; i++) {
		const struct filesystem_conf_rule *over = &s->filesystem.rule[i];
		if (over != r && span_below(r->target, over->target) &&
			(over->op == FS_BIND || over->op == FS_BIND_READ_ONLY || over->op == FS_TMPFS))
			return;
	}
	struct span path = bind ? r->source : r->target;
	note_path(set, service_at_word(s, keys[r->op], path), path, LET_BE_ABSENT);
}

static void note_devices(struct service *s)
{
	char path[300];
	for (size_t i = 0; files_on_device() && i < s->filesystem.devices; i++) {
		snprintf(path, sizeof(path), "/dev/%.*s", SPAN_ARGS(s->filesystem.device[i]));
		if (path[5] != '-' && is_nowhere(path))
			diag_note(service_at_word(s, D_Filesystem_Devices, s->filesystem.device[i]),
				"%s is not there: the service does not start unless it is by then" LET_BE_ABSENT,
				path);
	}
}

/* ---- the domain of who names none ---- */

#define BIT(n) (1ull << (n))

/* What rootfs/selinux/service.cil gives service_t. */
#define DEFAULT_HAS (BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_SETPCAP))
#define DEFAULT_HAS_INSIDE \
	(DEFAULT_HAS | BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | \
		BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_KILL) | BIT(CAP_SETGID) | BIT(CAP_SETUID) | \
		BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW))
#define NAMED_MAX 6 /* of more capabilities their number is enough */

/* A label of the policy's own on the program leads to another domain. */
static bool has_default_domain(const struct service *s)
{
	char label[FILES_LABEL];
	if (!CONFIG_SELINUX || s->selinux.context.n > 0 || s->unit.type == TYPE_GROUP ||
		is_nowhere("/etc/selinux/config"))
		return false;
	if (s->exec_count[EXEC_START] == 0 || filesystem_has_own_root(&s->filesystem))
		return false;
	/* A build's root has no labels yet; that of the log program is the base policy's. */
	if (files_label(s->exec[EXEC_START][0].path, label) < 0)
		return strcmp(s->exec[EXEC_START][0].path, BUILTIN_LOGGER_PROGRAM) != 0;
	return span_is(selinux_type(span_of(label)), "bin_t");
}

static void note_capabilities(struct service *s)
{
	uint64_t set = capabilities_bounding(&s->capabilities) &
		~(s->namespaces.own & NS_USER ? DEFAULT_HAS_INSIDE : DEFAULT_HAS);
	bool ambient = s->capabilities.ambient & set;
	int count = __builtin_popcountll(set);
	char names[256];
	if (count == 0)
		return;
	if (count > NAMED_MAX)
		snprintf(names, sizeof(names), "more than %d of these", NAMED_MAX);
	else
		capabilities_text(set, names, sizeof(names));
	diag_note(service_at(s,
				  ambient ? D_Capabilities_AmbientCapabilities
						  : D_Capabilities_CapabilityBoundingSet),
		"SELinux, where it is enforced, refuses %s to a service without SELinuxContext (it runs in service_t); expected "
		"SELinuxContext = system_u:system_r:%s_t:s0, whose rules bulkhead-compile --selinux makes of this file",
		names, s->name);
}

static void note_domain(struct service *s)
{
	const struct {
		bool asked;
		enum directive_id directive;
	} others[] = {
		{s->filesystem.devices > 0 || s->filesystem.host_dev, D_Filesystem_Devices},
		{s->filesystem.sysfs != VIEW_HIDDEN, D_Filesystem_Sysfs},
		{s->filesystem.tunables == VIEW_HOST, D_Filesystem_KernelTunables},
		{s->cgroup.delegate, D_Cgroup_Delegate},
	};
	if (!has_default_domain(s))
		return;
	note_capabilities(s);
	for (size_t i = 0; i < COUNT(others); i++) {
		if (others[i].asked && service_line(s, others[i].directive))
			diag_note(service_at(s, others[i].directive),
				"SELinux, where it is enforced, refuses this to a service without SELinuxContext (it runs in service_t)");
	}
}

void notes_on_lines(struct service *s, const struct machine *machine)
{
	note_sizes(s);
	note_rescue(s, machine);
}

static void note_view(const struct set *set, struct service *s)
{
	const struct filesystem_conf *f = &s->filesystem;
	if (f->root_directory.n > 0)
		note_path(set, service_at(s, D_Filesystem_RootDirectory), f->root_directory, "");
	if (f->root_image.n > 0)
		note_path(set, service_at(s, D_Filesystem_RootImage), f->root_image, "");
	for (size_t k = 0; k < f->rules; k++)
		note_rule(set, s, &f->rule[k]);
	note_devices(s);
}

void notes_on_root(const struct set *set)
{
	for (size_t i = 0; i < set->count && files_have_root(); i++) {
		struct service *s = set->service[i];
		if (s->diag.errors > 0)
			continue;
		diag_silence(s->extra);
		note_domain(s);
		if (s->namespaces.own & NS_MOUNT)
			note_view(set, s);
		diag_silence(false);
	}
}
