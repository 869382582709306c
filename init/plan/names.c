/* SPDX-License-Identifier: MIT
 * Words for the plan's enumerations: see names.h.
 */
#include "plan/names.h"
#include "base/count.h"
#include "plan/format.h"
#include <stddef.h>

#define COMPLETE(list, count) \
	_Static_assert(COUNT(list) == (count) + 1, "a word for each value, and NULL")

const char *const plan_types[] = {"simple", "notify", "oneshot", "group", NULL};
const char *const plan_restarts[] = {"no", "on-failure", "on-abnormal", "on-success", "always",
	NULL};
const char *const plan_notify_accesses[] = {"none", "main", "all", NULL};
const char *const plan_finals[] = {"none", "reboot", "poweroff", "halt", "rescue", NULL};
const char *const plan_rescues[] = {"password", "open", "never", NULL};
const char *const plan_consoles[] = {"boot", "all", NULL};
const char *const plan_edges[] = {"after", "wants", "requires", "binds-to", "conflicts", NULL};
const char *const plan_conditions[] = {"path-exists", "kernel-command-line", "architecture",
	"first-boot", NULL};
const char *const plan_stdio_kinds[] = {"log", "null", "tty", "console", "kmsg", "file", NULL};
const char *const plan_socket_kinds[] = {"stream", "datagram", "seqpacket", "fifo", "netlink",
	NULL};
const char *const plan_socket_families[] = {"path", "abstract", "ipv4", "ipv6", "netlink", NULL};
const char *const plan_timer_bases[] = {"OnBootSec", "OnStartupSec", "OnUnitActiveSec",
	"OnUnitInactiveSec", NULL};
const char *const plan_timer_words[] = {"persistent", "fixed", NULL};
const char *const plan_overlay_places[] = {"tmpfs", "data", NULL};
const char *const plan_optional_walls[] = {"user", "time", "landlock", "selinux", "seccomp",
	"memory", "cpu", "cpuset", "io", "pids", "devices", "ip", NULL};
const char *const plan_exec_lists[] = {"exec_pre", "exec_start", "exec_post", "exec_stop",
	"exec_stop_post", NULL};
const char *const plan_exec_directives[] = {"ExecStartPre", "ExecStart", "ExecStartPost",
	"ExecStop", "ExecStopPost", NULL};
const char *const plan_standard_streams[] = {"stdin", "stdout", "stderr", NULL};
#define WALL_WORD(NAME, name) #name,
const char *const plan_walls[] = {PLAN_WALLS(WALL_WORD) NULL};
const char *const plan_log_forwards[] = {"none", "kmsg", NULL};
const char *const plan_service_words[] = {"enabled", "essential", "refused", "logger", "returns",
	"on-demand", "labelled", "mdwe", "host-mounts", "sets-user", "cleans", "keeps", "pending",
	"reloads", NULL};
const char *const plan_socket_words[] = {"any", "free-bind", "reuse-port", NULL};
const char *const plan_mount_words[] = {"nofail", "or tmpfs", NULL};
const char *const plan_command_words[] = {"ignore-failure", "expand", NULL};
const char *const plan_negations[] = {"not", NULL};

COMPLETE(plan_types, TYPE_COUNT);
COMPLETE(plan_restarts, RESTART_COUNT);
COMPLETE(plan_notify_accesses, NOTIFY_COUNT);
COMPLETE(plan_finals, FINAL_COUNT);
COMPLETE(plan_rescues, RESCUE_COUNT);
COMPLETE(plan_consoles, CONSOLE_COUNT);
COMPLETE(plan_edges, EDGE_KIND_COUNT);
COMPLETE(plan_conditions, COND_KIND_COUNT);
COMPLETE(plan_stdio_kinds, STDIO_KIND_COUNT);
COMPLETE(plan_socket_kinds, SOCKET_KIND_COUNT);
COMPLETE(plan_socket_families, SOCKET_FAMILY_COUNT);
COMPLETE(plan_overlay_places, OVERLAY_WHERE_COUNT);
COMPLETE(plan_exec_lists, EXEC_COUNT);
COMPLETE(plan_exec_directives, EXEC_COUNT);
#define COMPLETE_BITS(list, all) \
	_Static_assert((all) == (1 << (COUNT(list) - 1)) - 1, "a word for each bit, and NULL")
COMPLETE_BITS(plan_optional_walls, OPTIONAL_ALL);
COMPLETE_BITS(plan_service_words, SERVICE_FLAGS_ALL);
COMPLETE_BITS(plan_socket_words, SOCKET_FLAGS_ALL);

const char *plan_name(const char *const *names, uint32_t value)
{
	for (uint32_t i = 0; names[i]; i++)
		if (i == value)
			return names[i];
	return "?";
}
