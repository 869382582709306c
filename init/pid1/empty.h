/* SPDX-License-Identifier: MIT
 * After ACT_KILL the core waits for EV_EMPTY: nothing of the service runs any more, and the
 * interfaces that it had are the host's again.
 */
#pragma once
#include "pid1/state.h"

/* Whether that is so now; if not, its group is watched. */
void empty_check(struct pid1 *s, const struct plan *p, uint32_t service);
/* Those that could not be watched, when group_look is due: before it. */
void empty_look(struct pid1 *s, const struct plan *p);
