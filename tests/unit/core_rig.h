/* SPDX-License-Identifier: MIT
 * A bench for init/core: small plans written down as C, events one at a time in virtual time, and
 * what core decides as text.
 */
#pragma once
#include "base/count.h"
#include "core/core.h"
#include "plan/plan.h"
#include <stdint.h>

#define RIG_EDGES 4

struct rig_service { /* zero = the defaults below; index in the array = index in the plan */
	const char *name;
	enum plan_type type;
	enum plan_restart restart;
	uint32_t flags;          /* enum plan_service_flags */
	uint32_t restart_ms;     /* 0 = 100 */
	uint32_t restart_max_ms; /* 0 = 1000 */
	uint32_t burst;          /* StartLimitBurst in 10 s, 0 = no limit */
	uint32_t start_ms;       /* 0 = 2000 */
	uint32_t stop_ms;        /* 0 = 1000 */
	uint32_t watchdog_ms;
	uint8_t start_limit_action, failure_action;
	/* bit of each list that has a command (two in `twice`); those of `pardoned` may fail */
	uint32_t lists;
	uint32_t pardoned;
	uint32_t twice;
	uint32_t success;        /* a status that counts as success too */
	uint32_t prevent, force; /* one of RestartPreventExitStatus, RestartForceExitStatus */
	uint32_t runtime_ms;
	struct plan_edge edges[RIG_EDGES];
	uint32_t edge_count;
};

struct rig {
	struct core core;
	struct plan plan;
	uint64_t now;
	uint32_t reboot_ms; /* RebootTimeoutSec of the plan that rig_begin makes */
	/* what core decided since the last rig_…() call: "svc spawn start 0; svc notice ready" */
	char log[4096];
	_Alignas(8) unsigned char bytes[32768];
};

#define RIG_ALL_LISTS (1u << EXEC_PRE | 1u << EXEC_POST | 1u << EXEC_STOP | 1u << EXEC_STOP_POST)

/* Makes the plan and starts what is enabled. */
void rig_begin(struct rig *r, const struct rig_service *services, uint32_t count);
void rig_event(struct rig *r, enum core_event_kind kind, uint32_t service, enum core_slot slot,
	int32_t value);
void rig_request(struct rig *r, enum core_event_kind kind, uint32_t service);
/* the main process, and its group is empty */
void rig_exited(struct rig *r, uint32_t service, int32_t status);
void rig_wait(struct rig *r, uint64_t ms);
/* until the next deadline; the milliseconds it took, CORE_NEVER = there is none */
uint64_t rig_wait_deadline(struct rig *r);
/* log NULL = any */
void rig_expect(struct rig *r, uint32_t service, enum core_state state, const char *log);

/* ---- of a test that has one bench, `rig` ---- */

#define EXIT_STATUS(n) ((n) << 8)

#define BEGIN(...) \
	rig_begin(&rig, (const struct rig_service[]){__VA_ARGS__}, \
		COUNT(((const struct rig_service[]){__VA_ARGS__})))

void rig_started(struct rig *r, uint32_t service); /* its main process is behind its walls */
uint32_t rig_state(const struct rig *r, uint32_t service);
