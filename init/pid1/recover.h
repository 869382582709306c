/* SPDX-License-Identifier: MIT
 * If PID 1 crashes all the same: a handler on a stack of its own executes the program anew with the state's memfd and every descriptor, and the new life takes
 * over (core_adopt). Services, pipes, sockets and clients do not notice. A PID 1 that crashes again and again reboots the machine instead.
 */
#pragma once
#include "pid1/state.h"

#define RECOVER_ARGUMENT "--recover" /* followed by the number of the state's descriptor */

void recover_arm(struct pid1 *s); /* installs the handler; unblocks its signals, which stay blocked over execve */
void recover_child_stack(
	const void *stack, size_t size);  /* of children that share our memory: a crash there ends the child alone */
void recover_inherit(struct pid1 *s); /* a new state block: the count of crashes goes on, if an old one was mapped */
struct pid1 *recover_map(int fd);     /* the state block, if it is one of this layout; else NULL */
/* After recover_map: descriptors close-on-exec again, unknown ones closed, watches renewed, what was under way told to the core. False: nothing to go on with. */
bool recover_adopt(struct pid1 *s, const struct plan *p);
