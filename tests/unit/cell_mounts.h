/* SPDX-License-Identifier: MIT
 * A service's mounts as text that can be compared, from lines "MOUNT ID PARENT ROOT PLACE OPTIONS
 * TYPE SOURCE OPTIONS" in its output.
 */
#pragma once
#include <stddef.h>

/* The mounts of an output, sorted, without what the two ways do differently: the order, the
 * source's name, and what another mount covers, to which no path leads that mount(2) could take. */
void mounts_take(const char *output, char *into, size_t cap);
