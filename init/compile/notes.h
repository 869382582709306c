/* SPDX-License-Identifier: MIT
 * What refuses no service and is worth saying.
 */
#pragma once
#include "compile/service.h"

/* Lines of the service that have no effect. */
void notes_on_lines(struct service *s);
/* What its view is made of and is not there, on the device or in a build's root. Not for PID 1,
 * which asks before all is mounted. */
void notes_on_paths(const struct set *set);
