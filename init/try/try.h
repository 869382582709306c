/* SPDX-License-Identifier: MIT
 * bulkhead-try: runs one service file in its cell in the foreground, without PID 1: `bulkctl try`
 * and `bulkctl learn` execute it. It plays PID 1's part towards bulkhead-compile (which makes the
 * plan) and bulkhead-cell (which raises the walls), so what an engineer sees at the desk is what
 * the device does. One `struct trial` is all its state; everything ends with it: the service's
 * group is killed and removed.
 */
#pragma once
#include "base/report.h"
#include "base/span.h"
#include "plan/plan.h"
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#define TRY_ENDING_SIGNALS SIGINT, SIGTERM, SIGHUP, SIGQUIT /* the first of them ends the trial */

enum try_exit { /* the service's own status otherwise; 128 + number when a signal ended it */
	TRY_USAGE = 2,
	TRY_REFUSED = 125 /* it did not run: its file, a wall, the system */
};

struct try_job { /* one command of the service in its cell */
	pid_t pid;   /* of the cell; 0 = none */
	int pidfd;
	int report;           /* read end; -1 once it has ended */
	int ready;            /* read end of NotificationFD's pipe, or -1 */
	bool started;         /* every wall stands */
	bool failed;          /* a wall did not, and it has been said */
	bool exited;          /* `status` is the service's */
	int status;           /* wait(2)'s */
	int main_pid;         /* the service's process as we see it, 0 if unknown */
	uint32_t list, index; /* enum plan_exec, and in it */
};

struct try_relay { /* bytes from one descriptor to another */
	int from, to;  /* -1: done */
	unsigned at, filled;
	char buf[4096];
};

struct learn;

struct trial {
	const char *subject; /* the file, or the service's name */
	const char *drop_in; /* further lines for it, or NULL */
	bool by_name;
	uint32_t optional; /* OptionalWalls besides the file's */
	char **words;      /* appended to ExecStart's */
	const char *learn_path;
	uint32_t seconds; /* 0 = until it ends */
	struct plan plan;
	int plan_fd;
	const struct plan_service *service;
	uint32_t index;
	char directory[512]; /* of the other programs: our own */
	int cgroup_root, group;
	bool killed; /* cgroup.kill has been written to it */
	/* the network namespace that is kept for its commands (plan_service.network), or -1 */
	int network;
	char group_name[40];
	int signals;                   /* signalfd */
	int notify;                    /* readiness socket, or -1 */
	int sockets[CELL_MAX_SOCKETS]; /* of [Socket], as many as the plan says */
	int null_fd;
	int service_end[3]; /* what the service gets as 0, 1 and 2 */
	struct try_relay relay[3];
	struct try_job main, other; /* as PID 1 has them: the main process, and a command beside it */
	bool ready;
	int stop_signal;      /* asked for by whoever started us; 0 = not yet */
	bool alive;           /* the main process was still there when its time was up */
	bool late;            /* it did not come up within TimeoutStartSec */
	pid_t compiler;       /* while it runs; 0 = not */
	uint64_t deadline_ms; /* of whatever is waited for; 0 = none */
	struct learn *learn;
};

/* In place of t->learn, which is never set where CONFIG_LEARN is off. */
static inline struct learn *try_learns(const struct trial *t)
{
	return CONFIG_LEARN ? t->learn : NULL;
}

/* output.c */
void output_open(void);
/* in place of our descriptor n, 0 to 2: the same file, and where it is a terminal one that never
 * waits */
int output_own(int n);
/* standard input is a terminal that another process group reads */
bool output_in_background(void);
bool output_wait(int fd, int ms);                         /* until it takes something */
ssize_t output_write(int fd, const char *text, size_t n); /* write(2), or EAGAIN */
/* One line on standard error, lost if nobody reads it. */
void try_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* guard.c */
void guard_start(struct trial *t);
void guard_beat(void); /* the loop goes round */

void try_say_absent(uint32_t bits); /* OptionalWalls that turned out to be missing */

/* plan.c: compiles, finds the service, seals; 0, or the exit status after saying why */
int plan_make(struct trial *t);

/* unsupported.c */
/* a line for each thing the file asks for that this kernel has not; after the group's root is
 * open */
void report_unsupported(const struct trial *t);
/* the bits of a name, "cgroup" for all controllers; 0 = unknown */
uint32_t try_wall_bits(struct span name);

/* host.c: 0 or -errno after saying why */
int group_open_root(struct trial *t);
int group_make(struct trial *t);
int view_open(struct trial *t); /* and the readiness socket */
void group_kill(struct trial *t);
void group_remove(struct trial *t);
/* a number of the group's */
bool group_read(const struct trial *t, const char *file, uint64_t *value);

int listen_open(struct trial *t); /* listen.c: all open; 0 or -errno after saying why */
/* on demand: until somebody calls; false: told to end before */
bool listen_wait(struct trial *t);
void listen_close(struct trial *t);

/* job.c: the command `index` of `list` into its cell. 0 or -errno after saying why. */
int job_start(struct trial *t, struct try_job *job, uint32_t list, uint32_t index);
/* at the end: interfaces of the host that are in its network */
void job_return_netdevs(struct trial *t);

/* relay.c */
int relay_open(struct trial *t);
bool relay_pump(struct try_relay *r); /* false: nothing to be had just now */
/* what the service has written before it ended, as long as somebody takes it */
void relay_drain(struct trial *t);

/* loop.c: events until the job has ended, or, with a job that has not, until `until` holds (may
 * be NULL). */
void loop_wait(struct trial *t, struct try_job *job, bool (*until)(const struct trial *t));
/* After everything of it has been killed: it has ended, or it is given up, and that has been
 * said. */
void loop_kill(struct trial *t, struct try_job *job);
void loop_signal(struct trial *t); /* one has come */
/* Until a child has ended, its time is up or, if that counts, the trial is to end; whether it
 * has ended. pidfd may be -1. */
bool loop_child(struct trial *t, pid_t pid, int pidfd, int *status, uint32_t ms, bool stops);
uint64_t loop_now_ms(void);
bool loop_time_is_up(const struct trial *t); /* of deadline_ms */
