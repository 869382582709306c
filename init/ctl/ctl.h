/* SPDX-License-Identifier: MIT
 * bulkctl: what was asked on the command line, and the functions that carry it out. Each verb
 * returns the exit status.
 */
#pragma once
#include "base/fmt.h"
#include "ctl/proto.h"
#include "plan/plan.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef BULKHEAD_VERSION
#define BULKHEAD_VERSION "0.1"
#endif

enum ctl_exit { /* the man page promises them */
	CTL_OK = 0,
	CTL_FAILED = 1,
	CTL_USAGE = 2,
	CTL_NOT_RUNNING = 3, /* of `status SERVICE`, as the LSB has it */
	CTL_DENIED = 4,
	CTL_GOES_ON = 6, /* PID 1 does it, and cannot say how it ends */
	CTL_UNREACHABLE = 111,
};

struct ctl {
	const char *verb;
	int value; /* of the verb: enum proto_verb or enum plan_final */
	bool json;
	bool follow;
	bool behind; /* its arguments stand behind -- */
	bool colour; /* standard output is a terminal and nobody minds */
	bool unicode;
	int signal;
	long lines; /* -1 = not given */
	const char *socket;
	const char *logs;     /* directory of the rings */
	const char *root;     /* NULL = this machine's */
	const char *limit;    /* NULL = none; a score, of security */
	const char *compile;  /* the compiler's path */
	const char *optional; /* walls that may be missing; NULL = not given */
	const char *output;   /* of learn; NULL = standard output */
	long seconds;         /* of learn; -1 = not given */
	bool apply;           /* learn: where PID 1 finds it */
	bool fragment;        /* kernel-check: the lines that it lacks */
	int count;
	char **names;
};

/* In place of c->json. */
static inline bool ctl_json(const struct ctl *c)
{
	return CONFIG_JSON && c->json;
}

/* One line on standard error, "bulkctl: VERB[ SUBJECT]: ..."; returns the exit status that
 * belongs to err. `text` (may be empty) is what PID 1 said. */
int ctl_complain(const struct ctl *c, const char *subject, int err, const char *text);

/* The same for a name that no service has, with the nearest that one has. */
int ctl_no_service(const struct ctl *c, const char *name);

/* The errno in what ctl_ask returned, whether PID 1 said it or the way to it. */
int ctl_errno(int err);

/* verbs */
int ctl_status(const struct ctl *c);
int ctl_change(const struct ctl *c);
int ctl_final(const struct ctl *c);
int ctl_logs(const struct ctl *c);
int ctl_info(const struct ctl *c);
int ctl_explain(const struct ctl *c);
int ctl_security(const struct ctl *c);
int ctl_check(const struct ctl *c);
int ctl_try(const struct ctl *c);
int ctl_learn(const struct ctl *c);
int ctl_kernel(const struct ctl *c);
/* Where another of bulkhead's programs is: beside this one (a build directory), else where it is
 * installed. */
void ctl_program(const char *name, char *path, size_t cap);
/* Blocks what would end this program (SIGINT, SIGTERM, SIGHUP, SIGQUIT), over execve too, for
 * bulkhead-try to take them. */
void ctl_hold_signals(void);

/* status.c's other half: one service in full */
struct ctl_world { /* what PID 1 says now */
	uint64_t now_ms;
	uint32_t count;
	struct proto_service *services; /* in the order of the plan */
	struct plan plan;               /* base NULL: PID 1 did not hand it over */
};

struct json;
void ctl_show_json(const struct ctl_world *w, const struct proto_service *s, struct json *j);
/* "landlock selinux": what the kernel lacks and the service does without, after what f holds. */
void ctl_put_absent(struct fmt *f, const struct proto_service *s);
int ctl_show(const struct ctl *c, const struct ctl_world *w, const struct proto_service *s,
	struct json *j);
const struct proto_service *ctl_world_find(const struct ctl_world *w, uint32_t index);
/* Fills *w; 0, or the exit status once the reason is said. */
int ctl_world_get(const struct ctl *c, struct ctl_world *w);
/* Sends one request and waits for its end, whose errno it returns; records before it are given
 * to `each` (may be NULL). */
int ctl_ask(const struct ctl *c, enum proto_verb verb, int value, const char *service,
	int timeout_ms, struct proto_reply *end,
	void (*each)(void *context, const struct proto_reply *record), void *context);
/* How a state is shown: an escape sequence, or "" without colours. */
const char *ctl_colour(const struct ctl *c, uint32_t state);
const char *ctl_colour_end(const struct ctl *c);
