/* SPDX-License-Identifier: MIT
 * Users and groups of the device: its own /etc/passwd and /etc/group, never the build machine's (getpwnam(3) would read those).
 */
#pragma once
#include "compile/service.h"

/* User, Group, SupplementaryGroups into s->ids and s->home. */
void users_resolve(struct service *s);
