/* SPDX-License-Identifier: MIT
 * Notes: findings that refuse no service.
 */
#pragma once
#include "compile/unit/service.h"

struct machine;

/* Lines of the service that have no effect. */
void notes_on_lines(struct service *s, const struct machine *machine);
/* Findings that need the root: paths of the view that do not exist, and permissions that SELinux
 * does not grant. Not for PID 1, which compiles before all is mounted. */
void notes_on_root(const struct set *set);
