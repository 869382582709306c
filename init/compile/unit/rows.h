/* SPDX-License-Identifier: MIT
 * Macros for the rows of a directive table. Define ROW_OF before the include: the struct whose
 * members hold the values of the table.
 */
#include "compile/unit/directives.h"
#include "plan/names.h"
#include <limits.h>
#include <stddef.h>

#define DOC(text) ON(MANUAL, text)
#define OPTION(name) .option = FEATURE_##name, .left_out = !CONFIG_##name

/* Offset of a member. Does not compile if its type does not fit the kind of value. */
#define AT_BOOL(member) _Generic(&((ROW_OF *)0)->member, bool * : offsetof(ROW_OF, member))
#define AT_WORD(member) _Generic(&((ROW_OF *)0)->member, uint32_t * : offsetof(ROW_OF, member))
#define AT_SPAN(member) _Generic(&((ROW_OF *)0)->member, struct span * : offsetof(ROW_OF, member))
#define BOOL(member) .kind = KIND_BOOL, .at = AT_BOOL(member)
#define TIME(member) .kind = KIND_TIME, .at = AT_WORD(member)
#define TIME_FROM(member, least, most, ...) \
	TIME(member), .min = (least), .max = (most), .rule = &(const struct time_rule) \
	{ \
		__VA_ARGS__ \
	}
#define MODE(member) .kind = KIND_MODE, .at = AT_WORD(member)
#define PATH(member) .kind = KIND_PATH, .at = AT_SPAN(member)
#define TEXT(member, most) .kind = KIND_TEXT, .at = AT_SPAN(member), .max = (most)
/* An int will do as well: no bound is above INT_MAX. */
#define NUMBER(member, least, most) \
	.kind = KIND_NUMBER, .min = (least), .max = (most), \
	.at = _Generic(&((ROW_OF *)0)->member, \
		uint32_t *: offsetof(ROW_OF, member), \
		int *: offsetof(ROW_OF, member))
#define CHOICE(member, list) .kind = KIND_CHOICE, .at = AT_WORD(member), .words = (list)
/* Setters get the part of their room. */
#define OWN(room, setter) .kind = KIND_OWN, .at = offsetof(ROW_OF, room), .set = (setter)
#define PART(room, setter, which) \
	.kind = KIND_PART, .at = offsetof(ROW_OF, room), .set_part = (setter), .part = (which)
