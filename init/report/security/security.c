/* SPDX-License-Identifier: MIT
 * `--security`: the table of what a service's files can open, what that is worth to whoever has
 * taken the service over, and why. A new directive that opens something gets a row here. Weights
 * are tenths of a point and are added up: 100 is as good as no walls at all.
 */
#include "compile/read/directives.h"
#include "base/count.h"
#include "compile/read/load.h"
#include "report/security/security_rows.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct place *place_of(const struct service *s, const char *section, const char *key)
{
	int index = directive_find(span_of(section), span_of(key));
	for (size_t i = s->set_count; i-- > 0;)
		if (s->set[i].directive == index && load_counts(s, &s->set[i]))
			return &s->set[i].place;
	return NULL;
}

void security_opens(struct security *f, const struct security_row *row, unsigned weight,
	const char *format, ...)
{
	struct security_opening *o = &f->opening[f->count];
	va_list args;
	if (f->count == SECURITY_MAX_OPENINGS)
		return;
	va_start(args, format);
	vsnprintf(o->what, sizeof(o->what), format, args);
	va_end(args);
	o->why = row->why;
	o->weight = weight;
	o->place = place_of(f->service, row->section, row->key);
	f->count++;
}

/* ---- the table ---- */

/* clang-format off */
static const struct security_row table[] = {
	{"Socket", "ListenStream", "whoever reaches this socket of the host speaks to it", look_sockets, 1, SOCKET_STREAM},
	{"Socket", "ListenDatagram", "whoever reaches this socket of the host speaks to it", look_sockets, 1, SOCKET_DATAGRAM},
	{"Socket", "ListenSequentialPacket", "whoever reaches this socket of the host speaks to it", look_sockets, 1, SOCKET_SEQPACKET},
	{"Socket", "ListenFIFO", "whoever reaches this FIFO of the host speaks to it", look_sockets, 1, SOCKET_FIFO},
	{"Socket", "ListenNetlink", "it speaks to the kernel about the host's network and devices", look_sockets, 2, SOCKET_NETLINK},
	{"Namespaces", "Mount", "the host's whole tree of files, its /dev, /proc and /sys, as far as its user may go", look_namespace, 30, NS_MOUNT},
	{"Namespaces", "PID", "other processes can be seen, and signalled and looked into where the user is the same", look_namespace, 8, NS_PID},
	{"Namespaces", "IPC", "shared memory and queues of others", look_namespace, 4, NS_IPC},
	{"Namespaces", "UTS", "the host's name, and changes of it with CAP_SYS_ADMIN", look_namespace, 1, NS_UTS},
	{"Namespaces", "Cgroup", "the place of its group among all others", look_namespace, 2, NS_CGROUP},
	{"Namespaces", "User", "a user of the host: files and processes of others that run as it, capabilities that count everywhere", look_namespace, 10, NS_USER},
	{"Namespaces", "Network", "it reaches whatever listens on the host, loopback and abstract sockets too, and is reached by the network", look_namespace, 8, NS_NETWORK},
	{"Cgroup", "IPAddressDeny", "whoever takes it over can fetch from, and send to, anywhere", look_addresses, 2, 0},
	{"Service", "User", "files of root's, and most of /proc and /sys where they show, need no capability", look_root, 15, 0},
	{"Capabilities", "AmbientCapabilities", "a power of root's", look_ambient, 4, 0},
	{"Capabilities", "CapabilityBoundingSet", "a power of root's, by a program with file capabilities or uid 0", look_bounding, 4, 0},
	{"Capabilities", "NoNewPrivileges", "set-user-ID programs and file capabilities give it what it has not", look_new_privs, 10, 0},
	{"Filesystem", "ReadWritePaths", "what is written there outlives the service, and others read it", look_paths, 2, FS_READ_WRITE},
	{"Filesystem", "BindPaths", "what is written there outlives the service, and others read it", look_paths, 2, FS_BIND},
	{"Filesystem", "ExecPaths", "programs run there, also such as it has written where that can be written", look_paths, 2, FS_EXEC},
	{"Filesystem", "PrivateTmp", "files of others in /tmp, and names there that can be guessed", look_tmp, 3, 0},
	{"Filesystem", "Devices", "a driver of the kernel's, and what it drives", look_devices, 2, 0},
	{"Filesystem", "ProcSubset", "what /proc tells of the machine", look_proc_subset, 2, 0},
	{"Filesystem", "ProtectProc", "command lines and states of other users' processes", look_proc_visible, 1, 0},
	{"Filesystem", "Sysfs", "what /sys tells of the hardware, and where it is writable what it sets", look_sysfs, 8, 2},
	{"Filesystem", "KernelTunables", "the kernel's settings, some of which name programs that it runs as root", look_tunables, 15, 1},
	{"Filesystem", "Landlock", "files are closed by mounts alone, signals and abstract sockets by namespaces alone", look_landlock, 2, 0},
	{"Cgroup", "MemoryMax", "it can take all of the memory", look_limit, 4, FILE_MEMORY_MAX},
	{"Cgroup", "TasksMax", "it can take all process numbers", look_limit, 4, FILE_PIDS_MAX},
	{"Cgroup", "DeviceAllow", "a driver of the kernel's, where a node of it is in reach", look_device_allow, 1, 0},
	{"Cgroup", "Delegate", "it divides its control group, which is rarely used code of the kernel's", look_delegate, 3, 0},
	/* weights and reasons: security_calls.c */
	{"Seccomp", "SystemCallFilter", "", look_calls, 0, 0},
	{"Seccomp", "SystemCallRule", "", look_rules, 0, 0},
	{"Seccomp", "SystemCallArchitectures", "the kernel's other entries, seldom looked at, with calls of their own", look_abis, 5, 0},
	{"Seccomp", "SystemCallDefault", "the filter stops nothing, it only writes down", look_log_only, 30, 0},
	{"SELinux", "SELinuxContext", "its domain is whatever the policy makes of its program", look_label, 1, 0},
	{"SELinux", "SELinuxRequired", "where its label cannot be set it runs in whatever domain there is", look_selinux, 3, 0},
	{"Service", "OptionalWalls", "on a kernel without it this wall does not stand", look_optional, 2, 0},
	{"Service", "StandardInput", "what is typed at the device, passwords too", look_terminal, 1, 0},
	{"Service", "CPUSchedulingPriority", "it runs before everybody else, for as long as it likes", look_realtime, 2, 0},
	{"Service", "Nice", "it runs before others", look_nice, 1, 0},
	{"Service", "OOMScoreAdjust", "others are killed before it when memory runs out", look_oom, 1, 0},
};
/* clang-format on */

