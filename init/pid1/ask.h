/* SPDX-License-Identifier: MIT
 * What a child looks at, or does, for one service, and PID 1 goes on: a path may lie on a disk or a
 * server that does not answer, and whoever has a FIFO open can hold its lock. A start that needs
 * the answer waits for it as an event, with a deadline. One child at a time for each service, also
 * one that was given up and is stuck in the kernel: they do not grow in number, and none comes
 * late.
 */
#pragma once
#include "pid1/errand.h"

struct wall_why;

enum ask_for {
	ASK_CONDITIONS, /* conditions.h */
	ASK_SOCKETS,    /* sockets.h: files of sockets, made */
	ASK_REMOVAL     /* and removed */
};

/* In the child, what goes with its answer is sent to ERRAND_FD; `then` is carried out (again) once
 * it is there, unless the answer says otherwise. NULL: nothing waits. -EINPROGRESS: it is asked, or
 * `then` waits for the end of what was asked before. Else -errno. */
int ask_begin(struct pid1 *s, uint32_t service, enum ask_for what, errand_work work,
	const void *arg, const struct core_action *then);
/* a child is there, waited for or given up */
bool ask_is_out(const struct pid1 *s, uint32_t service);
bool ask_waits(const struct pid1 *s, uint32_t service); /* and something waits for it */
bool ask_removes(const struct pid1 *s, uint32_t service);
/* Of a block that has survived a crash it may be anything. */
enum ask_for ask_kind(const struct runtime *r);
void ask_adopt(struct pid1 *s, uint32_t service); /* after a crash */
uint64_t ask_deadline(const struct pid1 *s);      /* of the first whose time is over */
