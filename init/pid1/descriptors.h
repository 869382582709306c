/* SPDX-License-Identifier: MIT
 * The number of descriptors that PID 1 can have.
 */
#pragma once
#include "base/config.h"
#include "engine/descriptors.h"

#define FDS_OWN 64                 /* in struct pid1, and those open for a moment */
#define FDS_OF_SERVICE (2 * 3 + 7) /* in its two slots, and in the rest of struct runtime */
/* RLIMIT_NOFILE that the boot sets: the most that can ever be needed, so that only the plan limits
 * the number of services. */
#define HIGHEST_FD \
	(LOWEST_FD + FDS_OWN + FDS_OF_SERVICE * CONFIG_MAX_SERVICES + CONFIG_MAX_CLIENTS + \
		CONFIG_MAX_SOCKETS)
