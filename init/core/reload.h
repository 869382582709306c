/* SPDX-License-Identifier: MIT
 * A service that is up is told by a signal to read its configuration anew. With SERVICE_RELOADS it
 * says when it begins and when it is done, within TimeoutStartSec; if it is not, it goes on all the
 * same.
 */
#pragma once
#include "core/core.h"

/* EV_RELOAD and EV_RELOADING */
void core_on_reload(struct core *c, const struct plan *p, struct core_event ev, uint64_t now);
void core_reload_ready(struct core_service *s); /* EV_READY */
/* True if a reload has been given up. */
bool core_reload_on_time(struct core_service *s, uint64_t heard);
