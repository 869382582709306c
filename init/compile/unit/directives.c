/* SPDX-License-Identifier: MIT
 * The directive table, of the rows in compile/unit/rows_*.def, and how a value gets into a service.
 */
#include "compile/unit/directives.h"
#include "compile/unit/unit.h"
#include "plan/names.h"
#include <limits.h>
#include <stddef.h>
#include <string.h>

#define DOC(text) ON(MANUAL, text)
#define OPTION(name) .option = FEATURE_##name, .left_out = !CONFIG_##name

/* Where a member of struct service lies. It does not compile if the member has another type than
 * its kind of value. */
#define AT_BOOL(member) \
	_Generic(&((struct service *)0)->member, bool * : offsetof(struct service, member))
#define AT_WORD(member) \
	_Generic(&((struct service *)0)->member, uint32_t * : offsetof(struct service, member))
#define AT_SPAN(member) \
	_Generic(&((struct service *)0)->member, struct span * : offsetof(struct service, member))
#define BOOL(member) .kind = KIND_BOOL, .at = AT_BOOL(member)
#define TIME(member) .kind = KIND_TIME, .at = AT_WORD(member)
#define MODE(member) .kind = KIND_MODE, .at = AT_WORD(member)
#define PATH(member) .kind = KIND_PATH, .at = AT_SPAN(member)
#define TEXT(member, most) .kind = KIND_TEXT, .at = AT_SPAN(member), .max = (most)
/* An int has the same bits: no bound is above INT_MAX. */
#define NUMBER(member, least, most) \
	.kind = KIND_NUMBER, .min = (least), .max = (most), \
	.at = _Generic(&((struct service *)0)->member, \
		uint32_t *: offsetof(struct service, member), \
		int *: offsetof(struct service, member))
#define CHOICE(member, list) .kind = KIND_CHOICE, .at = AT_WORD(member), .words = (list)
/* Setters get their room's part of struct service. */
#define OWN(room, setter) .kind = KIND_OWN, .at = offsetof(struct service, room), .set = (setter)
#define PART(room, setter, which) \
	.kind = KIND_PART, .at = offsetof(struct service, room), .set_part = (setter), .part = (which)

#define ROW(section_, key_, ...) [D_##section_##_##key_] = {#section_, #key_, __VA_ARGS__},
#define ALIAS(section_, name_, key_, ...) [D_##section_##_##name_] = {#section_, key_, __VA_ARGS__},
const struct directive directives[DIRECTIVES + 1] = {
#include "compile/unit/rows.def"
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

int directive_set(const struct directive *t, struct service *s, struct span value)
{
	struct diag *d = &s->diag;
	void *at = (char *)s + t->at;
	int err;
	switch (t->kind) {
	case KIND_OWN:
		return t->set(at, value, d);
	case KIND_PART:
		return t->set_part(at, t->part, value, d);
	case KIND_BOOL:
		return value_bool(value, at, d);
	case KIND_TIME:
		return value_time_ms(value, at, d);
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
