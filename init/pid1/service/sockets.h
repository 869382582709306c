/* SPDX-License-Identifier: MIT
 * Listening sockets of the services ([Socket]): opened when a service first starts, kept while it
 * is restarted, passed to each of its lives. While a service is LISTENING they are watched, and the
 * first client starts it. PID 1 never accepts or reads here.
 */
#pragma once
#include "pid1/state.h"

struct wall_why;

/* Opens the sockets that are not open yet. 0; -EINPROGRESS if a child opens some, and `a` is
 * carried out again; or another -errno with *why. */
int sockets_prepare(struct pid1 *s, const struct plan *p, const struct core_action *a,
	struct wall_why *why);
/* Takes what the child has opened, for answer.c. 0, or -errno with *why. */
int sockets_heard(struct pid1 *s, const struct plan *p, uint32_t service, int result,
	struct wall_why *why);
/* The same when the child is given up; *why names the socket that it was at. */
void sockets_cut(struct pid1 *s, const struct plan *p, uint32_t service, struct wall_why *why);
/* ACT_LISTEN: opens and watches them. A failure is posted to the core, with the reason in
 * runtime.why. */
void sockets_listen(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* A client waits at this place of s->listener: stops watching the service's sockets and posts
 * EV_CONNECT. */
void sockets_called(struct pid1 *s, const struct plan *p, uint32_t place);
/* Writes the descriptors into fd[] in the order of the plan; they stay PID 1's. Returns their
 * number, or -ENOENT if one is missing. */
int sockets_hand(const struct pid1 *s, const struct plan *p, uint32_t service, int *fd);
/* Closes the sockets of services that are down and will not be restarted by themselves. Their files
 * are removed, by a child where that may wait. */
void sockets_tidy(struct pid1 *s, const struct plan *p);
/* Removes files that were left because another child was at work. */
void sockets_remove_left(struct pid1 *s, const struct plan *p, uint32_t service);
