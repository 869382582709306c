/* SPDX-License-Identifier: MIT
 * Timers: what is kept of each, and what happens to it (timer.c); when they elapse (elapse.c). A
 * timer is armed when its service is asked for at boot, which does not start it, or by EV_START,
 * which does; EV_STOP disarms it. Times are ms of CLOCK_MONOTONIC, or of CLOCK_REALTIME where it
 * says `wall`.
 */
#pragma once
#include "core/core.h"

/* The timer of service i, or NULL. */
struct core_timer *core_timer_of(struct core *c, uint32_t i);
/* A place for each service of the plan that has one; none is armed. */
void core_timers_init(struct core *c, const struct plan *p, uint64_t now);
/* False: the service has no timer, or is refused. Its base times are kept if it is armed. */
bool core_timer_arm(struct core *c, uint32_t i);
void core_timer_disarm(struct core *c, uint32_t i);
void core_timer_began(struct core *c, uint32_t i, uint64_t now); /* a life of the service */
void core_timer_ended(struct core *c, uint32_t i, uint64_t now);
/* Under another plan (core_move()): index[i] is the new index of service i. What a timer counts
 * from stays, and an elapse that is due is not lost. A timer that is new is not armed. */
void core_timers_move(struct core *to, const struct core *from, const struct plan *q,
	const uint16_t *index, uint64_t now);
/* After that: the service has a timer, and had none before. */
bool core_timer_is_new(const struct core *c, uint32_t i);
/* After a re-execution: what cannot be is forgotten. */
void core_timers_adopt(struct core *c, const struct plan *p, uint64_t now);
