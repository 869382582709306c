/* SPDX-License-Identifier: MIT
 * [Boot] of init.ini: what of the device is writable and what is left of it after a boot:
 * DataPartition, DataFallback, Overlay, FactoryReset, RandomSeedFile. bulkhead-data carries it out.
 */
#pragma once
#include "walls/compile.h"
#include "walls/diagnose.h"

wall_setter data_set_partition, data_set_fallback, data_set_overlay, data_set_reset, data_set_seed;

/* Checks each against the others, and fills in its part of the machine. */
void data_encode(struct plan_machine *machine, struct plan_writer *w, struct diag *d);
