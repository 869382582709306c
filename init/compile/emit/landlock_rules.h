/* SPDX-License-Identifier: MIT
 * The Landlock rules that follow from a service's view.
 */
#pragma once
#include "compile/unit/service.h"

/* Writes the rules to list (LANDLOCK_MAX_RULES). Returns how many; 0: Landlock is off, by the file
 * or because the view is the host's. */
size_t landlock_rules(const struct service *s, struct landlock_conf_rule *list);
