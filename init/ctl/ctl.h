/* SPDX-License-Identifier: MIT
 * bulkctl: the command line, and the functions that carry it out. A function of a verb returns the
 * exit status.
 */
#pragma once
#include "base/fmt.h"
#include "base/version.h"
#include "ctl/proto.h"
#include "plan/plan.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ctl_exit { /* documented in bulkctl(8) */
	CTL_OK = 0,
	CTL_FAILED = 1,
	CTL_USAGE = 2,
	CTL_NOT_RUNNING = 3, /* of `status SERVICE`, as in the LSB */
	CTL_DENIED = 4,
	CTL_DIFFERS = 5, /* of `diff`: the service files are not what PID 1 runs by */
	CTL_GOES_ON = 6, /* PID 1 carries it out and cannot report the outcome */
	CTL_UNREACHABLE = 111,
};

struct ctl {
	const char *verb;
	int value; /* the verb's: enum proto_verb or enum plan_final */
	bool json;
	bool follow;
	bool behind; /* its arguments come after -- */
	bool colour; /* standard output is a terminal, and colours are not disabled */
	bool unicode;
	int signal;
	long lines; /* -1 = not given */
	const char *socket;
	const char *logs;     /* directory of the rings */
	const char *root;     /* NULL = this machine's */
	const char *limit;    /* of security: a score; NULL = none */
	const char *compile;  /* the compiler's path */
	const char *optional; /* walls that may be missing; NULL = not given */
	const char *output;   /* of learn; NULL = standard output */
	long seconds;         /* of learn; -1 = not given */
	/* of learn: write to where PID 1 reads it; of reload: restart what has changed */
	bool apply;
	bool full;     /* of explain: what is at its default, too */
	bool fragment; /* of kernel-check: print the missing lines */
	int count;
	char **names;
};

/* Use this instead of c->json. */
static inline bool ctl_json(const struct ctl *c)
{
	return CONFIG_JSON && c->json;
}

/* Prints "bulkctl: VERB[ SUBJECT]: ..." on standard error. Returns the exit status for err. `text`
 * (may be "") is PID 1's. */
int ctl_complain(const struct ctl *c, const char *subject, int err, const char *text);

/* The same for a name that no service has, with the nearest that exists. */
int ctl_no_service(const struct ctl *c, const char *name);

/* The errno in a result of ctl_ask(), from PID 1 or from the connection. */
int ctl_errno(int err);

/* verbs */
int ctl_status(const struct ctl *c);
int ctl_change(const struct ctl *c);
int ctl_final(const struct ctl *c);
int ctl_logs(const struct ctl *c);
int ctl_timers(const struct ctl *c);
int ctl_info(const struct ctl *c);
int ctl_explain(const struct ctl *c);
int ctl_security(const struct ctl *c);
int ctl_check(const struct ctl *c);
int ctl_diff(const struct ctl *c);
int ctl_reload(const struct ctl *c);
int ctl_try(const struct ctl *c);
int ctl_learn(const struct ctl *c);
int ctl_kernel(const struct ctl *c);

/* command.c: the command line of another of bulkhead's programs, which is beside this one (a build
 * directory), else where it is installed. */
struct command {
	char path[600];
	char **argv; /* malloc'd; NULL: no memory */
	size_t count;
};
/* Has room for the names of c. */
void command_begin(struct command *l, const struct ctl *c, const char *program);
void command_add(struct command *l, const char *word);
void command_option(struct command *l, const char *option, const char *value); /* unless NULL */
/* Executes it. Returns the exit status, with the reason printed; `missing` (may be "") if there is
 * no such program. */
int command_execute(struct command *l, const struct ctl *c, const char *missing);

/* show.c: one service in full */
struct ctl_world { /* a snapshot from PID 1 */
	uint64_t now_ms;
	uint32_t count;
	struct proto_service *services; /* in the order of the plan */
	struct plan plan;               /* base NULL: PID 1 did not send it */
};

struct json;
/* timers.c: members of an object, or "next in 3h, ..." of a service that has a timer. */
void ctl_timer_json(const struct ctl_world *w, const struct proto_service *s, struct json *j);
void ctl_timer_text(struct fmt *f, const struct ctl_world *w, const struct proto_service *s);
void ctl_show_json(const struct ctl_world *w, const struct proto_service *s, struct json *j);
/* Appends the walls that the service runs without because the kernel lacks them: "landlock
 * selinux". */
void ctl_put_absent(struct fmt *f, const struct proto_service *s);
int ctl_show(const struct ctl *c, const struct ctl_world *w, const struct proto_service *s,
	struct json *j);
const struct proto_service *ctl_world_find(const struct ctl_world *w, uint32_t index);
/* Fills *w. 0, or the exit status after the reason was printed. */
int ctl_world_get(const struct ctl *c, struct ctl_world *w);
/* Sends one request and waits for its end. Returns its errno; earlier records are passed to `each`
 * (may be NULL). */
int ctl_ask(const struct ctl *c, enum proto_verb verb, int value, const char *service,
	int timeout_ms, struct proto_reply *end,
	void (*each)(void *context, const struct proto_reply *record), void *context);
/* colour.c */
enum ctl_mood { MOOD_QUIET, MOOD_GOOD, MOOD_BUSY, MOOD_BAD };
enum ctl_mood ctl_mood_of(uint32_t state);
/* The escape sequence for a state, or "" without colours. */
const char *ctl_colour(const struct ctl *c, uint32_t state);
const char *ctl_colour_end(const struct ctl *c);
