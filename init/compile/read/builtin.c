/* SPDX-License-Identifier: MIT
 * The log program's service, as a file would have it; services.d/bulkhead-log.ini takes its place,
 * and bulkhead-log.d/ adds to it.
 */
#include "compile/read/builtin.h"
#include "base/config.h"
#include "base/diag.h"

/* The rings outlive the program: what a crashed one has read must not be lost. On a kernel that
 * lacks walls the others are refused, and this one is needed to say so; where there is no /dev/kmsg
 * it does without. MemoryMax follows below. */
static const char logger[] = "[Service]\n"
							 "Description = Logs of all services\n"
							 "ExecStart = " BUILTIN_LOGGER_PROGRAM "\n"
							 "Restart = always\n"
							 "RestartSec = 20ms\n"
							 "RestartMaxDelaySec = 5s\n"
							 "RuntimeDirectory = log/bulkhead\n"
							 "RuntimeDirectoryMode = 0755\n"
							 "RuntimeDirectoryPreserve = yes\n"
							 "RuntimeDirectorySize = infinity\n"
							 "OptionalWalls = user landlock selinux seccomp memory cpu pids\n"
							 "StandardOutput = kmsg\n"
							 "StandardError = kmsg\n"
							 "[Filesystem]\n"
							 "Devices = -kmsg\n"
							 "[Cgroup]\n"
							 "CPUWeight = 200\n";

/* The rings are its memory too: there is some for one of every service that there may be. And for
 * each there may be a thread that is held (log/guard.c). */
struct span builtin_logger(uint32_t ring_kb)
{
	uint64_t rings_mb = (uint64_t)CONFIG_MAX_SERVICES * ring_kb / 1024;
	return span_of(diag_text("%sTasksMax = %d\nMemoryMax = %juM\n", logger, CONFIG_MAX_SERVICES + 4,
		(uintmax_t)(rings_mb + 32 > 64 ? rings_mb + 32 : 64)));
}
