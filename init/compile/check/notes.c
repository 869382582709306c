/* SPDX-License-Identifier: MIT
 * Notes: lines that come to nothing, and paths that are not there: see notes.h. Neither refuses the
 * service: it may be meant, and the device may have what a build has not.
 */
#include "compile/check/notes.h"
#include "base/count.h"
#include "compile/check/check.h"
#include "compile/files/files.h"
#include "compile/machine/marks.h"
#include "compile/read/builtin.h"
#include "compile/read/directives.h"
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

/* ---- lines that come to nothing ---- */

/* The line of the service itself: a default or a profile is for many, and says nothing of this
 * one. */
static const struct assignment *own_line(const struct service *s, const char *section,
	const char *key)
{
	int index = directive_find(span_of(section), span_of(key));
	for (size_t i = s->set_count; i-- > 0;)
		if (s->set[i].directive == index)
			return s->set[i].layer >= LAYER_FILE ? &s->set[i] : NULL;
	return NULL;
}

static void note_sizes(struct service *s)
{
	static const struct {
		const char *key;
		enum directory_kind kind;
		const char *of;
	} all[] = {
		{"RuntimeDirectoryMode", DIRECTORY_RUNTIME, "RuntimeDirectory"},
		{"RuntimeDirectorySize", DIRECTORY_RUNTIME, "RuntimeDirectory"},
		{"RuntimeDirectoryInodes", DIRECTORY_RUNTIME, "RuntimeDirectory"},
		{"RuntimeDirectoryPreserve", DIRECTORY_RUNTIME, "RuntimeDirectory"},
		{"StateDirectoryMode", DIRECTORY_STATE, "StateDirectory"},
		{"CacheDirectoryMode", DIRECTORY_CACHE, "CacheDirectory"},
		{"LogsDirectoryMode", DIRECTORY_LOGS, "LogsDirectory"},
		{"ConfigurationDirectoryMode", DIRECTORY_CONFIGURATION, "ConfigurationDirectory"},
	};
	const struct assignment *size = own_line(s, "Service", "RuntimeDirectorySize");
	for (size_t i = 0; i < COUNT(all); i++)
		if (s->filesystem.directory[all[i].kind].count == 0 && own_line(s, "Service", all[i].key))
			diag_note(service_at(s, "Service", all[i].key), "has no effect without %s", all[i].of);
	if (s->filesystem.directory[DIRECTORY_RUNTIME].count > 0 && size &&
		span_is(size->value, "infinity") && own_line(s, "Service", "RuntimeDirectoryInodes"))
		diag_note(service_at(s, "Service", "RuntimeDirectoryInodes"),
			"has no effect with RuntimeDirectorySize = infinity");
}

static void note_rescue(struct service *s)
{
	const char *key = s->unit.start_limit_action == FINAL_RESCUE ? "StartLimitAction"
		: s->unit.failure_action == FINAL_RESCUE                 ? "FailureAction"
																 : NULL;
	if (key && marks_rescue_never())
		diag_note(service_at(s, "Service", key),
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
		if (path_below(path, span_of(tops[i])))
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
	static const char *const keys[FS_OP_COUNT] = {
		[FS_READ_ONLY] = "ReadOnlyPaths",
		[FS_READ_WRITE] = "ReadWritePaths",
		[FS_HIDDEN] = "InaccessiblePaths",
		[FS_BIND] = "BindPaths",
		[FS_BIND_READ_ONLY] = "BindReadOnlyPaths",
		[FS_EXEC] = "ExecPaths",
		[FS_NO_EXEC] = "NoExecPaths",
	};
	bool bind = r->op == FS_BIND || r->op == FS_BIND_READ_ONLY;
	if (!keys[r->op] || r->flags & FS_OPTIONAL ||
		(!bind && filesystem_has_own_root(&s->filesystem)))
		return;
	/* In what is mounted anew above it nothing can be looked up. */
	for (size_t i = 0; !bind && i < s->filesystem.rules; i++) {
		const struct filesystem_conf_rule *over = &s->filesystem.rule[i];
		if (over != r && path_below(r->target, over->target) &&
			(over->op == FS_BIND || over->op == FS_BIND_READ_ONLY || over->op == FS_TMPFS))
			return;
	}
	struct span path = bind ? r->source : r->target;
	note_path(set, service_at_word(s, "Filesystem", keys[r->op], path), path, LET_BE_ABSENT);
}

static void note_devices(struct service *s)
{
	char path[300];
	for (size_t i = 0; files_on_device() && i < s->filesystem.devices; i++) {
		snprintf(path, sizeof(path), "/dev/%.*s", SPAN_ARGS(s->filesystem.device[i]));
		if (path[5] != '-' && is_nowhere(path))
			diag_note(service_at_word(s, "Filesystem", "Devices", s->filesystem.device[i]),
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
	const char *key = s->capabilities.ambient & set ? "AmbientCapabilities"
													: "CapabilityBoundingSet";
	int count = __builtin_popcountll(set);
	char names[256];
	if (count == 0)
		return;
	if (count > NAMED_MAX)
		snprintf(names, sizeof(names), "more than %d of these", NAMED_MAX);
	else
		capabilities_text(set, names, sizeof(names));
	diag_note(service_at(s, "Capabilities", key),
		"SELinux, where it is enforced, refuses %s to a service without SELinuxContext (it runs in service_t); expected "
		"SELinuxContext = system_u:system_r:%s_t:s0, whose rules bulkhead-compile --selinux makes of this file",
		names, s->name);
}

static void note_domain(struct service *s)
{
	const struct {
		bool asked;
		const char *section, *key;
	} others[] = {
		{s->filesystem.devices > 0 || s->filesystem.host_dev, "Filesystem", "Devices"},
		{s->filesystem.sysfs != VIEW_HIDDEN, "Filesystem", "Sysfs"},
		{s->filesystem.tunables == VIEW_HOST, "Filesystem", "KernelTunables"},
		{s->cgroup.delegate, "Cgroup", "Delegate"},
	};
	if (!has_default_domain(s))
		return;
	note_capabilities(s);
	for (size_t i = 0; i < COUNT(others); i++) {
		if (others[i].asked && own_line(s, others[i].section, others[i].key))
			diag_note(service_at(s, others[i].section, others[i].key),
				"SELinux, where it is enforced, refuses this to a service without SELinuxContext (it runs in service_t)");
	}
}

void notes_on_lines(struct service *s)
{
	note_sizes(s);
	note_rescue(s);
}

static void note_view(const struct set *set, struct service *s)
{
	const struct filesystem_conf *f = &s->filesystem;
	if (f->root_directory.n > 0)
		note_path(set, service_at(s, "Filesystem", "RootDirectory"), f->root_directory, "");
	if (f->root_image.n > 0)
		note_path(set, service_at(s, "Filesystem", "RootImage"), f->root_image, "");
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
