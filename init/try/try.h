/* SPDX-License-Identifier: MIT
 * bulkhead-try runs one service file in its cell in the foreground, without PID 1, for `bulkctl
 * try` and `bulkctl learn`. It takes PID 1's part towards bulkhead-compile, which makes the plan,
 * and bulkhead-cell, which raises the walls, so that the result is that of the device. One `struct
 * trial` is all its state. Everything ends with it: the service's group is killed and removed.
 */
#pragma once
#include "base/report.h"
#include "base/span.h"
#include "core/core.h"
#include "plan/plan.h"
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#define TRY_ENDING_SIGNALS SIGINT, SIGTERM, SIGHUP, SIGQUIT /* the first one ends the trial */

enum try_exit { /* otherwise the service's status, or 128 + signal; 0 for each success */
	TRY_USAGE = 2,
	TRY_REFUSED = 125 /* it did not run, by its file, a wall or the system, or failed with 0 */
};

struct try_job { /* one command of the service in its cell */
	pid_t pid;   /* of the cell; 0 = none */
	int pidfd;
	int report;           /* our end; -1 after the end */
	int ready;            /* our end of NotificationFD, or -1 */
	bool started;         /* all walls are up */
	bool failed;          /* a wall failed, which was reported */
	bool exited;          /* `status` is that of the service */
	bool leaves;          /* it has ended, and its cell waits for others */
	int status;           /* wait(2)'s */
	int main_pid;         /* the service's process in our namespace, 0 if unknown */
	uint32_t list, index; /* enum plan_exec, and index in it */
};

struct try_relay { /* copies bytes from one descriptor to another */
	int from, to;  /* -1: done */
	int lost;      /* errno of a write that failed, but for EPIPE; 0 = none */
	unsigned at, filled;
	char buf[4096];
};

struct learn;

struct trial {
	const char *subject; /* the file, or the service's name */
	const char *drop_in; /* more lines for it, or NULL */
	bool by_name;
	uint32_t optional; /* added to OptionalWalls of the file */
	char **words;      /* appended to ExecStart's */
	const char *learn_path;
	uint32_t seconds; /* 0 = until it ends */
	struct plan plan;
	int plan_fd;
	const struct plan_service *service;
	uint32_t index;
	char directory[512]; /* of bulkhead's programs: our own */
	int cgroup_root, group;
	bool killed; /* cgroup.kill was written to the group */
	/* the network namespace kept for its commands (plan_service.network), or -1 */
	int network;
	char group_name[40];
	int signals;                   /* signalfd */
	int notify;                    /* readiness socket, or -1 */
	int sockets[CELL_MAX_SOCKETS]; /* of [Socket], as many as the plan says */
	int null_fd;
	int service_end[3]; /* descriptors 0, 1 and 2 of the service */
	struct try_relay relay[3];
	struct try_job main, other; /* as in PID 1: the main process, and a command beside it */
	struct core core;
	enum core_outcome outcome; /* by the core; OUT_NONE: it was stopped, or has not ended */
	bool ready;
	int stop_signal;   /* signal that asked us to end; 0 = none */
	unsigned insisted; /* how many of those have come after it */
	bool asked;        /* the core has been told that the service is to end */
	bool uncalled;     /* on demand, and it was to end before a client came */
	bool alive;        /* the main process still ran when its time was up */
	bool await_empty;  /* all processes of the group were killed, and the core waits for that */
	pid_t compiler;    /* its pid while it runs, else 0 */
	struct learn *learn;
};

/* Use this instead of t->learn, which is never set if CONFIG_LEARN is off. */
static inline struct learn *try_learns(const struct trial *t)
{
	return CONFIG_LEARN ? t->learn : NULL;
}

/* output.c */
uint64_t try_now_ms(void); /* CLOCK_MONOTONIC */
void output_open(void);
/* Returns a descriptor of the file of our descriptor n (0 to 2); if it is a terminal, one that
 * never blocks. */
int output_own(int n);
/* standard input is a terminal that another process group reads */
bool output_in_background(void);
bool output_wait(int fd, int ms); /* waits until it accepts output */
/* as write(2); EAGAIN instead of waiting */
ssize_t output_write(int fd, const char *text, size_t n);
/* Prints one line on standard error; it is lost if nobody reads. Of printf(3) it has %s, %d, %u. */
void try_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void try_say_end(const char *what, const char *between, int status); /* wait(2)'s */
void try_say_absent(uint32_t bits); /* reports optional walls that are missing */

/* guard.c */
void guard_start(struct trial *t);
void guard_beat(void); /* called in each round of the loop */

/* heir.c: a child that ends the service and removes its group if this process is killed. Call it
 * when the group has been made. 0 or -errno. */
int heir_start(struct trial *t);

/* plan.c: compiles the plan, finds the service, seals. 0, or the exit status after the reason was
 * printed */
int plan_make(struct trial *t);

/* unsupported.c */
/* Prints a line for each feature that the file asks for and this kernel lacks. Called after the
 * group's root is open. */
void report_unsupported(const struct trial *t);
/* the bits of a wall's name, "cgroup" for all controllers; 0 = unknown */
uint32_t try_wall_bits(struct span name);

/* host.c: 0, or -errno after the reason was printed */
int group_open_root(struct trial *t);
int group_make(struct trial *t);
int view_open(struct trial *t); /* with the readiness socket */
void group_kill(struct trial *t);
void group_remove(struct trial *t);
/* Removes a group whose processes were killed: waits up to `ms` for them to go. 0 or -errno. */
int group_remove_at(int root, int group, const char *name, int ms);
/* Reads a number from a file of the group. */
bool group_read(const struct trial *t, const char *file, uint64_t *value);

int listen_open(struct trial *t); /* listen.c: opens all; 0, or -errno after printing */
void listen_close(struct trial *t);

/* job.c: starts command `index` of `list` in its cell. 0, or -errno after printing why. */
int job_start(struct trial *t, struct try_job *job, uint32_t list, uint32_t index);
/* at the end: returns interfaces of the host that are in its network */
void job_return_netdevs(struct trial *t);

/* relay.c */
int relay_open(struct trial *t);
bool relay_pump(struct try_relay *r); /* false: nothing to copy now */
/* Copies what the service had written, while it is accepted. -errno: not all was, from the start */
int relay_drain(struct trial *t);

void loop_run(struct trial *t); /* loop.c: the whole life of the service */
