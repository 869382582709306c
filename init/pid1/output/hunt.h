/* SPDX-License-Identifier: MIT
 * Who holds a pipe that is another's output: a service can hand its own on (SCM_RIGHTS), and who
 * has got it can hold its lock. Once its owner has been killed and it is still held, a child of
 * PID 1 looks through the processes of all other services, thread by thread, for one that has it
 * open, and the service of that process is killed. If that was in vain, the next is another one as
 * long as there are others. Not to be found is who has closed the descriptor while a call of his,
 * which keeps the file, goes on: /proc names what is open, and a call's arguments are for
 * debuggers. What stands still then is the output of the one service that gave it away, and of no
 * other.
 */
#pragma once
#include "pid1/state.h"

/* whose output it is; one hunt at a time */
void hunt_begin(struct pid1 *s, const struct plan *p, uint32_t service);
void hunt_look(struct pid1 *s, const struct plan *p);
uint64_t hunt_deadline(const struct pid1 *s);
