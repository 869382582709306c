/* SPDX-License-Identifier: MIT
 * SocketContext, the SELinux label of a service's sockets.
 */
#pragma once
#include "pid1/state.h"

struct sockets_label;
struct wall_why;

/* The label for sockets of the service. The texts are the plan's. */
void label_of(struct pid1 *s, const struct plan *p, uint32_t service, struct sockets_label *label);
/* Sets runtime.unlabelled if a socket could not be labelled (why->absent). */
void label_note(struct pid1 *s, uint32_t service, const struct wall_why *why);
