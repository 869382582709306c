/* SPDX-License-Identifier: MIT
 * What a service's files open beyond the default, where everything is closed: each opening with a
 * reason and a weight. The sum is the score.
 */
#pragma once
#include "compile/unit/service.h"
#include "walls/report.h"

#define SECURITY_MAX_OPENINGS 256
#define SECURITY_MAX_SCORE 100 /* tenths */

struct security_opening {
	char what[160];            /* "CAP_NET_ADMIN" */
	const char *why;           /* what an attacker in the service gains by it */
	unsigned weight;           /* tenths of a point */
	const struct place *place; /* the line that opens it; NULL = none */
};

struct security {
	const struct service *service;
	struct security_opening opening[SECURITY_MAX_OPENINGS]; /* heaviest first */
	size_t count;
	unsigned score; /* tenths, 0 (nothing is open) to SECURITY_MAX_SCORE */
};

/* The line of its files with this directive that counts, or NULL. */
const struct place *security_place(const struct service *s, enum directive_id directive);
/* The directives of its files that close more than the default; returns how many. */
#define SECURITY_MAX_CLOSED 32
size_t security_closed(const struct service *s, const char *key[static SECURITY_MAX_CLOSED]);
void security_listening(const struct security_look *l, const struct security_row *row);
void security_judge(const struct service *s, struct security *found);
/* Prints all services of the set, or those named. `limit` in tenths: returns whether no score
 * exceeds it; services that do are named on standard error. */
bool security_print(const struct set *set, char *const *names, bool json, unsigned limit);
