/* SPDX-License-Identifier: MIT
 * Sockets that others may write to, or hold too. Descriptors can come along with any message (SCM_RIGHTS, unix(7)), and who holds the last reference pays
 * for the closing: of a TCP socket with SO_LINGER and unsent bytes that is a wait for as long as its owner has chosen (socket(7)). PID 1 never pays.
 */
#pragma once
#include <stddef.h>
#include <sys/types.h>

/* One message, without waiting. What comes along is closed at once. Its whole length if that fits into `cap`, else -EMSGSIZE, or -errno; 0 at the end. *pid (may be
 * NULL): the sender, if the socket has SO_PASSCRED; 0 = unknown, -1 = not said. */
ssize_t receive_message(int fd, void *buf, size_t cap, int *pid);
/* The same from a peer that is trusted (a cell, until its service runs): *passed is the first descriptor that came along, close-on-exec, or -1. */
ssize_t receive_passed(int fd, void *buf, size_t cap, int *passed);
/* close(2) of what others hold or have held, whatever it lingers for. */
void receive_close(int fd);
/* Before the last close of a connection: nothing more comes in, and what has come and was not read holds no descriptor any more. */
void receive_nothing_more(int fd);
