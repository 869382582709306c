/* SPDX-License-Identifier: MIT
 * Sending one message on a socket, with a descriptor if one is to go with it (SCM_RIGHTS, unix(7)).
 * Receiving is in receive.h.
 */
#pragma once
#include <stddef.h>

/* Does not wait. 0, -EAGAIN if the socket's buffer is full, or another -errno. `pass` is the
 * descriptor, which stays the caller's, or -1. */
int send_message(int fd, const void *bytes, size_t n, int pass);
