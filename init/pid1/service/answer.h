/* SPDX-License-Identifier: MIT
 * What follows when a child that ask.h has started has ended, or is given up.
 */
#pragma once
#include "pid1/state.h"

/* Carries out ACT_SPAWN or ACT_LISTEN. If a child has to be asked first, the action is carried out
 * again once it has answered. */
void answer_start(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* Handles the end of a child; false if the pid is not one of these. */
bool answer_ended(struct pid1 *s, const struct plan *p, int pid, int status);
/* The service is to stop: gives up the child, except for a removal, and drops the waiting action.
 * The core is told that it failed with `err`, unless that is 0. */
void answer_forget(struct pid1 *s, const struct plan *p, uint32_t service, int err);
/* at ask_deadline(): gives up late children */
void answer_look(struct pid1 *s, const struct plan *p);
