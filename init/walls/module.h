/* SPDX-License-Identifier: MIT
 * What a wall's report half adds to a module of the SELinux policy (report/selinux): the directives
 * that open something that the policy has to grant. How the policy names a path, a device or a
 * directory of the service is known to the report. Each wall has
 *
 *   report_selinux.c    wall_module NAME_module
 */
#pragma once
#include "plan/walls.h"
#include "walls/compile.h"

struct cil; /* the module being written */

/* `conf` is the wall's own part (struct NAME_conf). */
typedef void wall_module(struct cil *c, const void *conf, const struct wall_context *context);

/* Sets the comment for the next rule, or NULL. It is written only if a rule follows; duplicate
 * rules are left out. */
void cil_why(struct cil *c, const char *directive);
void cil_rule(struct cil *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Something that the file opens and the policy does not: a line on standard error, and a comment in
 * the module. */
void cil_withheld(struct cil *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

const char *cil_domain(const struct cil *c); /* "web_t" */
/* Whether the service's filter allows a socket of this family; asks the filter itself. */
bool cil_speaks(const struct cil *c, int family, int protocol);

/* Rules to read a path of the host, or to write below it. */
void cil_path(struct cil *c, struct span path, bool write);
void cil_run(struct cil *c, struct span path);    /* the same, and to execute it */
void cil_device(struct cil *c, struct span name); /* rules to open a node of /dev; "*": all */
/* One of the service's own directories (enum directory_kind): its label, and rules to use it. */
void cil_directory(struct cil *c, unsigned kind, struct span name);

#define WALL_MODULES(NAME, name) wall_module name##_module;
PLAN_WALLS(WALL_MODULES)
