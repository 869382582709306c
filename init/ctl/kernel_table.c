/* SPDX-License-Identifier: MIT
 * The options: see kernel.h. In the order of the walls; what comes with another option without a
 * choice of its own is not here.
 */
#include "ctl/kernel.h"

#define NO_BOOT "PID 1 does not come up"
#define NO_SERVICE "no service starts"
#define REFUSED "every service is refused whose file does not say host for it"

/* clang-format off */
const struct kernel_option kernel_options[] = {
	{"MULTIUSER", NULL, false, KERNEL_BOOT, 0, "users and groups", NO_SERVICE ": no process can change its user"},
	{"FUTEX", NULL, false, KERNEL_BOOT, 0, "the start of a service", NO_SERVICE},
	{"EPOLL", NULL, false, KERNEL_BOOT, 0, "PID 1's loop, the log program", NO_BOOT},
	{"SIGNALFD", NULL, false, KERNEL_BOOT, 0, "PID 1's loop", NO_BOOT},
	{"PROC_FS", NULL, false, KERNEL_BOOT, 0, "PID 1, every start", NO_SERVICE},
	{"SYSFS", NULL, false, KERNEL_BOOT, 0, "the place of the control groups", NO_SERVICE},
	{"DEVTMPFS", NULL, false, KERNEL_BOOT, 0, "/dev", NO_SERVICE ": its /dev has no node to copy"},
	{"SHMEM", NULL, false, KERNEL_BOOT, 0, "memfd: the plan, PID 1's state", NO_SERVICE},
	{"TMPFS", NULL, false, KERNEL_BOOT, 0, "/run, a service's own /dev and /tmp", NO_SERVICE},
	{"MEMFD_CREATE", NULL, false, KERNEL_BOOT, 0, "the plan, PID 1's state over a crash", NO_SERVICE},
	{"UNIX", NULL, false, KERNEL_BOOT, 0, "control and readiness sockets, the cell's reports", NO_SERVICE},
	{"NET", NULL, false, KERNEL_BOOT, 0, "sockets", NO_SERVICE},
	{"BINFMT_ELF", NULL, false, KERNEL_BOOT, 0, "programs", NO_BOOT},
	{"BINFMT_SCRIPT", NULL, true, KERNEL_FEATURE, 0, "ExecStart of a script (#!)", "such a program is not executed: ENOEXEC"},
	{"PRINTK", NULL, false, KERNEL_DEFAULT, 0, "/dev/kmsg: the log program's own words, [Log] Forward", "the log program is refused, and what services write is lost"},
	{"TTY", NULL, false, KERNEL_FEATURE, 0, "the console, StandardInput = tty", "no login, and no rescue shell"},
	{"UNIX98_PTYS", NULL, false, KERNEL_FEATURE, 0, "/dev/pts, [Filesystem] Devices = pts", "no pseudo-terminals: no ssh session"},
	{"PROC_SYSCTL", NULL, false, KERNEL_FEATURE, 0, "[Boot] Sysctl, [Filesystem] KernelTunables", "no setting is made, and PID 1 says so"},
	{"MODULES", NULL, false, KERNEL_FEATURE, 0, "[Boot] Modules", "no module is loaded, and PID 1 says so"},
	{"INOTIFY_USER", NULL, false, KERNEL_FEATURE, 0, "bulkctl logs -f", "it looks from time to time instead"},
	{"WATCHDOG", NULL, false, KERNEL_FEATURE, 0, "[Watchdog], with the driver of the device's watchdog", "a device that is stuck stays so, which PID 1 says"},

	{"NAMESPACES", NULL, false, KERNEL_BOOT, 0, "[Namespaces]", NO_SERVICE},
	{"UTS_NS", NULL, false, KERNEL_DEFAULT, 0, "[Namespaces] UTS", REFUSED},
	{"SYSVIPC", NULL, false, KERNEL_DEFAULT, 0, "[Namespaces] IPC, which needs this or POSIX_MQUEUE", REFUSED},
	{"POSIX_MQUEUE", NULL, false, KERNEL_FEATURE, 0, "POSIX message queues, LimitMSGQUEUE", "services that use them fail"},
	{"IPC_NS", NULL, false, KERNEL_DEFAULT, 0, "[Namespaces] IPC", REFUSED},
	{"PID_NS", NULL, false, KERNEL_DEFAULT, 0, "[Namespaces] PID", REFUSED},
	{"NET_NS", NULL, false, KERNEL_DEFAULT, 0, "[Namespaces] Network", REFUSED},
	{"USER_NS", NULL, false, KERNEL_DEFAULT, 0, "[Namespaces] User", REFUSED ", unless its OptionalWalls has user"},
	{"TIME_NS", NULL, false, KERNEL_FEATURE, KERNEL(5, 6), "[Namespaces] Time = private", "who says that is refused, unless its OptionalWalls has time"},
	{"INET", NULL, false, KERNEL_DEFAULT, 0, "the loopback of a private network", "every service is refused whose network is private"},
	{"PACKET", NULL, true, KERNEL_FEATURE, 0, "packet sockets (DHCP)", "services that use them fail"},
	{"VETH", NULL, true, KERNEL_FEATURE, 0, "[Namespaces] VirtualEthernet", "a service that asks for it is refused"},
	{"BRIDGE", NULL, true, KERNEL_FEATURE, 0, "[Namespaces] VirtualEthernet, where it makes the bridge", "a service that asks for it is refused"},

	{"OVERLAY_FS", NULL, true, KERNEL_FEATURE, 0, "[Boot] Overlay", "the directory stays read-only, and PID 1 says so"},
	{"BLK_DEV_LOOP", NULL, true, KERNEL_FEATURE, 0, "[Filesystem] RootImage", "who has one is refused"},
	{"SQUASHFS", NULL, true, KERNEL_FEATURE, 0, "[Filesystem] RootImage of squashfs", "who has one is refused"},
	{"SQUASHFS_XATTR", NULL, false, KERNEL_FEATURE, 0, "SELinux labels in a RootImage of squashfs", "its files have no labels, and the policy closes them"},
	{"EROFS_FS", NULL, true, KERNEL_FEATURE, KERNEL(5, 4), "[Filesystem] RootImage of erofs", "who has one is refused"},
	{"EROFS_FS_XATTR", NULL, false, KERNEL_FEATURE, KERNEL(5, 4), "SELinux labels in a RootImage of erofs", "its files have no labels, and the policy closes them"},

	{"CGROUPS", NULL, false, KERNEL_BOOT, 0, "[Cgroup], [Namespaces] Cgroup: a service is its group", NO_SERVICE},
	{"MEMCG", NULL, false, KERNEL_DEFAULT, 0, "[Cgroup] MemoryMax, which everybody has, and Memory...", "every service is refused, unless its OptionalWalls has memory"},
	{"CGROUP_PIDS", NULL, false, KERNEL_DEFAULT, 0, "[Cgroup] TasksMax, which everybody has", "every service is refused, unless its OptionalWalls has pids"},
	{"CGROUP_SCHED", NULL, false, KERNEL_FEATURE, 0, "[Cgroup] CPUWeight and CPUQuota", "who asks for them is refused, unless its OptionalWalls has cpu"},
	{"FAIR_GROUP_SCHED", NULL, false, KERNEL_FEATURE, 0, "[Cgroup] CPUWeight", "a service that asks for it is refused, unless its OptionalWalls has cpu"},
	{"CFS_BANDWIDTH", NULL, false, KERNEL_FEATURE, 0, "[Cgroup] CPUQuota", "a service that asks for it is refused, unless its OptionalWalls has cpu"},
	{"CPUSETS", NULL, false, KERNEL_FEATURE, 0, "[Cgroup] AllowedCPUs, AllowedMemoryNodes", "who asks for them is refused, unless its OptionalWalls has cpuset"},
	{"BLK_CGROUP", NULL, false, KERNEL_FEATURE, 0, "[Cgroup] IO...", "who asks for them is refused, unless its OptionalWalls has io"},
	{"BLK_DEV_THROTTLING", NULL, false, KERNEL_FEATURE, 0, "[Cgroup] IOReadBandwidthMax and its kin", "who asks for them is refused, unless its OptionalWalls has io"},
	{"BLK_CGROUP_IOCOST", NULL, false, KERNEL_FEATURE, KERNEL(5, 4), "[Cgroup] IOWeight, on disks that BFQ does not schedule", "who asks for it there is refused, unless its OptionalWalls has io"},
	{"BLK_CGROUP_IOLATENCY", NULL, false, KERNEL_FEATURE, KERNEL(4, 19), "[Cgroup] IODeviceLatencyTargetSec", "a service that asks for it is refused, unless its OptionalWalls has io"},
	{"IOSCHED_BFQ", NULL, true, KERNEL_FEATURE, 0, "[Cgroup] IOWeight, on disks that BFQ schedules", "io.cost has to do it"},
	{"BFQ_GROUP_IOSCHED", NULL, false, KERNEL_FEATURE, 0, "[Cgroup] IOWeight, on disks that BFQ schedules", "io.cost has to do it"},
	{"BPF_SYSCALL", NULL, false, KERNEL_FEATURE, 0, "[Cgroup] DeviceAllow, IPAddressAllow, IPAddressDeny", "who asks for them is refused, unless its OptionalWalls has devices or ip"},
	{"CGROUP_BPF", NULL, false, KERNEL_FEATURE, 0, "[Cgroup] DeviceAllow, IPAddressAllow, IPAddressDeny", "who asks for them is refused, unless its OptionalWalls has devices or ip"},

	{"SECCOMP", NULL, false, KERNEL_DEFAULT, 0, "[Seccomp]", "every service is refused, unless its OptionalWalls has seccomp"},
	{"SECCOMP_FILTER", NULL, false, KERNEL_DEFAULT, 0, "[Seccomp]", "every service is refused, unless its OptionalWalls has seccomp"},

	{"SECURITY", NULL, false, KERNEL_WALL, 0, "SELinux, Landlock", "none of the two"},
	{"AUDIT", NULL, false, KERNEL_WALL, 0, "SELinux; the record of [Seccomp] SystemCallLog and SystemCallDefault = log", "no SELinux, and nothing is recorded"},
	{"SECURITY_NETWORK", NULL, false, KERNEL_WALL, 0, "SELinux", "no SELinux"},
	{"SECURITY_SELINUX", NULL, false, KERNEL_WALL, 0, "[SELinux], the policy", "no service has a domain, which bulkctl status tells of those that ask for one"},
	{"SECURITY_LANDLOCK", NULL, false, KERNEL_WALL, KERNEL(5, 13), "[Filesystem] Landlock, which everybody has", "it is left out, which bulkctl status tells, and who says required is refused"},
	{"LSM", "landlock", false, KERNEL_WALL, KERNEL(5, 13), "[Filesystem] Landlock, unless lsm= on the command line has it", "Landlock is built in and not used"},
	{"LSM", "selinux", false, KERNEL_WALL, KERNEL(5, 1), "[SELinux], unless lsm= or security= on the command line has it", "SELinux is built in and not used"},
	{"TMPFS_XATTR", NULL, false, KERNEL_WALL, 0, "SELinux labels in /run, /dev and a service's own file systems in memory", "they have no labels of their own, and the policy closes them"},
	{NULL, NULL, false, KERNEL_FEATURE, 0, NULL, NULL},
};

const struct kernel_feature kernel_features[] = {
	{KERNEL(5, 12), "mount_setattr(2)", "views are made with mount(2), unless this build is without CONFIG_OLD_MOUNT: then no service with a view starts"},
	{KERNEL(5, 14), "cgroup.kill", "the processes of a group are killed one by one: one that forks faster may survive its service's stop"},
	{KERNEL(5, 19), "Landlock that files can be moved under", "[Filesystem] Landlock, which everybody has, is left out, and who says required is refused"},
	{KERNEL(6, 3), "PR_SET_MDWE", "MemoryDenyWriteExecute is the filter's alone"},
	{0, NULL, NULL},
};
/* clang-format on */
