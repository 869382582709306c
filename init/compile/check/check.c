/* SPDX-License-Identifier: MIT
 * Contradictions: see check.h. Each message says how to resolve it.
 */
#include "compile/check/check.h"
#include "base/count.h"
#include "compile/machine/machine.h"
#include "compile/unit/users.h"

static bool given(struct service *s, enum directive_id directive)
{
	return service_at(s, directive)->line != 0;
}

static void check_type(struct service *s)
{
	struct unit_conf *u = &s->unit;
	size_t commands = 0;
	for (int list = 0; list < EXEC_COUNT; list++)
		commands += u->exec[list].count;
	if (u->notification_fd >= 0 && u->type_given && given(s, D_Service_Type) &&
		u->type != TYPE_NOTIFY)
		diag_error(service_at(s, D_Service_NotificationFD),
			"needs Type = notify, which it implies where no Type is given");
	else if (u->notification_fd >= 0)
		u->type = TYPE_NOTIFY;
	if (u->notifies_reload && u->notification_fd >= 0)
		diag_error(service_at(s, D_Service_NotificationFD),
			"cannot tell of a reload, expected sd_notify(3) with Type = notify-reload");
	if (u->reload_signal && u->type != TYPE_SIMPLE && u->type != TYPE_NOTIFY)
		diag_error(service_at(s,
					   given(s, D_Service_ExecReload) ? D_Service_ExecReload
													  : D_Service_ReloadSignal),
			"is for a process that stays, expected Type = simple or notify");
	if (u->type == TYPE_GROUP && commands > 0)
		diag_error(service_at(s, D_Service_Type),
			"a group has no process, so it can have no command: use simple, notify or oneshot");
	else if (u->type != TYPE_GROUP && u->exec[EXEC_START].count == 0 &&
		s->diag.errors == 0) /* else it may be among what could not be read */
		diag_error(service_at(s, D_Service_ExecStart),
			"is missing, expected the program to run (or Type = group)");
	else if (u->type != TYPE_ONESHOT && u->exec[EXEC_START].count > 1)
		diag_error(service_at(s, D_Service_ExecStart),
			"is given %zu times, but only a oneshot runs several: use ExecStartPre, or an empty"
			" ExecStart = before to replace the earlier one",
			u->exec[EXEC_START].count);
	if (u->type == TYPE_ONESHOT && u->watchdog_ms > 0)
		diag_error(service_at(s, D_Service_WatchdogSec),
			"a oneshot has no watchdog: TimeoutStartSec bounds its run");
	if ((u->type == TYPE_ONESHOT || u->type == TYPE_GROUP) && u->runtime_ms > 0)
		diag_error(service_at(s, D_Service_RuntimeMaxSec),
			"is for a process that stays: TimeoutStartSec bounds the run of a oneshot");
	if (u->runtime_extra_ms > 0 && u->runtime_ms == 0)
		diag_error(service_at(s, D_Service_RuntimeRandomizedExtraSec),
			"has no effect without RuntimeMaxSec");
	if ((u->type == TYPE_NOTIFY && u->notification_fd < 0) || u->watchdog_ms > 0) {
		if (u->notify_access == NOTIFY_NONE)
			diag_error(service_at(s, D_Service_NotifyAccess),
				"none would ignore the service's notifications, expected main or all");
	}
}

static void check_restart(struct service *s)
{
	/* One that is for many services grows with RestartSec. */
	if (s->unit.restart_max_ms < s->unit.restart_ms &&
		service_line(s, D_Service_RestartMaxDelaySec))
		diag_error(service_at(s, D_Service_RestartMaxDelaySec), "is shorter than RestartSec");
	if (s->unit.start_limit_action != FINAL_NONE && s->unit.start_limit_burst == 0)
		diag_error(service_at(s, D_Service_StartLimitAction),
			"needs StartLimitBurst, or the limit is never reached");
}

/* 0 is a success by itself. */
static bool is_success(const struct unit_conf *u, uint32_t code)
{
	const struct status_list *l = &u->statuses[STATUSES_SUCCESS];
	bool listed = code == 0;
	for (size_t i = 0; i < l->count && !listed; i++)
		listed = l->code[i] == code;
	return listed;
}

