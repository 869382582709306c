/* SPDX-License-Identifier: MIT
 * The places of the control socket. A newcomer does not wait: it gets a free place, or that of a
 * client whose service or user has the most, so that no service and no user can keep another out.
 * Pure.
 */
#pragma once
#include "pid1/state.h"

#define PLACES_NONE UINT32_MAX

/* The place for a newcomer; a client that has it must be dropped first. PLACES_NONE: there is none
 * for this uid (the last two are kept for uid 0). */
uint32_t places_for(const struct client *list, uint32_t n, int32_t service, uint32_t uid);
