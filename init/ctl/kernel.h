/* SPDX-License-Identifier: MIT
 * `bulkctl kernel-check`: the options that bulkhead needs in a kernel's configuration, and what a
 * missing one costs. board/linux.fragment is the same table in the form of the kernel's build
 * (`make lint kernel` compares them).
 */
#pragma once
#include "base/kernel.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum kernel_grade {
	KERNEL_BOOT,    /* without it PID 1 does not start, or no service does */
	KERNEL_DEFAULT, /* even a service whose file opens nothing is refused */
	KERNEL_WALL,    /* a default wall is missing, and services run */
	KERNEL_FEATURE  /* only a service that asks for it is refused, or runs without it */
};

struct kernel_option {
	const char *name; /* without CONFIG_ */
	/* a word that the option's list must have; NULL: it is y, or m if that will do */
	const char *word;
	bool module; /* m will do; then [Boot] Modules of init.ini must name it */
	enum kernel_grade grade;
	unsigned since;      /* first Linux version, KERNEL(6, 1); 0 = older than all supported ones */
	const char *used_by; /* a wall, a directive, a command */
	const char *without; /* what happens without it */
};
/* for a configuration without a list of its own */
#define KERNEL_LSM "landlock,lockdown,yama,loadpin,safesetid,selinux,bpf"

extern const struct kernel_option kernel_options[]; /* ends with a name of NULL */

/* What no option switches on: a kernel has it by its version. */
struct kernel_feature {
	unsigned since;
	const char *name;
	const char *without;
};
extern const struct kernel_feature kernel_features[]; /* ends with a name of NULL; oldest first */

struct kernel_config { /* the text of a .config, borrowed, not NUL-terminated */
	const char *text;
	size_t n;
	unsigned version; /* as `since`; 0 = not known */
	unsigned lines;   /* lines that set or unset an option */
};

void kernel_config_read(struct kernel_config *k, const char *text, size_t n);
/* The value of CONFIG_NAME without quotes, in buf; "n" if it is not set, "" if it is not
 * mentioned. */
const char *kernel_config_value(const struct kernel_config *k, const char *name, char *buf,
	size_t cap);
bool kernel_config_has(const struct kernel_config *k, const struct kernel_option *o);
/* Whether it is known to be older. */
bool kernel_too_old(const struct kernel_config *k, unsigned since);
/* Whether a service whose file opens nothing can start. */
bool kernel_defaults_run(const struct kernel_config *k);
/* Prints the lines that a configuration lacks. */
void kernel_fragment(const struct kernel_config *k, FILE *out);
