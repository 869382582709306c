/* SPDX-License-Identifier: MIT
 * Condition…: see conditions.h. A condition that cannot be looked at does not hold. */
#include "pid1/conditions.h"
#include "base/span.h"
#include "pid1/mark.h"
#include <string.h>
#include <unistd.h>

static bool exact_command_line(const char *wanted)
{
	char value[256];
	char word[128];
	const char *eq = strchr(wanted, '=');
	if (!eq)
		return conditions_command_line(wanted, NULL, 0);
	if (span_copy((struct span){wanted, (size_t)(eq - wanted)}, word, sizeof word) < 0)
		return false;
	return conditions_command_line(word, value, sizeof value) && strcmp(value, eq + 1) == 0;
}

static const char *architecture(void)
{
#if defined __x86_64__
	return "x86-64";
#elif defined __aarch64__
	return "arm64";
#elif defined __arm__
	return "arm";
#else
	return "unknown";
#endif
}

static bool holds(const struct plan *p, const struct plan_condition *c)
{
	const char *value = plan_text(p, c->value);
	switch ((enum plan_condition_kind)c->kind) {
	case COND_PATH_EXISTS:
		return access(value, F_OK) == 0;
	case COND_KERNEL_COMMAND_LINE:
		return exact_command_line(value);
	case COND_ARCHITECTURE:
		return strcmp(value, architecture()) == 0 || (strcmp(value, "native") == 0);
	case COND_FIRST_BOOT: /* value "no": holds on every boot but the first */
		return mark_is_first_boot() == (strcmp(value, "no") != 0);
	case COND_KIND_COUNT:
		break;
	}
	return false;
}

bool conditions_hold(const struct plan *p, const struct plan_service *s)
{
	const struct plan_condition *c = plan_elements(p, s->conditions, sizeof *c);
	for (uint32_t i = 0; c && i < s->conditions.count; i++)
		if (holds(p, &c[i]) == (c[i].negate != 0))
			return false;
	return true;
}
