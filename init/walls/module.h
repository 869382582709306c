/* SPDX-License-Identifier: MIT
 * What a wall's report half says in a module of the SELinux policy (report/selinux): which of its
 * directives open something that the policy has to grant. What the policy calls a path, a device or
 * a directory of the service's is the report's own knowledge. Each wall has
 *
 *   report_selinux.c    wall_module NAME_module
 */
#pragma once
#include "plan/walls.h"
#include "walls/compile.h"

struct cil; /* the module, while it is written */

/* `conf` is the wall's own part (struct NAME_conf). */
typedef void wall_module(struct cil *c, const void *conf, const struct wall_context *context);

/* The comment before the next rule, or NULL. It shows only if a rule follows, and a rule that is
 * there already is left out. */
void cil_why(struct cil *c, const char *directive);
void cil_rule(struct cil *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Something that the file opens and the policy does not: on standard error, and in the module as
 * a comment. */
void cil_withheld(struct cil *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

const char *cil_domain(const struct cil *c); /* "web_t" */
/* Whether its filter lets it make a socket of this family; the filter itself is asked. */
bool cil_speaks(const struct cil *c, int family, int protocol);

/* The rules by which it may read a path of the host, or write below it. */
void cil_path(struct cil *c, struct span path, bool write);
void cil_run(struct cil *c, struct span path);    /* and execute what lies there */
void cil_device(struct cil *c, struct span name); /* and open a node of /dev; "*": all */
/* One of its own directories (enum directory_kind): its label, and what it may do there. */
void cil_directory(struct cil *c, unsigned kind, struct span name);

#define WALL_MODULES(NAME, name) wall_module name##_module;
PLAN_WALLS(WALL_MODULES)
