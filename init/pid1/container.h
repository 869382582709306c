/* SPDX-License-Identifier: MIT
 * PID 1 as process 1 of a container. Container managers set the variable `container` in its
 * environment to their name (systemd.io/CONTAINER_INTERFACE). The kernel passes words of its
 * command line in the environment too, so that it counts only in a PID namespace that is not the
 * kernel's first.
 *
 * In a container these are the host's: the kernel's command line and log, modules, the watchdog,
 * the SELinux policy, and sysctls that are read-only. PID 1 leaves them alone.
 */
#pragma once
#include "base/config.h"
#include <stdbool.h>

#define CONTAINER_WORDS 16 /* arguments of PID 1 at most; more are ignored */

/* Keeps the arguments and the environment that PID 1 was started with; both end with NULL and must
 * stay. Call it once, first. */
void container_note(char **words, char **environment);
bool container_is_around(void); /* use the next one, so that the compiler drops what it guards */
/* Needs /proc. The answer does not change. */
static inline bool container_here(void)
{
	return CONFIG_CONTAINER && container_is_around();
}
const char *container_name(void); /* "podman", ...; "" = none */
/* The arguments stand for the words of the kernel's command line. NULL-terminated. */
char *const *container_words(void);
/* What PID 1 hands on when it executes itself: all in a container, otherwise nothing. */
char *const *container_environment(void);
