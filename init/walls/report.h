/* SPDX-License-Identifier: MIT
 * The interface between walls' report halves and the reports. The frames (report/explain,
 * report/inforce, report/security) find the walls by PLAN_WALLS in plan/walls.h. Each wall has
 *
 *   report_explain.c    wall_explain NAME_explain
 *   report_inforce.c    void NAME_look(struct look *)
 *   report_security.c   const struct wall_security NAME_security
 *
 * and knows its own part and the context of its service, no other wall.
 */
#pragma once
#include "base/config.h"
#include "compile/unit/directive_id.h"
#include "plan/format.h"
#include "print/json.h"
#include "walls/compile.h"

/* ---- explain: the wall as it will be raised; on standard output ----
 *
 * A wall writes each item once, in order, in both forms. What belongs to the other form (text or
 * JSON) is not written. */

struct explain {
	bool text;        /* else JSON */
	bool full;        /* what is at its default is written out too; JSON always is full */
	struct json json; /* its `out` is NULL for text */
};

/* `conf` is the wall's own part (struct NAME_conf). */
typedef void wall_explain(struct explain *e, const void *conf, const struct wall_context *context);

/* Returns the bytes written. A line begins with its label, or with "" if it continues one. */
#define EXPLAIN_LABEL "  %-16s"
int explain_text(struct explain *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A whole line, without the newline at its end. */
void explain_line(struct explain *e, const char *label, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- in force: what is asked for, compared with what the kernel shows of the main process ----
 *
 * A look reads what the kernel shows (look_file, look_field), and calls look_row once for each item
 * that is asked for. The line of a directive shows the result of its rows; rows with an item (a
 * path, a file, a limit) are also listed one by one. What a process may do to itself (give up a
 * capability, lower a limit, change its user) is not a difference: a verdict is about walls that
 * are weaker than asked for. */

enum verdict {
	IN_FORCE,
	MISSING, /* asked for and not in force */
	ABSENT,  /* asked for, and the kernel does not have it, which the file allows */
	UNSEEN   /* not visible from here */
};

struct inforce; /* the rows so far: report/inforce */

struct look {
	const void *conf; /* the wall's own part */
	const struct wall_context *context;
	int pid, dir;    /* dir: descriptor of its directory in /proc */
	uint32_t absent; /* enum plan_optional, as reported by PID 1 */
	char status[8192];
	char *mounts; /* mountinfo */
	struct inforce *rows;
};

/* Adds a row. directive: DIRECTIVES for what every view has and no directive asks for. item: "" =
 * the directive's value as a whole. The texts are copied, and cut to fit. */
void look_row(struct look *l, enum directive_id directive, const char *item, enum verdict v,
	const char *asked, const char *found);
/* Reads a file of the process's directory, or an absolute path, cut to cap. Returns its length, or
 * -errno with "" in buf. */
int look_file(const struct look *l, const char *name, char *buf, size_t cap);
/* The value of "Name:\tvalue" in status, or "". */
const char *look_field(const struct look *l, const char *name, char *buf, size_t cap);
uint64_t look_hex(const struct look *l, const char *name);
/* The verdict for what cannot be read: ABSENT if the kernel lacks `bit` and the file allows that,
 * else MISSING. */
enum verdict look_lacking(const struct look *l, uint32_t bit);
/* *private: whether a namespace ("ns/net"; its link is copied to `own`) differs from the host's.
 * False: it cannot be read. */
#define LOOK_LINK 64
bool look_at_namespace(const struct look *l, const char *link, char own[static LOOK_LINK],
	bool *private);

/* ---- security: what the file opens beyond the default ---- */

struct security; /* the openings so far: report/security */

struct security_look { /* what a row looks at */
	const void *conf;  /* the wall's own part */
	const struct wall_context *context;
	struct security *found;
};

struct security_row {
	enum directive_id directive; /* the directive that opens it */
	const char *why;             /* what an attacker in the service gains by it */
	void (*look)(const struct security_look *l, const struct security_row *row);
	unsigned weight;  /* tenths of a point for each opening, unless `look` passes another */
	unsigned value;   /* for look */
	const char *what; /* for look */
};

/* Looks for a bool of the wall's part, at the offset `value`: open if it is false, or true. */
void security_unless(const struct security_look *l, const struct security_row *row);
void security_if(const struct security_look *l, const struct security_row *row);

struct wall_security {
	const struct security_row *opens; /* ends with a row of zeros */
	/* directives that close more than the default; ends with DIRECTIVES */
	const enum directive_id *closes;
};

const char *security_key(const struct security_row *row); /* of its directive */
/* Notes an opening with the row's reason and the line of its directive. */
__attribute__((format(printf, 4, 5))) void security_opens(const struct security_look *l,
	const struct security_row *row, unsigned weight, const char *format, ...);

/* ---- each wall's part, by the list of walls ---- */

#define WALL_REPORTS(NAME, name) \
	extern const struct wall_security name##_security; \
	wall_explain name##_explain; \
	void name##_look(struct look *l);
PLAN_WALLS(WALL_REPORTS)