static void check_statuses(struct service *s)
{
	const struct unit_conf *u = &s->unit;
	const struct status_list *l = &u->statuses[STATUSES_FORCE];
	for (size_t i = 0; i < l->count && u->type == TYPE_ONESHOT; i++) {
		if (!is_success(u, l->code[i]))
			continue;
		diag_error(service_at(s, D_Service_RestartForceExitStatus),
			"has a status of success, after which a oneshot stays done: leave it out");
		return;
	}
}

static void check_stdio(struct service *s)
{
	static const enum directive_id streams[] = {D_Service_StandardInput, D_Service_StandardOutput,
		D_Service_StandardError};
	for (int fd = 0; fd < 3; fd++)
		if (s->unit.stdio[fd].kind == STDIO_TTY && s->unit.tty.n == 0)
			diag_error(service_at(s, streams[fd]), "tty needs a TTYPath");
}

static void check_user(struct service *s)
{
	bool own = s->namespaces.own & NS_USER;
	struct span user = s->identity.user;
	if (!own && user.n == 0) {
		diag_error(service_at(s, D_Namespaces_User),
			"host needs [Service] User = NAME (or User = root, if it must be the host's root)");
		return;
	}
	if (!own && s->ids.uid == 0 && !span_is(user, "root"))
		diag_error(service_at(s, D_Service_User),
			"\"%.*s\" is uid 0, the host's root: say User = root if that is meant",
			SPAN_ARGS(user));
}

bool service_notifies(const struct service *s)
{
	const struct plan_service p = {.type = (uint8_t)s->unit.type,
		.notification_fd = (int8_t)s->unit.notification_fd,
		.watchdog_ms = s->unit.watchdog_ms};
	return plan_notifies(&p);
}

bool service_owns_network(const struct service *s)
{
	uint64_t caps = capabilities_bounding(&s->capabilities) | s->capabilities.ambient;
	return s->network.mode == NETWORK_PRIVATE && s->namespaces.own & NS_USER &&
		capabilities_over_network(caps);
}

static void check_capabilities(struct service *s)
{
	char names[512];
	uint64_t bounding = capabilities_bounding(&s->capabilities),
			 beyond = s->capabilities.ambient & ~bounding;
	enum directive_id said = given(s, D_Capabilities_CapabilityBoundingSet)
		? D_Capabilities_CapabilityBoundingSet
		: D_Capabilities_AmbientCapabilities;
	if (beyond)
		diag_error(service_at(s, D_Capabilities_AmbientCapabilities),
			"%s is not in CapabilityBoundingSet, add it there",
			capabilities_text(beyond, names, sizeof(names)));
	if (!(s->namespaces.own & NS_USER))
		return;
	/* In a bounding set such a one does no harm, but whoever wrote it expects it to do
	 * something. */
	uint64_t mine = service_owns_network(s) ? capabilities_over_network(~0ull) : 0;
	uint64_t ambient = capabilities_over_host(s->capabilities.ambient) & ~mine,
			 host = ambient ? ambient : capabilities_over_host(bounding) & ~mine;
	if (host && capabilities_over_network(host) == host)
		diag_error(service_at(s, ambient ? D_Capabilities_AmbientCapabilities : said),
			"%s counts over a network that belongs to the service only: say [Namespaces] Network = private, or User = host and [Service] User = NAME",
			capabilities_text(host, names, sizeof(names)));
	else if (host)
		diag_error(service_at(s, ambient ? D_Capabilities_AmbientCapabilities : said),
			"%s counts over the host's resources only, not inside a private user namespace: say [Namespaces] User = host and [Service] User = NAME",
			capabilities_text(host, names, sizeof(names)));
}

