/* SPDX-License-Identifier: MIT
 * Crashes of PID 1. A handler on a stack of its own executes the program again, with the state's
 * memfd and every descriptor, and the new life takes over (recover.h). Services, pipes, sockets and
 * clients do not notice. After several crashes in quick succession the machine is rebooted instead.
 * A crash signal that another process has sent is not a fault of the program and does not count.
 *
 * Nothing is lost in between. What a call takes from the kernel (a message, an exit) is looked at
 * first and taken once it has been handled. What the core hands out is kept until it has been
 * carried out (pid1.doing). The pid of a child is in the state before the child runs. After several
 * crashes in a row the order is reversed: what PID 1 may be crashing on is taken first, reported,
 * and not tried again (crash_distrusts).
 */
#pragma once
#include "pid1/state.h"

/* Followed by the number of the state's descriptor and the counts of crashes. */
#define CRASH_ARGUMENT "--recover"
enum { CRASH_COUNTS = 3, CRASH_WORDS = 6 };

/* Installs the handler and unblocks its signals, which stay blocked over execve. takes_over: until
 * crash_ready(), signals that other processes send are ignored, so that a process that sends them
 * without a pause cannot keep PID 1 from taking over. */
void crash_arm(struct pid1 *s, bool takes_over);
void crash_ready(void);
/* The stack of a child that shares our memory: a crash there ends the child alone. */
void crash_child_stack(const void *stack, size_t size);
/* Takes the counts from the arguments, for a life whose state block cannot be used. */
void crash_hear(char *const words[]);
void crash_inherit(struct pid1 *s); /* copies the counts to a new state block */
/* A lost state counts as a crash. Reboots the machine after too many in a row. */
void crash_count_loss(struct pid1 *s);
/* Handles damage that only a fault of PID 1 can cause, such as a bad epoll descriptor, like a
 * crash. */
_Noreturn void crash_anew(struct pid1 *s);
/* There were several crashes in a row: messages are taken before they are handled. */
bool crash_distrusts(const struct pid1 *s);
/* Executes the program anew with another state block, without a crash. Returns -errno if that
 * fails. */
int crash_execute(const struct pid1 *s);
/* Makes an empty state block in a memfd of its own, which cannot change its size: cut short it
 * would be a crash in the handler of crashes. NULL, with *fd = -1: there is no memory for it. */
struct pid1 *crash_make_block(int *fd);
struct pid1 *crash_map(int fd); /* maps the state; NULL if its layout is another */
