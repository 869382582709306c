/* SPDX-License-Identifier: MIT
 * Work for one service that is done by a child, because it may wait: a path may be on a disk or a
 * server that does not answer, and a process that has a FIFO open can hold its lock. PID 1 goes on
 * meanwhile. A start that needs the answer waits for it as an event with a deadline. There is one
 * child per service at a time, and one that was given up but is stuck in the kernel counts too: so
 * their number is bounded, and no answer comes late.
 */
#pragma once
#include "pid1/errand.h"

struct wall_why;

enum ask_for {
	ASK_CONDITIONS, /* conditions.h */
	ASK_SOCKETS,    /* sockets.h: make files of sockets */
	ASK_REMOVAL     /* and remove them */
};

/* Starts a child that calls work(arg); it sends what belongs to its answer to ERRAND_FD. `then` is
 * carried out when it has answered, unless the answer makes that unnecessary; NULL: nothing waits.
 * Returns -EINPROGRESS if the child was started, or if `then` waits for the end of an earlier one;
 * else another -errno. */
int ask_begin(struct pid1 *s, uint32_t service, enum ask_for what, errand_work work,
	const void *arg, const struct core_action *then);
/* a child exists, waited for or given up */
bool ask_is_out(const struct pid1 *s, uint32_t service);
bool ask_waits(const struct pid1 *s, uint32_t service); /* and an action waits for it */
/* A child is removing files and has not been given up. */
bool ask_removes(const struct pid1 *s, uint32_t service);
/* What the child does. The value is checked, since it may come from a block that survived a
 * crash. */
enum ask_for ask_kind(const struct runtime *r);
void ask_adopt(struct pid1 *s, uint32_t service); /* after a crash: forgets a child that is gone */
/* of the first child to be given up, CORE_NEVER = none */
uint64_t ask_deadline(const struct pid1 *s);
