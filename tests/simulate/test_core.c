// needs: core plan base tests/simulate
/* SPDX-License-Identifier: MIT
 * Random histories of init/core against the invariants of judge.c. COUNT= says how many, SEED=
 * which is the first: history n has the seed SEED+n, so that COUNT=1 SEED=x replays the one that
 * broke something, with its trace (TRACE=1 shows it in any case).
 */
#include "simulate/sim.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DEFAULT_COUNT 250000
#define ENOUGH_TO_REACH_ALL 20000

static struct sim sim;

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static int print_invariants(void)
{
	int failed = 0;
	for (uint32_t k = 0; k < INV_COUNT; k++) {
		const struct invariant_count *n = &invariants[k];
		printf("%-6s %12" PRIu64 " x %s", n->broken ? "BROKEN" : "held", n->checked,
			invariant_name((enum invariant)k));
		if (n->broken)
			printf(": %" PRIu64 " times, first SEED=%" PRIu64, n->broken, n->first_seed);
		printf("\n");
		failed += n->broken > 0;
	}
	return failed;
}

/* A simulation that no longer gets somewhere proves nothing about it. */
static int unreached(const char *what, const uint64_t *counts, uint32_t count, uint32_t first,
	uint64_t excused)
{
	int missing = 0;
	for (uint32_t k = first; k < count; k++) {
		if (counts[k] || excused >> k & 1)
			continue;
		printf("BROKEN the histories never reach %s %u\n", what, k);
		missing++;
	}
	return missing;
}

static int print_reach(void)
{
	int missing = unreached("event", totals.by_event, EV_KIND_COUNT, 0, 0);
	missing += unreached("action", totals.by_action, ACT_KIND_COUNT, 0, 0);
	missing += unreached("notice", totals.by_notice, NOTICE_COUNT, 0, 0);
	/* is so from the beginning */
	missing += unreached("state", totals.by_state, SVC_STATE_COUNT, 0, 1u << SVC_REFUSED);
	/* comes of a damaged block alone */
	missing += unreached("outcome", totals.by_outcome, OUT_COUNT, 0, 1u << OUT_LOST);
	missing += unreached("list", totals.by_list, EXEC_COUNT, 0, 0);
	return missing;
}

static void print_totals(uint64_t seed, double seconds)
{
	printf("%" PRIu64 " histories (SEED=%" PRIu64 "), %" PRIu64 " events, %" PRIu64
		   " actions, %.0f days of virtual time in %.1f s\n",
		totals.histories, seed, totals.events, totals.actions, (double)totals.virtual_ms / 86400e3,
		seconds);
	printf("%" PRIu64 " shutdowns, %" PRIu64 " came to rest, %" PRIu64 " cut off; %" PRIu64
		   " adoptions, %" PRIu64 " damaged blocks, %" PRIu64 " of them rejected\n",
		totals.shutdowns, totals.quiet, totals.cut_off, totals.adoptions, totals.corruptions,
		totals.rejections);
}

static void replay(uint64_t seed)
{
	printf("---- replay ----\n");
	if (history_run(&sim, seed, true))
		printf("held every invariant\n");
	else
		printf("BROKEN: %s: %s\n", sim.broken, sim.message);
	printf("----------------\n");
}

int main(void)
{
	uint64_t count = number("COUNT", DEFAULT_COUNT),
			 seed = number("SEED", (uint64_t)time(NULL) * 1000003u % 1000000000u);
	bool trace = number("TRACE", 0);
	clock_t began = clock();
	uint64_t first_broken = 0, broken = 0;
	for (uint64_t n = 0; n < count; n++)
		if (!history_run(&sim, seed + n, false) && broken++ == 0)
			first_broken = seed + n;
	double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
	print_totals(seed, seconds);
	int failed = print_invariants();
	if (count >= ENOUGH_TO_REACH_ALL)
		failed += print_reach();
	if (broken || trace)
		replay(broken ? first_broken : seed);
	printf("core: %" PRIu64 " histories, %" PRIu64 " failed", count, broken);
	if (broken)
		printf(", the first with SEED=%" PRIu64 ": %s", first_broken,
			sim.broken ? sim.broken : "held when tried again");
	printf("\n");
	return failed ? 1 : 0;
}
