/* SPDX-License-Identifier: MIT
 * What refuses no service and is worth saying.
 */
#pragma once
#include "compile/unit/service.h"

struct machine;

/* Lines of the service that have no effect. */
void notes_on_lines(struct service *s, const struct machine *machine);
/* What only the device or a build's root tells: that what its view is made of is not there, and
 * that SELinux refuses what its file gives it. Not for PID 1, which asks before all is mounted. */
void notes_on_root(const struct set *set);
