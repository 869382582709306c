/* SPDX-License-Identifier: MIT
 * What is learned, and its record. Everything is bounded: what has no room is left out.
 */
#pragma once
#include "base/fmt.h"
#include "try/learn.h"

#define LEARN_ARGUMENTS 6
#define LEARN_NOTES (64u << 10)

struct values {
	uint64_t value[LEARN_VALUES];
	uint8_t count;
	bool many;
};

struct learn {
	int out; /* the record */
	int err; /* of writing it */
	/* one a command of ExecStart, until its last process has ended */
	int listener[LEARN_LISTENERS];
	int listeners;
	bool made[LEARN_CALLS];
	struct values values[LEARN_CALLS][LEARN_ARGUMENTS]; /* only what is used takes memory */
	char notes[LEARN_NOTES];                            /* "kind text\n" */
	struct fmt note;
	uint64_t memory, tasks;
	uint64_t asked;  /* the call that is looked at */
	int asked_where; /* its listener */
};

/* Adds a line to the record, once. Nothing if the call in question no longer waits. */
void learn_note(struct learn *l, const char *kind, const char *text);
