/* SPDX-License-Identifier: MIT
 * Sockets that others may write to, or hold too. Descriptors can come along with any message
 * (SCM_RIGHTS, unix(7)), and who holds the last reference pays for the closing: of a TCP socket
 * with SO_LINGER and unsent bytes that is a wait for as long as its owner has chosen (socket(7)).
 * PID 1 never pays: it neither takes such a descriptor nor drops the last reference to it
 * (discard.h).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sender {
	int pid;      /* 0 = unknown, -1 = not said: then it is the end */
	uint32_t uid; /* as the host sees it */
	/* descriptors came along: the message is still at the head of the queue, for take_begin */
	bool carries;
};

int receive_names_senders(int fd);       /* before receive_message: 0 or -errno */
void receive_refuse_descriptors(int fd); /* by the kernel, where it can */
/* The next message, without waiting, and without taking it: a crash before it has been told to the
 * core would lose it. Its whole length if that fits into `cap`, else -EMSGSIZE, or -errno; 0 at
 * the end. */
ssize_t receive_look(int fd, void *buf, size_t cap, struct sender *from);
int receive_done(int fd); /* takes it; 0 or -errno */
/* Both in one, unless it carries descriptors. */
ssize_t receive_message(int fd, void *buf, size_t cap, struct sender *from);
/* receive_look from a peer that is trusted (a cell, until its service runs): *passed is the first
 * descriptor that came along, close-on-exec, or -1. */
ssize_t receive_passed(int fd, void *buf, size_t cap, int *passed);
/* close(2) of a socket of the network. A listener never lingers: the connections that nobody took
 * are reset (__tcp_close and inet_csk_listen_stop, which does not wait). But who has it too may
 * have made a connection of it, so what it lingers for is taken off first; one who puts that
 * back in between costs a tick (stay.h). */
void receive_close(int fd);
/* Before the last close of a connection: nothing more comes in, and what has come is gone. False
 * if it may hold descriptors still. */
bool receive_nothing_more(int fd);
