/* SPDX-License-Identifier: MIT
 * [Filesystem] Landlock, and its list of rules. Rules that another one above covers are left out,
 * since each costs time at every start.
 */
#include "walls/landlock/conf.h"

void landlock_conf_init(struct landlock_conf *conf)
{
	*conf = (struct landlock_conf){.mode = LANDLOCK_MODE_AUTO};
}

const char *const landlock_modes[] = {"auto", "required", "off", NULL};

size_t landlock_add(struct landlock_conf_rule *list, size_t n, struct span path, uint32_t may)
{
	for (size_t i = 0; i < n; i++)
		if (span_below(path, list[i].path))
			may &= ~list[i].may;
	for (size_t i = 0; i < n && may; i++) {
		if (!span_same(path, list[i].path))
			continue;
		list[i].may |= may;
		return n;
	}
	if (!may || n == LANDLOCK_MAX_RULES)
		return n;
	list[n] = (struct landlock_conf_rule){path, may};
	return n + 1;
}

struct plan_blob landlock_encode(const struct landlock_conf *conf,
	const struct wall_context *context, struct plan_writer *w)
{
	struct landlock_rule rules[LANDLOCK_MAX_RULES];
	const struct landlock_conf_rule *list = context->landlock;
	size_t n = context->landlock_count;
	if (n == 0)
		return (struct plan_blob){0};
	struct landlock_plan l = {
		.flags = (conf->mode == LANDLOCK_MODE_REQUIRED ? LANDLOCK_REQUIRED : 0u) |
			(context->own_pids ? LANDLOCK_SCOPED : 0u)};
	for (size_t i = 0; i < n; i++)
		rules[i] = (struct landlock_rule){.path = plan_write_span(w, list[i].path),
			.may = list[i].may};
	l.rules = plan_write_list(w, rules, sizeof(rules[0]), n);
	return plan_write_blob(w, &l, sizeof(l));
}
