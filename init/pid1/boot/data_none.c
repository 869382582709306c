/* SPDX-License-Identifier: MIT
 * Replaces data.c if CONFIG_STORAGE is off: a plan that asks for storage is answered by a message.
 */
#include "base/feature.h"
#include "pid1/boot/data.h"
#include "pid1/console.h"

bool data_boot(struct pid1 *s, const struct plan *p, bool again)
{
	(void)again;
	const struct plan_machine *m = &plan_header(p)->machine;
	if (m->data.target || m->overlays.count || m->seed_file)
		console_say(s, SAY_ERROR, "data partition, overlays and random seed: " FEATURE_WITHOUT " ",
			feature_name(OF(STORAGE)), ": the device goes on without them", NULL);
	return false;
}

void data_save(struct pid1 *s, const struct plan *p)
{
	(void)s, (void)p;
}
