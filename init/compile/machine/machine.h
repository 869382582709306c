/* SPDX-License-Identifier: MIT
 * What concerns the whole machine: init.ini, fstab.
 */
#pragma once
#include "compile/unit/service.h"

/* Reads init.ini, before any service: its [Defaults] go to them. */
void machine_read(void);
uint32_t machine_log_ring_kb(void); /* [Log] Size */
/* Refuses the service if init.ini is there and cannot be read: what its [Defaults] may ask for
 * is not known. */
void machine_check_defaults(struct service *s);
/* Once the services are known: DefaultGroup; then fstab and modules. */
void machine_encode(const struct set *set, struct plan_machine *machine, struct plan_writer *w);
