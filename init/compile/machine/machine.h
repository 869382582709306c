/* SPDX-License-Identifier: MIT
 * Settings of the whole machine: init.ini and fstab.
 */
#pragma once
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

struct marks_conf {
	struct span good;
	uint32_t delay_ms, settle_ms, timeout_ms; /* 0: none */
	unsigned failure, rescue;                 /* enum plan_final, plan_rescue */
};

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
	unsigned console_messages; /* enum plan_console */
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

/* Setters of directives.c; each gets its member. */
wall_setter machine_set_hostname, machine_set_sysctl, machine_set_log_size, machine_set_log_forward;

/* data.c: [Boot], as far as bulkhead-data carries it out: what is writable on the device, and what
 * is left of it after a boot. Each setter gets struct data_conf. */
wall_setter data_set_partition, data_set_overlay, data_set_reset, data_set_seed;
extern const char *const data_fallbacks[];
/* Checks the directives against each other, and fills in the machine's part of the plan. */
void data_encode(struct machine *m, struct plan_machine *machine, struct plan_writer *w);

/* marks.c: when a boot is good, who is told, and what follows if it never is. */
wall_setter marks_set_good; /* gets struct marks_conf */
void marks_encode(struct machine *m, const struct set *set, struct plan_machine *machine);

/* fstab.c: encodes the lines of /etc/fstab as struct plan_mount, in the file's order. The root,
 * swap, noauto and the file systems that PID 1 mounts itself are left out; what would hide
 * `data`'s directories is an error. */
struct plan_list fstab_encode(const struct data_conf *data, struct plan_writer *w, struct diag *d);

/* fstab_options.c */
#define FSTAB_NETWORK (1u << 31) /* _netdev */
struct fstab_options {
	uint32_t flags;  /* of mount(2) */
	uint32_t extra;  /* enum plan_mount_flags, and the above */
	const char *own; /* the file system's own; NULL if there are none */
};
/* Takes options apart, which are separated by commas. 0, or an error that has been reported. */
int fstab_read_options(struct span options, struct fstab_options *out, struct diag *d);
/* Whether mount(2) can do something with this type. 0, or an error that has been reported. */
int fstab_check_type(struct span type, struct diag *d);

/* modules.c, [Boot] Modules: names to files; what a module needs comes before it (modules.dep).
 * Returns the list for plan_machine.modules. Errors go through d. */
struct plan_list modules_encode(struct span names, struct plan_writer *w, struct diag *d);
