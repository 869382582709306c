/* SPDX-License-Identifier: MIT
 * Directives of other systems' service files, and what to write instead: see directives.h. The
 * nearest name of our own would be misleading there.
 */
#include "compile/unit/directives.h"
#include "base/count.h"
#include <stddef.h>

static const struct {
	const char *key, *instead;
} known[] = {
	{"Alias", "the file's name is the service's only one"},
	{"BlockIOWeight", "say [Cgroup] IOWeight"},
	{"BusName", "say Type = notify, or simple"},
	{"CPUAccounting", "it is always counted"},
	{"CPUShares", "say [Cgroup] CPUWeight"},
	{"DefaultDependencies", "a service has none but those that it names"},
	{"DevicePolicy", "say [Cgroup] DeviceAllow and [Filesystem] Devices, which close the rest"},
	{"Documentation", "say it in a comment"},
	{"DynamicUser", "[Namespaces] User = private, the default, gives each service ids of its own"},
	{"ExecCondition", "say ConditionPathExists, or ExecStartPre, which fails the start"},
	{"FinalKillSignal", "what KillSignal has not ended by TimeoutStopSec is killed"},
	{"GuessMainPID", "the main process is the one of ExecStart"},
	{"IOAccounting", "it is always counted"},
	{"InaccessibleDirectories", "say [Filesystem] InaccessiblePaths"},
	{"JoinsNamespaceOf", "say [Namespaces] Network = join:SERVICE"},
	{"KeyringMode", "each service has a session keyring of its own"},
	{"KillMode",
		"KillSignal goes to the main process, and when that has ended to what it has left"},
	{"MemoryAccounting", "it is always counted"},
	{"MemoryLimit", "say [Cgroup] MemoryMax"},
	{"MountFlags", "no mount of a service reaches the host"},
	{"OnFailure", "say FailureAction, of the device"},
	{"PIDFile",
		"it is not needed: the program stays in the foreground, and ExecStart is the main process"},
	{"PartOf", "say BindsTo or Requires"},
	{"PassEnvironment", "nothing is inherited: say Environment"},
	{"PermissionsStartOnly", "each command has the walls of the service"},
	{"PrivateDevices",
		"a /dev of its own is the default: [Filesystem] Devices names further nodes"},
	{"PrivateIPC", "[Namespaces] IPC = private is the default"},
	{"PrivateMounts", "[Namespaces] Mount = private is the default"},
	{"PrivateNetwork", "say [Namespaces] Network = private"},
	{"PrivatePIDs", "[Namespaces] PID = private is the default"},
	{"PrivateUsers", "[Namespaces] User = private is the default"},
	{"ProtectClock", "no service may set it without CAP_SYS_TIME"},
	{"ProtectControlGroups", "[Cgroup] Delegate gives a service its own, and nothing else does"},
	{"ProtectHome",
		"the root is read-only: [Filesystem] InaccessiblePaths hides what is not to be read either"},
	{"ProtectHostname", "[Namespaces] UTS = private is the default"},
	{"ProtectKernelLogs", "no service may read them without CAP_SYSLOG"},
	{"ProtectKernelModules", "no service may load any without CAP_SYS_MODULE"},
	{"ProtectKernelTunables",
		"[Filesystem] KernelTunables and Sysfs say what is seen of them, read-only"},
	{"ProtectSystem",
		"the root is read-only: [Filesystem] ReadWritePaths and StateDirectory say what is written"},
	{"ReadOnlyBindPaths", "say [Filesystem] BindReadOnlyPaths"},
	{"ReadOnlyDirectories", "say [Filesystem] ReadOnlyPaths"},
	{"ReadWriteDirectories", "say [Filesystem] ReadWritePaths"},
	{"RemainAfterExit", "a oneshot stays done: say Type = oneshot"},
	{"RemoveIPC", "[Namespaces] IPC = private, the default, leaves nothing behind"},
	{"RequiredBy", "say WantedBy here, or Requires there"},
	{"Requisite", "say Requires"},
	{"RootDirectoryStartOnly", "each command has the root of the service"},
	{"SendSIGKILL", "what KillSignal has not ended by TimeoutStopSec is killed"},
	{"SmackProcessLabel", "say [SELinux] SELinuxContext"},
	{"StartLimitInterval", "say StartLimitIntervalSec"},
	{"SystemCallErrorNumber", "say [Seccomp] SystemCallDefault"},
	{"SyslogIdentifier", "the log has the service's name"},
	{"TasksAccounting", "it is always counted"},
	{"OnClockChange", "say OnCalendar: it follows the clock"},
	{"OnTimezoneChange", "times are UTC"},
	{"RemainAfterElapse", "a timer stays"},
	{"WakeSystem", "PID 1 does not wake a device that sleeps"},
	{"TimeoutSec", "say TimeoutStartSec and TimeoutStopSec"},
};

const char *directive_instead_of(struct span key)
{
	for (size_t i = 0; i < COUNT(known); i++)
		if (span_is(key, known[i].key))
			return known[i].instead;
	return NULL;
}
