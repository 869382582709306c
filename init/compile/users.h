/* SPDX-License-Identifier: MIT
 * Users and groups of the device: its own /etc/passwd and /etc/group, never the build machine's (getpwnam(3) would read those).
 */
#pragma once
#include "compile/service.h"

/* User, Group, SupplementaryGroups into s->ids and s->home. */
void users_resolve(struct service *s);
/* Where there is no root to look into, a name is taken on trust: for checking a file apart from its device, never for a plan. */
void users_trust_names(void);
