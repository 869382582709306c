/* SPDX-License-Identifier: MIT
 * Settings of the whole machine: init.ini and fstab.
 */
#pragma once
#include "compile/machine/data.h"
#include "compile/machine/marks.h"
#include "compile/unit/directives.h"

#define MACHINE_FILE "/etc/bulkhead/init.ini"
#define MACHINE_MAX_SYSCTL 128

/* A name for each directive of init.ini, M_SECTION_KEY, like D_SECTION_KEY for service files. */
#define ROW(section, key, ...) M_##section##_##key,
enum machine_directive {
#include "compile/machine/rows.def"
	MACHINE_DIRECTIVES /* their number */
};
#undef ROW
extern const struct directive machine_directives[];

struct machine {
	struct diag diag;
	bool lost;                         /* init.ini exists and cannot be read */
	unsigned line[MACHINE_DIRECTIVES]; /* the last line that sets each; 0 = none */

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

/* Sets the defaults; m must be all zero. */
void machine_init(struct machine *m);
/* Reads init.ini. Called before any service is read, because services get its [Defaults]. */
void machine_read(struct machine *m);
/* Sets the diagnostics' place to the line of this directive, and returns them. */
struct diag *machine_at(struct machine *m, enum machine_directive directive);
/* The index of a service that this directive names, or -1 once it has reported that there is none
 * or that it is refused; `instead`: what follows from that, behind the message. */
int machine_service(struct machine *m, const struct set *set, enum machine_directive directive,
	struct span name, const char *instead);
/* Refuses the service if init.ini exists and cannot be read, because its [Defaults] are not
 * known. */
void machine_check_defaults(const struct machine *m, struct service *s);
/* Called when the services are known: DefaultGroup, fstab and modules. */
void machine_encode(struct machine *m, const struct set *set, struct plan_machine *machine,
	struct plan_writer *w);
