/* SPDX-License-Identifier: MIT
 * What follows once a child that ask.h has sent is back, or is not waited for any more.
 */
#pragma once
#include "pid1/state.h"

/* ACT_SPAWN, ACT_LISTEN. Where they have to ask something first they come again with the answer. */
void answer_start(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* The child of that pid has ended: true if it was one of these. */
bool answer_ended(struct pid1 *s, const struct plan *p, int pid, int status);
/* The service is to go down: nothing waits any more. The core is told of `err`, unless it is 0. */
void answer_forget(struct pid1 *s, const struct plan *p, uint32_t service, int err);
void answer_look(struct pid1 *s, const struct plan *p); /* at ask_deadline: those that are late */
