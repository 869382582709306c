/* SPDX-License-Identifier: MIT
 * The fields of a plan's records as a table, made from fields.def. A new member of a struct in
 * plan/format.h needs a row there; test_plan_fields finds a member without one.
 */
#pragma once
#include "plan/format.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plan_kind {
	PLAN_NUMBER,       /* from least to most */
	PLAN_BITS,         /* only bits of `most` */
	PLAN_TEXT,         /* inside the string pool */
	PLAN_PATH,         /* PLAN_TEXT that is an absolute path */
	PLAN_INDEX,        /* index of a service */
	PLAN_INDEX_OR_ALL, /* index of a service, or UINT32_MAX */
	PLAN_INDEX_AND_1,  /* 1 + index of a service, or 0 */
	PLAN_LIST,         /* from least to most records, inside the plan and aligned */
	PLAN_RECORD,       /* an embedded struct */
	PLAN_BLOB          /* of a wall; inside the plan */
};

enum plan_record {
	PLAN_RECORD_TEXT,   /* a single plan_str */
	PLAN_RECORD_STATUS, /* a uint32_t of plan_service.success, restart_prevent and restart_force */
	PLAN_RECORD_EDGE,
	PLAN_RECORD_CONDITION,
	PLAN_RECORD_COMMAND,
	PLAN_RECORD_SOCKET,
	PLAN_RECORD_STDIO,
	PLAN_RECORD_TIMER_LINE,
	PLAN_RECORD_CALENDAR,
	PLAN_RECORD_TIMER,
	PLAN_RECORD_PAIR,
	PLAN_RECORD_MOUNT,
	PLAN_RECORD_OVERLAY,
	PLAN_RECORD_MACHINE,
	PLAN_RECORD_SERVICE,
	PLAN_RECORD_COUNT
};

struct plan_field {
	uint16_t at;    /* offset in the record */
	uint8_t bytes;  /* of one element */
	uint8_t repeat; /* elements of an array, else 1 */
	uint8_t kind;   /* enum plan_kind */
	uint8_t of;     /* enum plan_record, for PLAN_LIST and PLAN_RECORD */
	uint8_t least;
	uint32_t most;
};

struct plan_fields {
	uint16_t size; /* bytes of the record */
	uint16_t count;
	const struct plan_field *field;
};

extern const struct plan_fields plan_records[PLAN_RECORD_COUNT];

/* The bytes of element `index` of a field. */
const void *plan_field_at(const void *record, const struct plan_field *f, unsigned index);
/* The value of element `index` of a field of 1, 2, 4 or 8 bytes, unsigned. */
uint64_t plan_field_value(const void *record, const struct plan_field *f, unsigned index);
