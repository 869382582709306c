/* SPDX-License-Identifier: MIT
 * What bulkhead-try has learned of a service (the record of try/learn.h) into the lines of a
 * drop-in that open what was asked for, and nothing else.
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
	unsigned given; /* runs that could list them all */
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

/* False if a line of the text is none of a record's; *line says which. */
bool learned_read(struct learned *l, char *text, unsigned *line);
/* The drop-in for `s`, which is the service without it. grant: capabilities, devices and kernel
 * files too that it asked for; else those are told of in comments, for most services try more
 * than they need. */
void learned_print(const struct learned *l, const struct service *s, bool grant, FILE *out);
/* learned_open.c: the sections before [Cgroup]. */
void learned_openings(const struct learned *l, const struct service *s, bool grant, FILE *out);
/* Whether a call was made with this in an argument (any value: all bits of `bits` in it). */
bool learned_made(const struct learned *l, const char *call);
const struct learned_values *learned_argument(const struct learned *l, const char *call,
	unsigned index);
