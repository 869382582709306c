/* SPDX-License-Identifier: MIT
 * Makes the context of each wall (walls/context.h) from the checked values.
 */
#pragma once
#include "compile/unit/service.h"

/* Size of the caller's array for Landlock's rules, which must live as long as the context. */
#define CONTEXT_RULES LANDLOCK_MAX_RULES

/* For a service that is neither refused nor a group. */
void context_of(const struct service *s, struct landlock_conf_rule rules[static CONTEXT_RULES],
	struct wall_context *context);
