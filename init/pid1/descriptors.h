/* SPDX-License-Identifier: MIT
 * How many descriptors PID 1 can have.
 */
#pragma once
#include "base/config.h"
#include "engine/descriptors.h"

#define FDS_OWN 64                 /* of struct pid1, and those that are open for a moment */
#define FDS_OF_SERVICE (2 * 3 + 7) /* of its two slots, and of the rest of struct runtime */
/* RLIMIT_NOFILE that boot sets: as many as there can ever be, so that it is the plan that says
 * how many services there are. */
#define HIGHEST_FD \
	(LOWEST_FD + FDS_OWN + FDS_OF_SERVICE * CONFIG_MAX_SERVICES + CONFIG_MAX_CLIENTS + \
		CONFIG_MAX_SOCKETS)
