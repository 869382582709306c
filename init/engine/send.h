/* SPDX-License-Identifier: MIT
 * Writing one message to a socket, with a descriptor where one goes along (SCM_RIGHTS, unix(7)).
 * The other half of receive.h.
 */
#pragma once
#include <stddef.h>

/* Without waiting: 0, -EAGAIN if the socket takes no more now, or -errno. `pass` is a descriptor
 * to go along, or -1; it stays the caller's. */
int send_message(int fd, const void *bytes, size_t n, int pass);
