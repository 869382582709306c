/* SPDX-License-Identifier: MIT
 * The server of ctl/proto.h. The number of clients is bounded, and nothing waits for one: a client
 * that does not read its answer is dropped.
 */
#pragma once
#include "pid1/state.h"

int control_open(struct pid1 *s); /* the listening socket at PROTO_SOCKET, or -errno */
/* SIGHUP, which bulkctl sends as root: makes the socket's file again if it was removed or
 * replaced. */
void control_again(struct pid1 *s);
/* Accepts clients that wait. */
void control_accept(struct pid1 *s, const struct plan *p);
/* After a crash, which may have changed any number. control_is_listener(): whether fd is the
 * listening socket. control_adopt(): takes an unknown fd if it is that, or an accepted connection
 * that was not noted yet. */
bool control_is_listener(int fd);
bool control_adopt(struct pid1 *s, const struct plan *p, int fd);
/* The client has written, or can be written to. */
void control_client(struct pid1 *s, const struct plan *p, uint32_t index);
/* Answers clients whose service has settled, and drops those that are too slow. */
void control_answer(struct pid1 *s, const struct plan *p);
/* The plan was replaced. */
void control_forget_plan(struct pid1 *s);
/* When control_answer() is due, CORE_NEVER = no need. */
uint64_t control_deadline(const struct pid1 *s);
