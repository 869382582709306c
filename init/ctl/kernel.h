/* SPDX-License-Identifier: MIT
 * `bulkctl kernel-check`: what bulkhead asks of a kernel's configuration, option by option, and
 * what a missing one costs. board/linux.fragment is the same table, as the kernel's own build reads
 * it (`make lint kernel` proves it).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum kernel_grade {
	KERNEL_BOOT,    /* without it PID 1 does not come up, or no service starts */
	KERNEL_DEFAULT, /* a service whose file opens nothing is refused */
	KERNEL_WALL,    /* a wall that stands by default is missing, and services run */
	KERNEL_FEATURE  /* only a service that asks for it is refused, or goes without */
};

struct kernel_option {
	const char *name; /* without CONFIG_ */
	/* one that its value, a list, must hold; NULL: it is y, or m where that will do */
	const char *word;
	bool module; /* m will do; [Boot] Modules of init.ini then has to name it */
	enum kernel_grade grade;
	unsigned since;      /* Linux, KERNEL(6, 1); 0 = older than all that bulkhead runs on */
	const char *used_by; /* a wall, a directive, a command */
	const char *without; /* what happens then */
};
#define KERNEL(major, minor) ((major)*1000u + (minor))
/* where a configuration has no list of its own */
#define KERNEL_LSM "landlock,lockdown,yama,loadpin,safesetid,selinux,bpf"

extern const struct kernel_option kernel_options[]; /* ends with a name of NULL */

struct kernel_config { /* the text of a .config; not changed, not ended by a NUL */
	const char *text;
	size_t n;
	unsigned version; /* as `since`; 0 = it does not say */
	unsigned lines;   /* that set or unset an option */
};

void kernel_config_read(struct kernel_config *k, const char *text, size_t n);
/* What stands behind CONFIG_NAME=, into buf without quotes; "n" if it is not set, "" if nothing
 * is said about it. */
const char *kernel_config_value(const struct kernel_config *k, const char *name, char *buf,
	size_t cap);
bool kernel_config_has(const struct kernel_config *k, const struct kernel_option *o);
/* Whether a service whose file opens nothing can start. */
bool kernel_defaults_run(const struct kernel_config *k);
/* The lines that a configuration lacks. */
void kernel_fragment(const struct kernel_config *k, FILE *out);
