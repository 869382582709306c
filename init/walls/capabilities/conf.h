/* SPDX-License-Identifier: MIT
 * Compile half of [Capabilities]. Names are libcap's.
 */
#pragma once
#include "walls/capabilities/capabilities.h"
#include "walls/compile.h"

struct capabilities_conf {
	uint64_t bounding;
	uint64_t ambient;
	uint64_t named; /* named one by one; ~ alone means all that the kernel has */
	uint32_t securebits;
	bool ambient_given;
	bool bounding_given; /* otherwise the bounding set is AmbientCapabilities */
	bool no_new_privs;
};

void capabilities_conf_init(struct capabilities_conf *conf);
wall_setter capabilities_set_bounding, capabilities_set_ambient, capabilities_set_securebits;
/* The bounding set that follows from the directives. */
uint64_t capabilities_bounding(const struct capabilities_conf *conf);
/* Those of `set` that have an effect only in the host's user namespace: on the host's network,
 * clock, devices, kernel. */
uint64_t capabilities_over_host(uint64_t set);
/* Those of `set` that have an effect on a network namespace, in the user namespace that owns it. */
uint64_t capabilities_over_network(uint64_t set);
/* Writes "CAP_CHOWN CAP_KILL" to buf, cut to fit, and returns it. */
const char *capabilities_text(uint64_t set, char *buf, size_t cap);
struct plan_blob capabilities_encode(const struct capabilities_conf *conf,
	const struct wall_context *context, struct plan_writer *w);
