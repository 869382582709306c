/* SPDX-License-Identifier: MIT
 * What PID 1 does once, before the loop: mounts, SELinux, descriptors, the plan, what init.ini asks
 * for, sockets, watchdog. A step that fails is reported on the console, and the boot goes on. The
 * exception is an enforcing SELinux policy that cannot be loaded: then rescue.h decides.
 */
#pragma once
#include "pid1/state.h"

/* A start by the kernel, or (lost) after a crash whose state cannot be used. Returns the state
 * block. */
struct pid1 *boot_first(struct plan *plan, bool lost);
/* A life after a crash, from the state in `state_fd`. NULL if the state cannot be used. */
struct pid1 *boot_again(int state_fd, struct plan *plan);
