/* SPDX-License-Identifier: MIT
 * Lists of exit statuses and signals: SuccessExitStatus, RestartPreventExitStatus and
 * RestartForceExitStatus.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define UNIT_MAX_SUCCESS 64 /* of one list */

enum unit_statuses { STATUSES_SUCCESS, STATUSES_PREVENT, STATUSES_FORCE, STATUSES_COUNT };

struct status_list {
	uint32_t code[UNIT_MAX_SUCCESS]; /* a status, or 256 + a signal */
	size_t count;
};
