/* SPDX-License-Identifier: MIT
 * The loop: one epoll_wait, bounded work for each source, then whatever the core decides. The only
 * place where PID 1 waits. stay.h bounds and measures how long it is away from there.
 * What has happened is read before time is judged: the clock is looked at, then the mail is read,
 * and only deadlines that had passed at that look are judged (core_next's `heard`).
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
	WATCH_MAIN
};

/* Adds fd to the epoll set; index comes back with its events. A failure (no memory) is said on the
 * console: what the descriptor would have told is then only found at the cell's end (SIGCHLD) or
 * by the service's time-outs. */
void loop_watch(struct pid1 *s, int fd, uint32_t events, enum watch kind, uint32_t index);
/* other events */
void loop_rewatch(struct pid1 *s, int fd, uint32_t events, enum watch kind, uint32_t index);
/* out of the set */
void loop_unwatch(struct pid1 *s, int fd);
/* out of the set, closed, -1 */
void loop_drop(struct pid1 *s, int *fd);
/* what a crash has cut short */
void loop_redo(struct pid1 *s, const struct plan *p);
/* what the core has decided */
void loop_carry_out(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* epoll and signalfd; 0 or -errno */
int loop_open(struct pid1 *s);
void loop_run(struct pid1 *s, struct plan *p) __attribute__((noreturn));
