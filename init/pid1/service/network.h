/* SPDX-License-Identifier: MIT
 * Network namespaces that outlive a process (plan_service.network). PID 1 keeps a descriptor of
 * each, not a mount, so that none is pinned by mistake. The service's first cell makes the
 * namespace; later cells, and services that join it, are given the descriptor. It is closed once
 * the service's group is empty. Before that, bulkhead-cell moves the host's interfaces that are in
 * it back, in no service's group.
 */
#pragma once
#include "pid1/state.h"

/* the descriptor for its next cell, -1 = none */
int network_of(const struct pid1 *s, const struct plan_service *ps);
/* Takes the descriptor `fd` of a report; -1: the kernel could not pass it. Kept if it is `due`,
 * else closed. */
void network_keep(struct pid1 *s, const struct plan *p, uint32_t service, bool due, int fd);
/* The group is empty: starts to move interfaces back. True if that is under way; empty_check()
 * follows when it has ended. */
bool network_return_netdevs(struct pid1 *s, const struct plan *p, uint32_t service);
/* Handles the end of a child. Returns its service, or -1 if the pid is not one of these. */
int network_given_back(struct pid1 *s, const struct plan *p, int pid, int status);
