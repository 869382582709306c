/* SPDX-License-Identifier: MIT
 * Reads that may wait for the lock of a pipe, which a service can hold for any time. If one does,
 * the call does not return, and another thread takes the loop over.
 */
#pragma once
#include "log/log.h"
#include <semaphore.h>
#include <stdatomic.h>

/* A read of a pipe, on the stack of the thread that makes it. */
struct log_held {
	struct log_held *next;
	struct log_service *service; /* NULL = its service is gone */
	uint64_t due_ms;             /* when PID 1 is told next */
	uint32_t told;               /* number of times that it was told */
	ssize_t n;
	bool slept; /* it waited for the lock */
	atomic_bool back;
	sem_t taken; /* posted when its result was taken */
	/* On a page of its own, which can be taken away from a read that does not return (guard.c). */
	_Alignas(LOG_READ_BYTES) char bytes[LOG_READ_BYTES];
};

/* Takes the result of a late read, and listens to its pipe again. */
typedef void log_late(struct log *l, struct log_service *s, const struct log_held *h,
	struct log_time now);
/* Starts the guard. Returns a descriptor to wait for (log_guard_take), or -1. */
int log_guard_open(struct log *l, void (*loop)(struct log *), log_late *late);
/* the loop is about to wait for events */
void log_guard_idle(void);
void log_guard_busy(void); /* it has events */
/* As read(2), into h->bytes. */
ssize_t log_guard_read(struct log_service *s, struct log_held *h, size_t size);
/* Bytes that its pipe holds; 0 if they are not known, as while a read of it does not return. */
uint32_t log_guard_unread(const struct log *l, struct log_service *s);
void log_guard_close(int fd);
void log_guard_take(struct log *l, struct log_time now); /* takes reads that have returned */
/* listens again to pipes whose rest is over */
void log_guard_listen(struct log *l, struct log_time now);
void log_guard_forget(struct log *l, const struct log_service *s);
uint64_t log_guard_deadline(const struct log *l);
void log_guard_tell(struct log *l, struct log_time now); /* tells PID 1 of reads that are due */
void log_guard_away(const struct log *l);                /* tells PID 1 how many there are */
