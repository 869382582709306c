/* SPDX-License-Identifier: MIT
 * From the record that bulkhead-try has made of a service (try/learn.h) to the lines of a drop-in.
 * They open what the service asked for, and nothing else.
 */
#pragma once
#include "compile/unit/service.h"
#include <stdbool.h>
#include <stdio.h>

#define LEARNED_CALLS 512
#define LEARNED_ARGUMENTS 6
#define LEARNED_VALUES 24

struct learned_values {
	uint64_t value[LEARNED_VALUES];
	unsigned count;
	unsigned given; /* runs that could list all values */
	bool many;
};

struct learned_note {
	const char *kind, *text;
};

struct learned {                  /* of all runs in the record */
	unsigned made[LEARNED_CALLS]; /* runs in which the call was made */
	struct learned_values values[LEARNED_CALLS][LEARNED_ARGUMENTS];
	struct learned_note *note;
	size_t notes;
	uint64_t memory, tasks;
};

/* Parses a record, in place. False if a line is not one of a record; *line is its number. */
bool learned_read(struct learned *l, char *text, unsigned *line);
/* Prints the drop-in for `s`, the service without it. grant: also open capabilities, devices and
 * kernel files that it asked for; otherwise they are listed in comments, because most services try
 * more than they need. */
void learned_print(const struct learned *l, const struct service *s, bool grant, FILE *out);
/* learned_open.c: the sections before [Cgroup]. */
void learned_openings(const struct learned *l, const struct service *s, bool grant, FILE *out);
void learned_add_value(struct learned_values *v, uint64_t value);
/* The values of one of a call's arguments, or NULL if it was not made. */
const struct learned_values *learned_argument(const struct learned *l, const char *call,
	unsigned index);
