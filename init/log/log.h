/* SPDX-License-Identifier: MIT
 * bulkhead-log: its state of each service and of itself. It is all static and of fixed size; an
 * unfinished line is kept in the ring.
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
#define LOG_RETRY_MS 5000   /* until a ring that could not be opened is tried again */
#define LOG_LOOK_MS 1000    /* between two checks of a ring's file while it is written */
/* Time that a service may keep its pipe from being read before PID 1 is told, and told again. */
#define LOG_HELD_MS 5000
#define LOG_HELD_TIMES 4 /* doublings of that, at most */
/* Time that a read may take before the loop goes on without that pipe; less for a pipe that was
 * held before. */
#define LOG_PATIENCE_MS 250
#define LOG_NO_DEADLINE UINT64_MAX

struct log_rate { /* LogRateLimitBurst lines per LogRateLimitIntervalSec */
	uint32_t burst;
	uint32_t interval_ms;
	uint64_t since_ms; /* when the current interval began */
	uint32_t lines;
	uint32_t dropped; /* not reported yet */
};

struct log_service {
	bool used;
	bool begun;     /* inside a line */
	bool discard;   /* the rest of this line is not stored */
	bool changed;   /* readers are still to be woken */
	int pipe;       /* -1 = closed */
	uint32_t index; /* in PID 1's plan */
	int file;       /* the ring's file; -1 = none */
	struct ring ring;
	size_t size;       /* of the file and its mapping */
	size_t backed;     /* bytes from the start of the file that have memory */
	uint64_t look_ms;  /* next check whether its file still exists */
	uint64_t retry_ms; /* next try to open the ring, or to store a note */
	uint32_t ring_kb;
	uint32_t forward;
	struct log_rate rate;
	uint64_t lost;        /* bytes that PID 1 dropped, not reported yet */
	uint32_t over;        /* bytes left in the pipe of processes that have ended (CHANNEL_OVER) */
	uint32_t patience_ms; /* LOG_PATIENCE_MS, or less for a pipe that was held before */
	uint64_t changed_ms;  /* when patience_ms last changed */
	uint64_t rest_ms;     /* its pipe is not listened to until then; 0 = it is */
	bool pays;            /* and rests for what it costs, not for a held pipe */
	struct log_share share;
	char name[CONFIG_MAX_NAME];
};

struct log_held; /* guard.h */

struct log {
	struct log_held *held; /* reads that do not return */
	int channel;
	int directory; /* of the rings */
	int epoll;
	int kmsg; /* -1 = none */
	struct log_service service[CONFIG_MAX_SERVICES];
};

/* A time in two resolutions, CLOCK_MONOTONIC. */
struct log_time {
	uint64_t ns;
	uint64_t ms;
};

/* ground.c */
struct log_time log_moment(void);
int log_channel_listen(struct log *l, struct log_service *s, int pipe);   /* 0 or -errno */
void log_channel_say(const struct log *l, uint32_t kind, uint32_t value); /* to PID 1 */

/* channel.c: reads one record of the channel. 1; 0 if there is none; -EPIPE: PID 1 has closed
 * it. */
int log_channel_read(struct log *l, struct log_time now);
/* Stops listening; returns the service's pipe for log_guard_close(), which comes last as it may
 * wait forever. */
int log_channel_unlisten(struct log *l, struct log_service *s);

/* memory.c */
#define LOG_PAGE_BYTES 4096
/* Memory for the file's first `need` bytes: 0 or -errno. fallocate(2) would do it too, but not
 * every file system has it, nor every seccomp profile. */
int log_store_back(int file, size_t *backed, size_t size, size_t need);
/* Makes sure that n more bytes of the line can be stored without a SIGBUS: 0 or -errno. */
int log_store_reserve(struct log_service *s, uint32_t n);
/* entry.c: lines that stand in the ring */
/* Stores it. RING_CONTINUES: it was split here, so what follows is no
 * line's start. */
void log_line_store(struct log *l, struct log_service *s, uint8_t flags, struct log_time now);
/* Stores a line of bulkhead-log's own. False while a line of the service is unfinished, or without
 * a ring. */
bool log_line_note(struct log *l, struct log_service *s, const char *text, struct log_time now);
/* The level in a kernel-style "<N>" prefix; *skip is the length of the prefix. Without one: the
 * default level and 0. */
uint8_t log_line_level(const char *p, size_t n, uint8_t *skip);

/* store.c: the rings' files */
/* Opens or makes the service's ring. Without one, lines are dropped and counted until a later try
 * succeeds. */
void log_store_open(struct log *l, struct log_service *s, struct log_time now);
/* Moves the ring with its contents to a new file, if somebody has removed the old one. */
void log_store_look(struct log *l, struct log_service *s, struct log_time now);
void log_store_wake(struct log_service *s); /* wakes readers that follow */
void log_store_close(struct log_service *s);
/* From now on a file that somebody truncates does not end the program. */
void log_store_catch_cuts(void);
/* Opens the rings again if that has happened. */
void log_store_reopen_cut(struct log *l, struct log_time now);

/* line.c: bytes to lines to entries. Returns the number of lines that ended. */
size_t log_line_feed(struct log *l, struct log_service *s, const char *p, size_t n,
	struct log_time now);
/* stores an unfinished line, marked as such */
void log_line_flush(struct log *l, struct log_service *s, struct log_time now);
/* The same once `left` more bytes were fed: there the output of processes that have ended does. */
void log_line_over(struct log *l, struct log_service *s, uint32_t left, struct log_time now);
/* Reports dropped lines, once the interval of the rate limit is over and there is a ring. The
 * second function says when that is due. */
void log_line_report(struct log *l, struct log_service *s, struct log_time now);
uint64_t log_line_deadline(const struct log_service *s);

/* kmsg.c: copies for the kernel's log */
void log_kmsg_open(struct log *l);
void log_kmsg_write(const struct log *l, const char *name, uint8_t level, const char *text,
	size_t n);
