/* SPDX-License-Identifier: MIT
 * bulkhead-log: what it knows of each service and of itself. All of it is static and of fixed size;
 * an unfinished line lives in the ring itself.
 */
#pragma once
#include "base/channel.h"
#include "base/ring.h"
#include "log/share.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LOG_READ_BYTES 4096 /* one read(2) */
#define LOG_RETRY_MS 5000   /* after a ring could not be opened */
#define LOG_LOOK_MS 1000    /* from one look at a ring's file to the next, while it is written */
/* that a service may keep its pipe from being read before PID 1 hears of it, and hears again */
#define LOG_HELD_MS 5000
#define LOG_HELD_TIMES 4 /* twice as long after each, up to here */
/* a read may last before the loop goes on without that pipe; with a habit it is less */
#define LOG_PATIENCE_MS 250
#define LOG_NO_DEADLINE UINT64_MAX

struct log_rate { /* LogRateLimitBurst lines per LogRateLimitIntervalSec */
	uint32_t burst;
	uint32_t interval_ms;
	uint64_t since_ms; /* when the current interval began */
	uint32_t lines;
	uint32_t dropped; /* and not yet said so */
};

struct log_service {
	bool used;
	bool begun;     /* inside a line */
	bool discard;   /* the rest of this line is not stored */
	bool changed;   /* readers have yet to be woken */
	int pipe;       /* -1 = its pipe has ended */
	uint32_t index; /* in PID 1's plan */
	int file;       /* the ring's file; -1 = there is none */
	struct ring ring;
	size_t size;       /* of the file and its mapping */
	size_t backed;     /* bytes from the start of the file that have memory */
	uint64_t look_ms;  /* no look whether its file is still there before */
	uint64_t retry_ms; /* no try to open the ring, or to store a note, before */
	uint32_t ring_kb;
	uint32_t forward;
	struct log_rate rate;
	uint64_t lost;        /* bytes that PID 1 dropped, and not yet said so */
	uint32_t patience_ms; /* LOG_PATIENCE_MS, less for one whose pipe was held before */
	uint64_t changed_ms;  /* when that was last another */
	uint64_t rest_ms;     /* its pipe is not listened to before; 0 = it is */
	bool pays;            /* and that is for what it costs */
	struct log_share share;
	char name[CONFIG_MAX_NAME];
};

struct log_held; /* guard.h */

struct log {
	struct log_held *held; /* reads that do not come back */
	int channel;
	int directory; /* of the rings */
	int epoll;
	int kmsg; /* -1 = there is none */
	struct log_service service[CONFIG_MAX_SERVICES];
};

/* The moment, in the two resolutions that are wanted. */
struct log_time {
	uint64_t ns;
	uint64_t ms;
};

/* main.c */
struct log_time log_moment(void);
/* What a read brought that took too long: its pipe is listened to again. */
void log_take_back(struct log *l, struct log_service *s, const struct log_held *h,
	struct log_time now);

/* channel.c: one record of the channel. 1, 0 if there is none now, -EPIPE when PID 1 has gone. */
int log_channel_read(struct log *l, struct log_time now);
int log_channel_listen(struct log *l, struct log_service *s, int pipe); /* 0 or -errno */
/* The service's pipe, for log_guard_close: last of all, as it may be for ever. */
int log_channel_unlisten(struct log *l, struct log_service *s);
void log_channel_say(const struct log *l, uint32_t kind, uint32_t value); /* to PID 1 */

/* store.c: the rings' files */
/* Opens or makes the service's ring; without one, lines are dropped and counted until a later
 * try succeeds. */
void log_store_open(struct log *l, struct log_service *s, struct log_time now);
/* The ring can take n more bytes of the line without a fault (SIGBUS): 0 or -errno. */
int log_store_reserve(struct log_service *s, uint32_t n);
/* The ring moves into a new file, with all that it holds, where somebody has taken the old one
 * away. */
void log_store_look(struct log *l, struct log_service *s, struct log_time now);
void log_store_wake(struct log_service *s); /* tells readers that follow */
void log_store_close(struct log_service *s);
/* from now on a file that somebody cuts short ends nothing */
void log_store_catch_cuts(void);
/* if that has happened, the rings are opened anew */
void log_store_reopen_cut(struct log *l, struct log_time now);

/* line.c: bytes to lines to entries. How many of the lines ended. */
size_t log_line_feed(struct log *l, struct log_service *s, const char *p, size_t n,
	struct log_time now);
/* stores an unfinished line */
void log_line_flush(struct log *l, struct log_service *s, struct log_time now);
/* A line of bulkhead-log's own; left out while a line of the service is unfinished. */
bool log_line_note(struct log *l, struct log_service *s, const char *text, struct log_time now);
/* What was dropped is said once the rate limit's interval is over and there is a ring to say it
 * in; the time by which that is due. */
void log_line_report(struct log *l, struct log_service *s, struct log_time now);
uint64_t log_line_deadline(const struct log_service *s);
/* The level that a kernel-style "<N>" at the start names, and in *skip that prefix's length (0
 * and the default level: there is none). */
uint8_t log_line_level(const char *p, size_t n, uint8_t *skip);

/* kmsg.c: a copy for the kernel's log */
void log_kmsg_open(struct log *l);
void log_kmsg_write(const struct log *l, const char *name, uint8_t level, const char *text,
	size_t n);
