/* SPDX-License-Identifier: MIT
 * The search for the process that holds the lock of another service's output pipe. A service can
 * pass its pipe on (SCM_RIGHTS), and whoever has it can hold its lock. If the pipe is still held
 * after its owner was killed, a child of PID 1 looks through the threads of all other services for
 * one that has it open, and that service is killed. If that does not help, the next hunt takes
 * another one, as long as there are others.
 *
 * A process that has closed the descriptor while its own call, which keeps the file, goes on cannot
 * be found: /proc shows open files only, and the arguments of calls are for debuggers. Then the
 * output of the service that passed its pipe on stops, and no other.
 */
#pragma once
#include "pid1/state.h"

/* Starts a search for `service`, whose output is held. There is one at a time. */
void hunt_begin(struct pid1 *s, const struct plan *p, uint32_t service);
/* Reads what the child has found. */
void hunt_look(struct pid1 *s, const struct plan *p);
/* When hunt_look() is due, CORE_NEVER = no hunt. */
uint64_t hunt_deadline(const struct pid1 *s);
