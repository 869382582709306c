/* SPDX-License-Identifier: MIT
 * Places of the control socket: see places.h. */
#include "pid1/control/places.h"

#define ROOT_PLACES 2u /* those who may only look cannot lock out who may act */

/* Reasons to drop a client, the strongest first. */
struct claim {
	uint32_t of_service; /* places that its service has, the newcomer counted */
	uint32_t of_user;    /* and those of them that its user has */
	uint32_t idle;       /* it has asked for nothing, or only has its answer to take */
	uint64_t age;
};

static uint32_t idleness(uint32_t state)
{
	return state == CLIENT_READING ? 2 : state != CLIENT_WAITING;
}

static struct claim claim_of(const struct client *list, uint32_t n, const struct client *c,
	const struct client *newcomer)
{
	struct claim claim = {.idle = idleness(c->state), .age = UINT64_MAX - c->since_ms};
	for (uint32_t i = 0; i <= n; i++) {
		const struct client *o = i < n ? &list[i] : newcomer;
		bool same = o->state != CLIENT_FREE && o->service == c->service;
		claim.of_service += same;
		claim.of_user += same && o->uid == c->uid;
	}
	return claim;
}

static bool weighs_more(const struct claim *a, const struct claim *b)
{
	if (a->of_service != b->of_service)
		return a->of_service > b->of_service;
	if (a->of_user != b->of_user)
		return a->of_user > b->of_user;
	return a->idle != b->idle ? a->idle > b->idle : a->age > b->age;
}

uint32_t places_for(const struct client *list, uint32_t n, int32_t service, uint32_t uid)
{
	const struct client newcomer = {.state = CLIENT_READING, .service = service, .uid = uid};
	uint32_t strangers = 0, place = PLACES_NONE, victim = PLACES_NONE;
	struct claim most = {0};
	for (uint32_t i = 0; i < n; i++) {
		const struct client *c = &list[i];
		if (c->state == CLIENT_FREE) {
			place = i;
			continue;
		}
		strangers += c->uid != 0;
		struct claim claim = claim_of(list, n, c, &newcomer);
		if ((uid != 0 && c->uid == 0) || (victim != PLACES_NONE && !weighs_more(&claim, &most)))
			continue;
		victim = i;
		most = claim;
	}
	bool may = uid == 0 || strangers + ROOT_PLACES < n;
	return may && place != PLACES_NONE ? place : victim;
}
