/* SPDX-License-Identifier: MIT
 * Condition…: looked at once, when a service's start is about to begin. A path may lie on a disk or
 * a server that does not answer: what the kernel cannot say from its memory a child is asked
 * (errand.h), and the start goes on when that has ended.
 */
#pragma once
#include "pid1/state.h"

/* 1: all hold. 0: one does not. -EINPROGRESS: a child has been asked, and conditions_answer will
 * come. Else -errno. */
int conditions_ask(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* The child of that pid has ended: true if it was one that had been asked. The start that waited
 * for it goes on, or the core is told. */
bool conditions_answer(struct pid1 *s, const struct plan *p, int pid, int status);
/* The service is to go down, or what was asked has not answered: not waited for any more. The
 * core is told of `err`, unless it is 0. */
void conditions_forget(struct pid1 *s, const struct plan *p, uint32_t service, int err);
void conditions_look(struct pid1 *s, const struct plan *p); /* for those that have not answered in time */
uint64_t conditions_deadline(const struct pid1 *s);
/* command_line.c, about /proc/cmdline (base/cmdline.h): the value of the last word of that name. */
bool conditions_command_line(const char *name, char *value, size_t cap);
bool conditions_command_line_has(const char *wanted); /* "name", or "name=value" */
/* *asked: do they ask for the rescue shell? The name of one that is neither 0 nor 1, or NULL. */
const char *conditions_rescue(bool *asked);
