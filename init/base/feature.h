/* SPDX-License-Identifier: MIT
 * The parts of bulkhead that Kconfig can leave out (base/config.h). Tables use ON and OF for them,
 * so that the row stays when its code is left out, and a user of it is told which option is
 * missing. Programs that were built apart can differ. So the plan says what each service needs
 * (plan_service.needs, bits of 1 << enum feature), and a program that lacks any of it does not run
 * that service.
 */
#pragma once
#include "base/config.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum feature { /* numbers are part of the plan: new ones at the end */
	FEATURE_NONE,
	FEATURE_INTERFACES,
	FEATURE_LANDLOCK,
	FEATURE_SELINUX,
	FEATURE_SELINUX_MODULES,
	FEATURE_CGROUP_BPF,
	FEATURE_CGROUP_IO,
	FEATURE_ROOT_IMAGE,
	FEATURE_OLD_MOUNT,
	FEATURE_CONDITIONS,
	FEATURE_MODULES,
	FEATURE_WATCHDOG,
	FEATURE_COMPILER,
	FEATURE_EXPLAIN,
	FEATURE_IN_FORCE,
	FEATURE_SECURITY,
	FEATURE_TRY,
	FEATURE_LEARN,
	FEATURE_KERNEL_CHECK,
	FEATURE_JSON,
	FEATURE_PLAN_DUMP,
	FEATURE_MANUAL,
	FEATURE_ERROR_TEXT,
	FEATURE_SOCKETS,
	FEATURE_STORAGE,
	FEATURE_RELOAD,
	FEATURE_TIMERS,
	FEATURE_CONTAINER,
	FEATURE_COUNT
};

/* For tables. ON: a function or text of an option, NULL if the option is off. OF: the option that a
 * row belongs to. */
#define ON(option, value) (CONFIG_##option ? (value) : NULL)
#define OF(option) FEATURE_##option

#define FEATURE_WITHOUT "this bulkhead was built without" /* then the option's name */

bool feature_is_built(unsigned feature); /* false for a number that this program does not know */
/* "CONFIG_LANDLOCK"; for a number that it does not know, words that say so */
const char *feature_name(unsigned feature);
uint32_t feature_lacking(uint32_t needs); /* the bits of `needs` that this build does not have */
/* the name of the lowest of these bits, or NULL */
const char *feature_first(uint32_t lacking);
