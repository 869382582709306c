/* SPDX-License-Identifier: MIT
 * Receiving from sockets that services can write to or hold. A message can carry descriptors
 * (SCM_RIGHTS, unix(7)), and the process that drops the last reference to an open file runs its
 * close. For a TCP socket with SO_LINGER and unsent data that close waits for as long as the owner
 * has set (socket(7)). PID 1 therefore neither takes such a descriptor nor drops the last reference
 * to it (discard.h).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sender {
	int pid;      /* 0 = unknown; -1 = none came: end of file */
	uint32_t uid; /* in the host's user namespace */
	/* The message carries descriptors and is still at the head of the queue, for take_begin(). */
	bool carries;
};

/* sets SO_PASSCRED, before receive_message(); 0 or -errno */
int receive_names_senders(int fd);
void receive_refuse_descriptors(int fd); /* SO_PASSRIGHTS = 0 (Linux 6.16) */
/* Looks at the next message without waiting and leaves it in the queue, so that it is not lost if
 * PID 1 crashes before the core has it. Returns its length, -EMSGSIZE if it is longer than `cap`,
 * another -errno (-EAGAIN: none), or 0 at end of file. */
ssize_t receive_look(int fd, void *buf, size_t cap, struct sender *from);
int receive_done(int fd); /* removes it from the queue; 0 or -errno */
/* receive_look() and receive_done(). A message that carries descriptors is not removed. */
ssize_t receive_message(int fd, void *buf, size_t cap, struct sender *from);
/* receive_look() for a peer that is trusted (a cell before its service runs). *passed: the first
 * descriptor that came with the message, close-on-exec and owned by the caller, or -1. */
ssize_t receive_passed(int fd, void *buf, size_t cap, int *passed);
/* close(2) of a network socket without lingering. A listener never lingers: the kernel resets the
 * connections that were not accepted (__tcp_close, inet_csk_listen_stop). A process that shares the
 * descriptor may have made a connection of it, so SO_LINGER is switched off first. If the option is
 * set again in between, the close ends at the next tick (stay.h). */
void receive_close(int fd);
/* Shuts down the receiving side of a connection and empties its queue. False if the queue may still
 * hold descriptors; then the last close has to be made by a child (discard.h). */
bool receive_nothing_more(int fd);
