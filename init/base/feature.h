/* SPDX-License-Identifier: MIT
 * The parts of bulkhead that Kconfig can leave out (base/config.h). What a table says of one is
 * written with ON and OF, so that the row stays and its code goes: whoever asks for it is told
 * which option is missing. Programs that were built apart can disagree, so a plan says of each
 * service what it needs (plan_service.needs, bits of 1 << enum feature), and who lacks any of it
 * does not run that service.
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
	FEATURE_COUNT
};

/* In a table: a function or text of an option's, NULL where it is left out; and the option that
 * a row belongs to. */
#define ON(option, value) (CONFIG_##option ? (value) : NULL)
#define OF(option) FEATURE_##option

#define FEATURE_WITHOUT "this bulkhead was built without" /* then the option's name */

bool feature_is_built(unsigned feature); /* of what this program does not even know: no */
/* "CONFIG_LANDLOCK"; of what it does not know, words that say so */
const char *feature_name(unsigned feature);
uint32_t feature_lacking(uint32_t needs); /* those bits that this build does not have */
/* the name of the lowest of these bits, NULL if there is none */
const char *feature_first(uint32_t lacking);
