/* SPDX-License-Identifier: MIT
 * bulkhead-log: what may wait for a pipe's lock for as long as a service likes. If it does, the
 * call does not return, and the loop begins anew in another thread.
 */
#pragma once
#include "log/log.h"
#include <semaphore.h>
#include <stdatomic.h>

/* One read of a pipe, on the stack of the thread that reads. */
struct log_held {
	struct log_held *next;
	struct log_service *service; /* NULL = its service is gone */
	uint64_t due_ms;             /* when PID 1 is told */
	uint32_t told;               /* so often */
	ssize_t n;
	bool slept; /* it waited for the lock */
	atomic_bool back;
	sem_t taken; /* what it brought */
	/* A page of its own: it is taken away from a read that does not come back (guard.c). */
	_Alignas(LOG_READ_BYTES) char bytes[LOG_READ_BYTES];
};

/* what to wait for (log_guard_take), or -1 */
int log_guard_open(struct log *l, void (*loop)(struct log *));
/* the loop waits for events */
void log_guard_idle(void);
void log_guard_busy(void); /* it has some */
/* as read(2), into h->bytes */
ssize_t log_guard_read(struct log_service *s, struct log_held *h, size_t size);
void log_guard_close(int fd);
void log_guard_take(struct log *l, struct log_time now);   /* those that have come back */
void log_guard_listen(struct log *l, struct log_time now); /* to those that have rested */
void log_guard_forget(struct log *l, const struct log_service *s);
uint64_t log_guard_deadline(const struct log *l);
void log_guard_tell(struct log *l, struct log_time now); /* PID 1 */
void log_guard_away(const struct log *l);                /* PID 1, how many there are */