static void check_filesystem(struct service *s)
{
	/* the lists of paths; then what else needs a view */
	static const enum directive_id keys[] = {D_Filesystem_ReadOnlyPaths,
		D_Filesystem_ReadWritePaths, D_Filesystem_InaccessiblePaths, D_Filesystem_BindPaths,
		D_Filesystem_BindReadOnlyPaths, D_Filesystem_TemporaryFileSystem, D_Filesystem_ExecPaths,
		D_Filesystem_NoExecPaths, D_Filesystem_RootDirectory, D_Filesystem_RootImage,
		D_Filesystem_PrivateTmp, D_Filesystem_Devices, D_Filesystem_ProcSubset,
		D_Filesystem_ProtectProc, D_Filesystem_Sysfs, D_Filesystem_KernelTunables};
	static const enum directive_id of_proc[] = {D_Filesystem_ProcSubset, D_Filesystem_ProtectProc};
	const size_t lists = 8, all = COUNT(keys);
	struct diag *d;
	if (!(s->namespaces.own & NS_MOUNT)) {
		for (size_t i = 0; i < all; i++) {
			if (given(s, keys[i]))
				diag_error(service_at(s, keys[i]),
					"cannot be combined with [Namespaces] Mount = host: leave out one of the two");
		}
		if (s->landlock.mode == LANDLOCK_MODE_REQUIRED)
			diag_error(service_at(s, D_Filesystem_Landlock),
				"cannot be combined with [Namespaces] Mount = host, where nothing is closed: leave out one of the two");
		return;
	}
	filesystem_check_root(&s->filesystem, service_at(s, D_Filesystem_RootImage));
	d = service_at(s, D_Filesystem_InaccessiblePaths);
	/* Any of the lists may have said it: the nearest to the truth is the first that has a line. */
	for (size_t i = 0; i < lists && d->line == 0; i++)
		d = service_at(s, keys[i]);
	filesystem_check_paths(&s->filesystem, d);
	for (size_t i = 0; i < COUNT(of_proc) && !(s->namespaces.own & NS_PID); i++)
		if (given(s, of_proc[i]))
			diag_error(service_at(s, of_proc[i]),
				"cannot be combined with [Namespaces] PID = host, where /proc is the host's: leave out one of the two");
}

static void check_namespaces(struct service *s)
{
	if (!(s->namespaces.own & NS_UTS) && given(s, D_Namespaces_Hostname))
		diag_error(service_at(s, D_Namespaces_Hostname),
			"would rename the machine with UTS = host: leave out one of the two");
}

static void check_network(struct service *s)
{
	static const enum directive_id keys[] = {D_Namespaces_Interfaces, D_Namespaces_VirtualEthernet};
	struct network_conf *n = &s->network;
	for (size_t i = 0; i < COUNT(keys) && n->mode != NETWORK_PRIVATE; i++) {
		if (given(s, keys[i]))
			diag_error(service_at(s, keys[i]),
				"needs a network of its own, expected Network = private (of a network that is joined, say it where that comes from)");
	}
	for (size_t i = 0; i < n->interfaces && n->bridge.n; i++) {
		if (span_same(n->interface[i], n->inside.n ? n->inside : span_of("eth0")))
			diag_error(service_at(s, D_Namespaces_VirtualEthernet),
				"%.*s is among Interfaces too: choose another name=", SPAN_ARGS(n->interface[i]));
		if (span_same(n->interface[i], n->bridge))
			diag_error(service_at(s, D_Namespaces_Interfaces),
				"%.*s is the bridge of VirtualEthernet: leave out one of the two",
				SPAN_ARGS(n->interface[i]));
	}
}

static void check_quota(struct service *s)
{
	if (given(s, D_Cgroup_CPUQuotaPeriodSec) && s->cgroup.quota_percent == 0)
		diag_error(service_at(s, D_Cgroup_CPUQuotaPeriodSec), "has no effect without CPUQuota");
	cgroup_check_memory(&s->cgroup, service_at(s, D_Cgroup_MemoryMax));
	/* Less than a microsecond of a period rounds to nothing, which the kernel refuses: below 1
	 * ms of run time (min_cfs_quota_period). */
	if (s->cgroup.quota_percent > 0 &&
		(uint64_t)s->cgroup.period_us * s->cgroup.quota_percent / 100 < 1000)
		diag_error(service_at(s, D_Cgroup_CPUQuota),
			"is less than 1ms in each period: use a longer CPUQuotaPeriodSec");
}

static void check_delegation(struct service *s)
{
	static const struct {
		enum plan_exec list;
		enum directive_id directive;
	} beside[] = {{EXEC_POST, D_Service_ExecStartPost}, {EXEC_STOP, D_Service_ExecStop}};
	if (!s->cgroup.delegate)
		return;
	if (!(s->namespaces.own & NS_CGROUP) || !(s->namespaces.own & NS_MOUNT))
		diag_error(service_at(s, D_Cgroup_Delegate),
			"needs [Namespaces] Cgroup and Mount = private: its own group is all it may see");
	if (s->filesystem.sysfs == VIEW_HIDDEN)
		diag_error(service_at(s, D_Cgroup_Delegate),
			"needs [Filesystem] Sysfs = read-only, or it cannot see its group");
	/* A group whose controllers have been handed on takes no process any more (cgroup-v2.rst,
	 * "No Internal Process Constraint"). */
	for (size_t i = 0; i < COUNT(beside); i++) {
		if (s->unit.exec[beside[i].list].count > 0)
			diag_error(service_at(s, beside[i].directive),
				"cannot run beside a main process that divides its own group ([Cgroup] Delegate): leave out one of the two");
	}
}

