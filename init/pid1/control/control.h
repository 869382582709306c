/* SPDX-License-Identifier: MIT
 * The server of ctl/proto.h: bounded clients, no waiting; a client that does not take its answer is
 * dropped.
 */
#pragma once
#include "pid1/state.h"

int control_open(struct pid1 *s); /* the listening socket at PROTO_SOCKET, or -errno */
/* SIGHUP, which root alone may send and bulkctl does: where somebody has removed that file, or put
 * another in its place, there is a new one. */
void control_again(struct pid1 *s);
void control_accept(struct pid1 *s, const struct plan *p);
/* After a crash, which may have spoilt any number: whether it is the listening socket; and fd,
 * which nobody knows of, is taken if it is that, or a connection that was accepted and not noted
 * yet. */
bool control_is_listener(int fd);
bool control_adopt(struct pid1 *s, const struct plan *p, int fd);
/* it has written, or can be written to */
void control_client(struct pid1 *s, const struct plan *p, uint32_t index);
/* those whose service has settled; those too slow */
void control_answer(struct pid1 *s, const struct plan *p);
/* there is another one now */
void control_forget_plan(struct pid1 *s);
uint64_t control_deadline(const struct pid1 *s);
