/* SPDX-License-Identifier: MIT
 * The directive table, of the rows in compile/unit/rooms.def, and how a value gets into a service.
 */
#include "compile/unit/unit.h"
#include <string.h>

#define ROW_OF struct service
#include "compile/unit/rows.h"

#define ROW(section_, key_, ...) [D_##section_##_##key_] = {#section_, #key_, __VA_ARGS__},
#define ALIAS(section_, name_, key_, ...) [D_##section_##_##name_] = {#section_, key_, __VA_ARGS__},
const struct directive directives[DIRECTIVES + 1] = {
#include "compile/unit/rooms.def"
};

static int set_text(void *at, uint32_t most, struct span value, struct diag *d)
{
	if (most && value.n > most)
		return diag_error(d, "the text has %zu bytes, at most %u are possible", value.n, most);
	memcpy(at, &value, sizeof(value));
	return 0;
}

static int set_number(const struct directive *t, void *at, struct span value, struct diag *d)
{
	uint64_t n = 0;
	int err = value_number(value, t->min, t->max, &n, d);
	if (err == 0)
		*(uint32_t *)at = (uint32_t)n;
	return err;
}

static int set_time(const struct directive *t, uint32_t *at, struct span value, struct diag *d)
{
	const struct time_rule *rule = t->rule;
	uint32_t ms = 0;
	int err = value_time_ms(value, &ms, d);
	if (err < 0)
		return err;
	bool infinite = ms == UINT32_MAX, unlimited = infinite || (ms == 0 && t->min == 0);
	const char *why = !rule ? NULL : infinite ? rule->infinity : ms == 0 ? rule->zero : NULL;
	if (why)
		return diag_error(d, "%s", why);
	if (rule && !unlimited && (ms < t->min || ms > t->max))
		return diag_error(d, "\"%.*s\" is %s", SPAN_ARGS(value), rule->range);
	*at = rule && unlimited ? rule->never : ms;
	return 0;
}

int directive_set(const struct directive *t, void *of, struct span value, struct diag *d)
{
	void *at = (char *)of + t->at;
	int err;
	switch (t->kind) {
	case KIND_OWN:
		return t->set(at, value, d);
	case KIND_PART:
		return t->set_part(at, t->part, value, d);
	case KIND_BOOL:
		return value_bool(value, at, d);
	case KIND_TIME:
		return set_time(t, at, value, d);
	case KIND_MODE:
		return value_mode(value, at, d);
	case KIND_NUMBER:
		return set_number(t, at, value, d);
	case KIND_CHOICE:
		return value_choice(value, t->words, at, d);
	case KIND_PATH:
		err = value_path(value, d);
		return err < 0 ? err : set_text(at, 0, value, d);
	default: /* KIND_TEXT */
		return set_text(at, t->max, value, d);
	}
}