static void check_cgroup(struct service *s)
{
	if (s->cgroup.kernel_memory && s->cgroup.oom_given && s->cgroup.oom == OOM_CONTINUE)
		diag_error(service_at(s, D_Cgroup_KernelMemoryMax),
			"is kept by ending the service, so it needs OOMPolicy = kill or stop (or none, which means kill)");
	if (s->cgroup.allow.count > 0 && s->cgroup.deny.count == 0)
		diag_error(service_at(s, D_Cgroup_IPAddressAllow),
			"has no effect without IPAddressDeny: IPAddressDeny = any denies the rest");
	if (s->cgroup.devices_given && s->filesystem.host_dev)
		diag_error(service_at(s, D_Cgroup_DeviceAllow),
			"cannot be combined with [Filesystem] Devices = *, all of the host's nodes: leave out one of the two");
	check_delegation(s);
}

static void check_slice(struct set *set, struct service *s)
{
	struct service *slice = set_find(set, s->cgroup.slice);
	struct diag *d = service_at(s, D_Cgroup_Slice);
	struct nearest near;
	nearest_begin(&near, s->cgroup.slice);
	for (size_t i = 0; i < set->count; i++)
		if (set->service[i]->unit.type == TYPE_GROUP)
			nearest_try(&near, span_of(set->service[i]->name));
	if (s->unit.type == TYPE_GROUP)
		diag_error(d, "a group cannot be in a slice itself");
	else if (!slice || slice->unit.type != TYPE_GROUP)
		diag_error(d, "there is no service \"%.*s\" of Type = group%s", SPAN_ARGS(s->cgroup.slice),
			nearest_hint(&near));
}

/* PID 1 makes no other socket for a service than these. */
static void check_selinux(struct service *s)
{
	if (s->selinux.socket.n > 0 && s->sockets.count == 0 && !service_notifies(s) &&
		s->diag.errors == 0)
		diag_error(service_at(s, D_SELinux_SocketContext),
			"has no effect: PID 1 makes no socket for this service ([Socket], or Type = notify)");
}

void check_slices(struct set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		diag_silence(set->service[i]->extra);
		if (set->service[i]->cgroup.slice.n > 0)
			check_slice(set, set->service[i]);
	}
}

static struct diag *rule_at(void *service, struct span rule)
{
	return service_at_word(service, D_Seccomp_SystemCallRule, rule);
}

static void check_seccomp(struct service *s)
{
	struct seccomp_from_start own = {(unsigned)s->sockets.count, s->unit.notification_fd};
	if (s->diag.errors == 0)
		seccomp_check(&s->seccomp,
			service_at(s,
				given(s, D_Seccomp_SystemCallFilter) ? D_Seccomp_SystemCallFilter
													 : D_Seccomp_SystemCallRule));
	if (s->diag.errors == 0)
		seccomp_check_descriptors(&s->seccomp, &own, rule_at, s);
}

void check_service(struct service *s, const struct machine *machine)
{
	machine_check_defaults(machine, s);
	/* Before all else: what the others ask is whether the network is private. */
	s->namespaces.own = s->network.mode == NETWORK_PRIVATE
		? s->namespaces.own | NS_NETWORK
		: s->namespaces.own & ~(uint32_t)NS_NETWORK;
	check_type(s);
	check_restart(s);
	check_statuses(s);
	check_stdio(s);
	users_resolve(s);
	check_user(s);
	check_capabilities(s);
	check_namespaces(s);
	check_network(s);
	check_filesystem(s);
	check_quota(s);
	check_cgroup(s);
	check_selinux(s);
	if (CONFIG_SOCKETS)
		sockets_check(s);
	if (CONFIG_TIMERS)
		timer_check(s);
	limits_check_priority(&s->limits, service_at(s, D_Service_CPUSchedulingPriority));
	check_seccomp(s);
	command_environment(s);
	command_parse(s);
	notes_on_lines(s, machine);
}
