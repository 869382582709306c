/* SPDX-License-Identifier: MIT
 * What is looked up in the device's root: users and groups, in its /etc/passwd and /etc/group,
 * never the build machine's (getpwnam(3) would read those), and the programs of commands.
 */
#pragma once
#include "compile/unit/service.h"

/* Resolves User, Group and SupplementaryGroups into s->ids and s->home. */
void users_resolve(struct service *s);
/* Resolves a user and its group, or a group, by name or number. 0, or the value of diag_error(). */
int users_find(struct span name, uint32_t *uid, uint32_t *gid, struct diag *d);
int users_find_group(struct span name, uint32_t *gid, struct diag *d);
/* Accepts every name if there is no root: for checking a file without its device, never for a
 * plan. */
void users_trust_names(void);

/* command.c. Makes the environment: PATH, HOME, USER, …, the directories' variables, then
 * Environment. */
void command_environment(struct service *s);
/* Parses all Exec lines into s->exec: quotes undone, variables replaced, words split. Programs are
 * looked up in the root, as the service will see it. */
void command_parse(struct service *s);
/* program.c. Looks a program up in the root, with its interpreter or loader. optional: it may be
 * missing. */
void program_check(const struct service *s, const char *path, bool optional, struct diag *d);
