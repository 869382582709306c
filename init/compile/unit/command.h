/* SPDX-License-Identifier: MIT
 * The environment of a service and its commands: quotes undone, variables replaced, words split.
 */
#pragma once
#include "compile/unit/service.h"

/* Makes the environment: PATH, HOME, USER, …, the directories' variables, then Environment. */
void command_environment(struct service *s);
/* Parses all Exec lines into s->exec. Programs are looked up in the root, as the service will see
 * it. */
void command_parse(struct service *s);
