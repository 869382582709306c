/* SPDX-License-Identifier: MIT
 * If PID 1 crashes all the same: a handler on a stack of its own executes the program anew with the
 * state's memfd and every descriptor, and the new life takes over (recover.h). Services, pipes,
 * sockets and clients do not notice. A PID 1 that crashes again and again reboots the machine
 * instead; a crash signal that another process has sent is no fault of the program, and does not
 * count for that.
 *
 * Nothing is lost in between: what a call takes from the kernel (a message, an exit) is looked at
 * first and taken once it has been told, what the core hands out is kept until it has been carried
 * out (pid1.doing), and a child's pid is in the state before the child runs. After several crashes
 * in a row the order is the other one: what PID 1 may be crashing over is dropped, said, and not
 * tried again (crash_distrusts).
 */
#pragma once
#include "pid1/state.h"

/* followed by the number of the state's descriptor, and the counts of crashes */
#define CRASH_ARGUMENT "--recover"
enum { CRASH_COUNTS = 3, CRASH_WORDS = 6 };

/* Installs the handler and unblocks its signals, which stay blocked over execve. While it takes
 * over, what others send is passed over until crash_ready(): those who send without a pause do
 * not keep it from its work. */
void crash_arm(struct pid1 *s, bool takes_over);
void crash_ready(void);
/* of children that share our memory: a crash there ends the child alone */
void crash_child_stack(const void *stack, size_t size);
/* The counts as the former life has given them to its successor, who may find its state spoilt. */
void crash_hear(char *const words[]);
void crash_inherit(struct pid1 *s); /* a new state block: the count of crashes goes on */
/* The state was lost, which counts as a crash: so many in a row restart the machine. */
void crash_count_loss(struct pid1 *s);
/* What the loop lives on is spoilt, as no call of ours leaves it: as after a crash. */
_Noreturn void crash_anew(struct pid1 *s);
bool crash_distrusts(const struct pid1 *s);
struct pid1 *crash_map(int fd); /* the state block, if it is one of this layout; else NULL */
