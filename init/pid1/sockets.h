/* SPDX-License-Identifier: MIT
 * Listening sockets of the services ([Socket]): opened when a service first starts, kept for as
 * long as it comes back, handed to each of its lives. While one is LISTENING they are watched, and
 * the first who calls starts it; nothing is ever accepted or read here.
 */
#pragma once
#include "pid1/state.h"

struct wall_why;

/* Those that are not open yet. 0, -EINPROGRESS if a child opens some and `a` comes again, or -errno
 * with *why. */
int sockets_prepare(struct pid1 *s, const struct plan *p, const struct core_action *a,
	struct wall_why *why);
/* What that has opened is kept, as ask.c takes it; and when it is not waited for any more: *why
 * says at which one it was. */
int sockets_heard(struct pid1 *s, const struct plan *p, uint32_t service, int result,
	struct wall_why *why);
void sockets_cut(struct pid1 *s, const struct plan *p, uint32_t service, struct wall_why *why);
/* ACT_LISTEN: open and watched. What fails is told to the core, and runtime.why says it. */
void sockets_listen(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* Somebody waits at the socket in this place of s->listener: that service's are not watched any
 * more, and the core hears of it. */
void sockets_called(struct pid1 *s, const struct plan *p, uint32_t place);
/* In the order of the plan, into fd[]; how many. All of them, or -ENOENT. */
int sockets_hand(const struct pid1 *s, const struct plan *p, uint32_t service, int *fd);
/* Closes those of services that are down for now and do not come back by themselves; a child
 * removes their files. */
void sockets_tidy(struct pid1 *s, const struct plan *p);
/* The files that could not be removed before, as another child was there. */
void sockets_remove_left(struct pid1 *s, const struct plan *p, uint32_t service);
