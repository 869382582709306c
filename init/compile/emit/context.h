/* SPDX-License-Identifier: MIT
 * What each wall may know of the rest of its service (walls/context.h), from the checked values.
 */
#pragma once
#include "compile/unit/service.h"

/* Room for the rules that Landlock gets: they live as long as the context. */
#define CONTEXT_RULES LANDLOCK_MAX_RULES

/* Of a service that is neither refused nor a group. */
void context_of(const struct service *s, struct landlock_conf_rule rules[static CONTEXT_RULES],
	struct wall_context *context);
