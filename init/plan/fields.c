/* SPDX-License-Identifier: MIT
 * The table of fields: see fields.h.
 */
#include "plan/fields.h"
#include "base/count.h"
#include <string.h>

#define ROW(record, member, element, count, kind, of, least, most) \
	{offsetof(struct record, member), sizeof(element), count, PLAN_##kind, of, least, most},
#define MEMBER(record, member) ((const struct record *)0)->member
#define F(record, member, kind, of, least, most, ...) \
	ROW(record, member, MEMBER(record, member), 1, kind, of, least, most)
#define A(record, member, kind, of, least, most, ...) \
	ROW(record, member, MEMBER(record, member)[0], COUNT(MEMBER(record, member)), kind, of, least, \
		most)
#define BEGIN(name) static const struct plan_field fields_of_##name[] = {
#define END \
	} \
	;
#include "plan/fields.def"

static const struct plan_field text[] = {{0, sizeof(plan_str), 1, PLAN_TEXT, 0, 0, 0}};
static const struct plan_field status[] = {
	{0, sizeof(uint32_t), 1, PLAN_NUMBER, 0, 0, PLAN_MAX_STATUS}};

#define FIELDS(record, list) \
	{ \
		sizeof(record), COUNT(list), list \
	}

const struct plan_fields plan_records[PLAN_RECORD_COUNT] = {
	[PLAN_RECORD_TEXT] = FIELDS(plan_str, text),
	[PLAN_RECORD_STATUS] = FIELDS(uint32_t, status),
	[PLAN_RECORD_EDGE] = FIELDS(struct plan_edge, fields_of_EDGE),
	[PLAN_RECORD_CONDITION] = FIELDS(struct plan_condition, fields_of_CONDITION),
	[PLAN_RECORD_COMMAND] = FIELDS(struct plan_command, fields_of_COMMAND),
	[PLAN_RECORD_SOCKET] = FIELDS(struct plan_socket, fields_of_SOCKET),
	[PLAN_RECORD_STDIO] = FIELDS(struct plan_stdio, fields_of_STDIO),
	[PLAN_RECORD_TIMER_LINE] = FIELDS(struct plan_timer_line, fields_of_TIMER_LINE),
	[PLAN_RECORD_CALENDAR] = FIELDS(struct plan_calendar, fields_of_CALENDAR),
	[PLAN_RECORD_TIMER] = FIELDS(struct plan_timer, fields_of_TIMER),
	[PLAN_RECORD_PAIR] = FIELDS(struct plan_pair, fields_of_PAIR),
	[PLAN_RECORD_MOUNT] = FIELDS(struct plan_mount, fields_of_MOUNT),
	[PLAN_RECORD_OVERLAY] = FIELDS(struct plan_overlay, fields_of_OVERLAY),
	[PLAN_RECORD_MACHINE] = FIELDS(struct plan_machine, fields_of_MACHINE),
	[PLAN_RECORD_SERVICE] = FIELDS(struct plan_service, fields_of_SERVICE),
};

const void *plan_field_at(const void *record, const struct plan_field *f, unsigned index)
{
	return (const unsigned char *)record + f->at + (size_t)index * f->bytes;
}

uint64_t plan_field_value(const void *record, const struct plan_field *f, unsigned index)
{
	uint64_t value = 0; /* a plan is little endian, as all machines are that it is for */
	memcpy(&value, plan_field_at(record, f, index), f->bytes <= sizeof(value) ? f->bytes : 0);
	return value;
}
