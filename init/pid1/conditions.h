/* SPDX-License-Identifier: MIT
 * Condition…: looked at once, when a service's start is about to begin. */
#pragma once
#include "plan/plan.h"
#include <stdbool.h>

bool conditions_hold(const struct plan *p, const struct plan_service *s);
/* command_line.c: is `word` (or `word=...`) among the words of /proc/cmdline? Copies what follows the '=' if value is not NULL. */
bool conditions_command_line(const char *word, char *value, size_t cap);
