/* SPDX-License-Identifier: MIT
 * Compile half of [Filesystem] Landlock. The compile program derives the rules from the file
 * system's wall.
 */
#pragma once
#include "walls/compile.h"
#include "walls/landlock/landlock.h"

#define LANDLOCK_MAX_RULES 256

enum landlock_mode { LANDLOCK_MODE_AUTO, LANDLOCK_MODE_REQUIRED, LANDLOCK_MODE_OFF };

struct landlock_conf {
	unsigned mode; /* enum landlock_mode */
};

extern const char *const landlock_modes[]; /* enum landlock_mode; ends with NULL */

struct landlock_conf_rule {
	struct span path;
	uint32_t may; /* enum landlock_may */
};

/* Adds a rule to the n in `list`, unless one at the path or above it allows the same. Returns the
 * new count. */
size_t landlock_add(struct landlock_conf_rule *list, size_t n, struct span path, uint32_t may);
#if CONFIG_LANDLOCK
void landlock_conf_init(struct landlock_conf *conf);
struct plan_blob landlock_encode(const struct landlock_conf *conf,
	const struct wall_context *context, struct plan_writer *w);
#else
static inline void landlock_conf_init(struct landlock_conf *conf)
{
	conf->mode = LANDLOCK_MODE_AUTO;
}
static inline struct plan_blob landlock_encode(const struct landlock_conf *conf,
	const struct wall_context *context, struct plan_writer *w)
{
	(void)conf, (void)context, (void)w;
	return (struct plan_blob){0};
}
#endif
