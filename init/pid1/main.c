/* SPDX-License-Identifier: MIT
 * PID 1. Called by the kernel: boot, then the loop, for ever. Called by itself after a crash: take over, then the loop. Called as poweroff,
 * reboot, halt or shutdown: ask the one that is running. */
#include "base/num.h"
#include "pid1/boot.h"
#include "pid1/loop.h"
#include "pid1/recover.h"
#include "pid1/shutdown.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static int state_argument(int argc, char *const argv[])
{
	uint64_t fd;
	if (argc == 3 && strcmp(argv[1], RECOVER_ARGUMENT) == 0 && num_u64(span_of(argv[2]), 4095, &fd) == 0)
		return (int)fd;
	return -1;
}

int main(int argc, char *argv[])
{
	static struct plan plan;
	struct pid1 *s = NULL;
	int fd = state_argument(argc, argv);
	if (getpid() != 1)
		return shutdown_client(base_name(argc > 0 ? argv[0] : "init"), argc, argv);
	if (fd >= 0)
		s = boot_again(fd, &plan);
	if (fd >= 0 && !s)
		kill(-1, SIGKILL); /* a state that cannot be taken over: what runs is nobody's, and would run twice */
	if (!s)
		s = boot_first(&plan);
	loop_run(s, &plan);
}
