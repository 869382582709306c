/* SPDX-License-Identifier: MIT
 * SocketContext, for what is made for a service; its bit is noted where there is no policy to know
 * it.
 */
#pragma once
#include "pid1/state.h"

struct sockets_label;
struct wall_why;

void label_of(struct pid1 *s, const struct plan *p, uint32_t service, struct sockets_label *label);
void label_note(struct pid1 *s, uint32_t service, const struct wall_why *why);
