/* SPDX-License-Identifier: MIT
 * Who has the places of the control socket. Nobody is kept waiting at the door: a newcomer has a
 * free place, or that of one of those who have the most, so that no service, and no user, can keep
 * another out. Pure.
 */
#pragma once
#include "pid1/state.h"

#define PLACES_NONE UINT32_MAX

/* The place of a newcomer, who may have to be dropped from it first. PLACES_NONE: not one is his
 * (uid 0 alone has the last two). */
uint32_t places_for(const struct client *list, uint32_t n, int32_t service, uint32_t uid);
