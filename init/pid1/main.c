/* SPDX-License-Identifier: MIT
 * PID 1. Started by the kernel: boots, then runs the loop. Started by itself after a crash: takes
 * over, then runs the loop. Started while another process is PID 1: see client.h.
 */
#include "base/num.h"
#include "base/sys.h"
#include "base/version.h"
#include "pid1/boot.h"
#include "pid1/container.h"
#include "pid1/control/client.h"
#include "pid1/crash.h"
#include "pid1/loop.h"
#include "pid1/stay.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* NULL: there is no state, or it cannot be used. */
static struct pid1 *take_over(const char *state, struct plan *plan)
{
	uint64_t fd;
	struct pid1 *s = num_u64(span_of(state), 4095, &fd) == 0 ? boot_again((int)fd, plan) : NULL;
	if (s)
		return s;
	stay_none();
	kill(-1, SIGKILL); /* what runs has no supervisor, and would run twice */
	/* a watchdog that stays open could not be opened again, and so not be fed */
	sys_close_range(3, ~0u, 0);
	return NULL;
}

int main(int argc, char *argv[], char *envp[])
{
	static struct plan plan;
	struct pid1 *s = NULL;
	if (getpid() != 1) {
		int version = version_asked("bulkhead", argc, argv);
		return version >= 0 ? version
							: client_run(base_name(argc > 0 ? argv[0] : "init"), argc, argv);
	}
	bool again = argc >= 3 && strcmp(argv[1], CRASH_ARGUMENT) == 0;
	container_note(again ? argv + (argc < CRASH_WORDS ? argc : CRASH_WORDS) : argv + (argc > 0),
		envp);
	if (again && argc >= CRASH_WORDS)
		crash_hear(argv + CRASH_COUNTS);
	if (again)
		s = take_over(argv[2], &plan);
	if (!s)
		s = boot_first(&plan, again);
	loop_run(s, &plan);
}
