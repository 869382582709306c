/* SPDX-License-Identifier: MIT
 * [Boot] of init.ini, as far as bulkhead-data carries it out: what is writable on the device, and
 * what is left of it after a boot. DataPartition, DataFallback, Overlay, FactoryReset,
 * RandomSeedFile.
 */
#pragma once
#include "plan/format.h"
#include "walls/compile.h"

struct machine;
struct plan_writer;

struct data_wish { /* an entry of a list */
	struct span text;
	uint32_t where; /* enum plan_overlay_where */
	unsigned line;
};

struct data_conf {
	struct span device, directory, type;
	uint32_t flags;
	const char *options;
	unsigned fallback; /* index into data_fallbacks */
	struct data_wish overlay[PLAN_MAX_OVERLAYS], reset[PLAN_MAX_RESET];
	size_t overlays, resets;
	struct span seed;
	bool credit;
};

/* Each gets struct data_conf. */
wall_setter data_set_partition, data_set_overlay, data_set_reset, data_set_seed;
extern const char *const data_fallbacks[];

/* Checks the directives against each other, and fills in the machine's part of the plan. */
void data_encode(struct machine *m, struct plan_machine *machine, struct plan_writer *w);
