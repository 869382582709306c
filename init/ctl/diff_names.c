/* SPDX-License-Identifier: MIT
 * The directive that a field of the plan is of: see diff_names.h.
 */
#include "ctl/diff_names.h"
#include "base/count.h"
#include "plan/names.h"
#include <stddef.h>

#define OF(member, name) \
	{ \
		offsetof(struct plan_service, member), name \
	}
static const struct {
	uint16_t at;
	const char *name;
} services[] = {
	OF(description, "Description"),
	OF(file, "its file"),
	OF(refusal, "its errors"),
	OF(flags, "Enabled, Essential, Activate or what follows from walls"),
	OF(type, "Type"),
	OF(restart, "Restart"),
	OF(notify_access, "NotifyAccess"),
	OF(kill_signal, "KillSignal"),
	OF(reload_signal, "ExecReload or ReloadSignal"),
	OF(start_limit_action, "StartLimitAction"),
	OF(failure_action, "FailureAction"),
	OF(notification_fd, "NotificationFD"),
	OF(clone_flags, "namespaces"),
	OF(network, "the network namespace that it joins"),
	OF(needs, "options of the build that it needs"),
	OF(absent, "walls that it goes without"),
	OF(kernel_uid, "User"),
	OF(kernel_gid, "Group"),
	OF(id_base, "its range of ids"),
	OF(restart_ms, "RestartSec"),
	OF(restart_max_ms, "RestartMaxDelaySec"),
	OF(start_limit_burst, "StartLimitBurst"),
	OF(start_limit_interval_ms, "StartLimitIntervalSec"),
	OF(start_ms, "TimeoutStartSec"),
	OF(stop_ms, "TimeoutStopSec"),
	OF(watchdog_ms, "WatchdogSec"),
	OF(runtime_ms, "RuntimeMaxSec"),
	OF(runtime_extra_ms, "RuntimeRandomizedExtraSec"),
	OF(optional_walls, "OptionalWalls"),
	OF(edges, "dependencies and order"),
	OF(conditions, "conditions"),
	OF(success, "SuccessExitStatus"),
	OF(restart_prevent, "RestartPreventExitStatus"),
	OF(restart_force, "RestartForceExitStatus"),
	OF(environment, "Environment"),
	OF(environment_files, "EnvironmentFile"),
	OF(unset, "UnsetEnvironment"),
	OF(working_directory, "WorkingDirectory"),
	OF(tty, "TTYPath"),
	OF(sockets, "sockets"),
	OF(socket_names, "names of sockets"),
	OF(socket_context, "SocketContext"),
};
static const char *const streams[] = {"StandardInput", "StandardOutput", "StandardError"};

const char *diff_name(const struct renew_change *change)
{
	if (change->file)
		return change->file;
	if (change->at == offsetof(struct plan_service, exec))
		return plan_name(plan_exec_directives, change->element);
	if (change->at == offsetof(struct plan_service, stdio) && change->element < COUNT(streams))
		return streams[change->element];
	if (change->at == offsetof(struct plan_service, wall))
		return plan_name(plan_walls, change->element);
	for (size_t i = 0; i < COUNT(services); i++)
		if (services[i].at == change->at)
			return services[i].name;
	return "another field of the plan";
}

#undef OF
#define OF(member, name) \
	{ \
		offsetof(struct plan_machine, member), name \
	}
static const struct {
	uint16_t at;
	const char *name;
} settings[] = {
	OF(hostname, "Hostname"),
	OF(console, "Console"),
	OF(watchdog_device, "[Watchdog] Device"),
	OF(watchdog_ms, "[Watchdog] TimeoutSec"),
	OF(watchdog_reboot_ms, "[Watchdog] RebootTimeoutSec"),
	OF(default_group, "DefaultGroup"),
	OF(log_ring_kb, "[Log] Size"),
	OF(log_forward, "[Log] Forward"),
	OF(sysctl, "Sysctl"),
	OF(modules, "Modules"),
	OF(mounts, "fstab"),
	OF(data, "DataPartition"),
	OF(overlays, "Overlay"),
	OF(reset, "FactoryReset"),
	OF(seed_file, "RandomSeedFile"),
	OF(mark_good, "MarkGood"),
	OF(mark_good_delay_ms, "MarkGoodDelaySec"),
	OF(settle_ms, "SettleTimeoutSec"),
	OF(boot_timeout_ms, "BootTimeoutSec"),
	OF(boot_failure, "BootFailureAction"),
	OF(rescue_shell, "RescueShell"),
	OF(console_messages, "ConsoleMessages"),
};

const char *diff_setting(const struct renew_change *change)
{
	for (size_t i = 0; i < COUNT(settings); i++)
		if (settings[i].at == change->at)
			return settings[i].name;
	return "another setting";
}
