/* SPDX-License-Identifier: MIT
 * What concerns the whole machine: init.ini, fstab.
 */
#pragma once
#include "compile/machine/data.h"
#include "compile/machine/marks.h"
#include "compile/unit/directives.h"

#define MACHINE_FILE "/etc/bulkhead/init.ini"
#define MACHINE_MAX_SYSCTL 128

/* A name for each directive of init.ini, M_SECTION_KEY, as D_SECTION_KEY is of service files. */
#define ROW(section, key, ...) M_##section##_##key,
enum machine_directive {
#include "compile/machine/rows.def"
	MACHINE_DIRECTIVES /* their number */
};
#undef ROW
extern const struct directive machine_directives[];

struct machine {
	struct diag diag;
	bool lost;                         /* init.ini is there and cannot be read */
	unsigned line[MACHINE_DIRECTIVES]; /* where each is said last; 0: nowhere */

	struct span hostname, default_group, console, modules;
	struct sysctl_conf {
		struct span list[MACHINE_MAX_SYSCTL]; /* NAME=VALUE */
		size_t count;
	} sysctl;
	struct {
		struct span device;
		uint32_t timeout_ms, reboot_ms; /* 0: none */
	} watchdog;
	uint32_t log_ring_kb, log_forward;
	struct data_conf data;
	struct marks_conf marks;
};

/* Fills in the defaults; m is all zero. */
void machine_init(struct machine *m);
/* Reads init.ini, before any service: its [Defaults] go to them. */
void machine_read(struct machine *m);
/* Sets its diagnostics' place to the line that says this directive. */
struct diag *machine_at(struct machine *m, enum machine_directive directive);
/* Refuses the service if init.ini is there and cannot be read: what its [Defaults] may ask for
 * is not known. */
void machine_check_defaults(const struct machine *m, struct service *s);
/* Once the services are known: DefaultGroup; then fstab and modules. */
void machine_encode(struct machine *m, const struct set *set, struct plan_machine *machine,
	struct plan_writer *w);
