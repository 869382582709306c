/* SPDX-License-Identifier: MIT
 * What the loop waits for, for the code below it: descriptors to watch, events for the core, the
 * clock. Nothing here calls the handlers; the loop does (loop.c).
 */
#pragma once
#include "pid1/state.h"
#include <sys/epoll.h>

enum watch {
	WATCH_SIGNAL = 1,
	WATCH_CONTROL,
	WATCH_CLIENT,
	WATCH_NOTIFY,
	WATCH_LOG,
	WATCH_REPORT,
	WATCH_READY,
	WATCH_EMPTY,
	WATCH_SOCKET,
	WATCH_CONSOLE,
	WATCH_MAIN,
	WATCH_CLOCK
};

/* Adds fd to the epoll set; `index` comes back with its events. A failure (no memory) is reported
 * by report_unwatched(). What the descriptor would have shown is then found only at the cell's end
 * (SIGCHLD), or by the service's time-outs. */
void watch_add(struct pid1 *s, int fd, uint32_t events, enum watch kind, uint32_t index);
/* changes the events */
void watch_change(struct pid1 *s, int fd, uint32_t events, enum watch kind, uint32_t index);
/* removes fd from the set */
void watch_remove(struct pid1 *s, int fd);
/* removes *fd from the set, closes it and sets it to -1 */
void watch_drop(struct pid1 *s, int *fd);
uint64_t now_ms(void); /* CLOCK_MONOTONIC */
/* Gives the core an event; the loop carries out what follows before it waits again. */
void post_event(struct pid1 *s, const struct plan *p, uint16_t kind, uint32_t service,
	uint16_t slot, int32_t value);
/* Writes the step, the errno and the detail (NULL or "": none) to runtime.why. */
void note_failure(struct pid1 *s, uint32_t service, const char *step, int err, const char *detail);
/* The same, and posts EV_FAILED: no process has come of a command. */
void post_failed(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot,
	const char *step, int err, const char *detail);
/* Whether an event was posted since watch_forget_posted(); if so the loop does not wait. */
bool watch_has_posted(void);
void watch_forget_posted(void);
/* The errno of the last descriptor that could not be watched since the last call; 0 = none. */
int watch_error(void);
