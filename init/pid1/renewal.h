/* SPDX-License-Identifier: MIT
 * How far a reload is (renew/reload.h): a part of PID 1's state (state.h).
 */
#pragma once
#include "base/config.h"
#include <stdint.h>

enum reload_phase { RELOAD_NONE, RELOAD_ASKED, RELOAD_COMPILING, RELOAD_STOPPING };

/* What becomes of a service that is down when the stops are over. */
enum reload_back {
	BACK_NOT,
	BACK_WANTED, /* it was up, or to be, when they began: it comes back in any case */
	BACK_APPLIED /* it had failed, and its new definition is tried */
};

#define RELOAD_ALL UINT32_MAX /* no single service */
#define RELOAD_LOOK_MS 50u

struct reload {       /* renew/reload.h */
	uint32_t phase;   /* enum reload_phase */
	uint32_t apply;   /* 1: services that have changed are restarted */
	uint32_t service; /* the only one that is, or RELOAD_ALL */
	uint32_t tries;
	int32_t pid;                       /* of the compiler, 0 = none */
	int32_t status;                    /* its wait status */
	int32_t plan_fd;                   /* the plan that it writes, -1 = none */
	int32_t result;                    /* of the last one: 0 or -errno */
	uint64_t due_ms;                   /* when the step is given up */
	uint8_t back[CONFIG_MAX_SERVICES]; /* enum reload_back */
	char why[96];                      /* of `result` */
};
