/* SPDX-License-Identifier: MIT
 * What PID 1 does once, before the loop: mounts, SELinux, descriptors, the plan, what init.ini asks
 * for, sockets, watchdog. A step that fails is said on the console and does not stop the boot, but
 * for an enforcing SELinux policy that cannot be loaded: then rescue.h decides.
 */
#pragma once
#include "pid1/state.h"

/* a new life from the kernel, or (lost) after a crash without a state */
struct pid1 *boot_first(struct plan *plan, bool lost);
/* a life after a crash; NULL if the state is not to be used */
struct pid1 *boot_again(int state_fd, struct plan *plan);
