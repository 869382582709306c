/* SPDX-License-Identifier: MIT
 * The network namespaces that outlive one process (plan_service.network): PID 1 keeps a descriptor
 * of each, no mount, so that nothing is pinned where somebody could forget it. Made by the
 * service's first cell, handed to each further one and to those that join, and dropped once the
 * service's group is empty; interfaces of the host that are in it are given back before, by a
 * process of its own in no service's group.
 */
#pragma once
#include "pid1/state.h"

/* what its next cell is handed, -1 = nothing */
int network_of(const struct pid1 *s, const struct plan_service *ps);
/* A report came, with the descriptor `fd` (-1: it got lost on the way): kept if it is `due`,
 * else closed. */
void network_keep(struct pid1 *s, const struct plan *p, uint32_t service, bool due, int fd);
/* The group is empty. True: interfaces are on their way back, and empty_check follows when
 * they are. */
bool network_return_netdevs(struct pid1 *s, const struct plan *p, uint32_t service);
/* A child has ended: the service that it was such a process of, or -1. */
int network_given_back(struct pid1 *s, const struct plan *p, int pid, int status);
