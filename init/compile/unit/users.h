/* SPDX-License-Identifier: MIT
 * Users and groups of the device: its own /etc/passwd and /etc/group, never the build machine's
 * (getpwnam(3) would read those).
 */
#pragma once
#include "compile/unit/service.h"

/* User, Group, SupplementaryGroups into s->ids and s->home. */
void users_resolve(struct service *s);
/* A user and its group, or a group alone, by name or number; 0, or what was said about it. */
int users_find(struct span name, uint32_t *uid, uint32_t *gid, struct diag *d);
int users_find_group(struct span name, uint32_t *gid, struct diag *d);
/* Where there is no root to look into, a name is taken on trust: for checking a file apart from
 * its device, never for a plan. */
void users_trust_names(void);
