/* SPDX-License-Identifier: MIT
 * PID 1 executes itself with another state block, as after a crash (recover.h), but without one.
 * The block is complete before the execve and the old one untouched until then, so that a crash in
 * between goes on with the old. All descriptors are passed on; those that the new block does not
 * name are closed by the new life.
 */
#pragma once
#include "pid1/state.h"

/* Nothing of service i is under way outside of the core: no child works for it. */
bool renew_is_free(const struct pid1 *s, uint32_t i);
/* Puts plan `q` of s->reload.plan_fd in force instead of `p`. Limits of running services are
 * written first, by a child. Does not return, but for a failure: -errno, with everything as it
 * was. */
int renew_plan(struct pid1 *s, const struct plan *p, const struct plan *q);