/* Directives that close more than the default does. */
static const char *const closing[][2] = {
	{"Filesystem", "RootDirectory"},
	{"Filesystem", "RootImage"},
	{"Filesystem", "ReadOnlyPaths"},
	{"Filesystem", "InaccessiblePaths"},
	{"Filesystem", "NoExecPaths"},
	{"Cgroup", "IPAddressDeny"},
	{"Cgroup", "DeviceAllow"},
	{"Cgroup", "CPUQuota"},
	{"Cgroup", "KernelMemoryMax"},
};

/* With the host's mounts nothing of [Filesystem] holds. */
const char *security_closed(const struct service *s, unsigned *at)
{
	while (*at < COUNT(closing)) {
		const char *const *c = closing[(*at)++];
		bool holds = s->namespaces.own & NS_MOUNT || strcmp(c[0], "Filesystem") != 0;
		if (holds && place_of(s, c[0], c[1]))
			return c[1];
	}
	return NULL;
}

static int heavier(const void *a, const void *b)
{
	const struct security_opening *x = a, *y = b;
	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return strcmp(x->what, y->what);
}

void security_judge(const struct service *s, struct security *found)
{
	unsigned sum = 0;
	found->service = s;
	found->count = 0;
	for (size_t i = 0; s->unit.type != TYPE_GROUP && i < COUNT(table); i++)
		table[i].look(found, &table[i]);
	qsort(found->opening, found->count, sizeof(found->opening[0]), heavier);
	for (size_t i = 0; i < found->count; i++)
		sum += found->opening[i].weight;
	found->score = sum < SECURITY_MAX_SCORE ? sum : SECURITY_MAX_SCORE;
}
