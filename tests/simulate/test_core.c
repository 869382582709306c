// needs: core plan base tests/simulate
/* SPDX-License-Identifier: MIT
 * Random histories of init/core against the invariants of judge.c. COUNT= says how many, SEED=
 * which is the first: history n has the seed SEED+n, so that COUNT=1 SEED=x replays the one that
 * broke something, with its trace (TRACE=1 shows it in any case). JOBS= says how many processes.
 */
#include "simulate/sim.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

/* What one process of several has counted. */
struct part {
	struct sim_totals totals;
	struct invariant_count invariants[INV_COUNT];
	uint64_t broken, first_broken;
	bool ended;
};

/* Histories `first`, `first` + step and so on. */
static void run_part(struct part *part, uint64_t seed, uint64_t first, uint64_t step,
	uint64_t count)
{
	for (uint64_t n = first; n < count; n += step)
		if (!history_run(&sim, seed + n, false) && part->broken++ == 0)
			part->first_broken = seed + n;
	part->totals = totals;
	memcpy(part->invariants, invariants, sizeof(part->invariants));
	part->ended = true;
}

static void add_invariants(const struct part *part)
{
	for (uint32_t k = 0; k < INV_COUNT; k++) {
		const struct invariant_count *n = &part->invariants[k];
		if (n->broken && (!invariants[k].broken || n->first_seed < invariants[k].first_seed))
			invariants[k].first_seed = n->first_seed;
		invariants[k].checked += n->checked;
		invariants[k].broken += n->broken;
	}
}

static void add_part(struct part *all, const struct part *part)
{
	const uint64_t *from = (const uint64_t *)&part->totals;
	uint64_t *to = (uint64_t *)&totals;
	for (size_t i = 0; i < sizeof(totals) / sizeof(*to); i++)
		to[i] += from[i];
	add_invariants(part);
	if (part->broken && (!all->broken || part->first_broken < all->first_broken))
		all->first_broken = part->first_broken;
	all->broken += part->broken;
	all->ended = all->ended && part->ended;
}

/* The histories are shared out among processes: each has a judge of its own. */
static struct part run_all(uint64_t seed, uint64_t count, uint64_t jobs)
{
	struct part all = {.ended = true};
	struct part *parts = mmap(NULL, jobs * sizeof(*parts), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (parts == MAP_FAILED)
		return (struct part){.ended = false};
	for (uint64_t i = 0; i < jobs; i++) {
		if (fork() != 0)
			continue;
		run_part(&parts[i], seed, i, jobs, count);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	for (uint64_t i = 0; i < jobs; i++)
		add_part(&all, &parts[i]);
	return all;
}

int main(void)
{
	uint64_t count = number("COUNT", DEFAULT_COUNT),
			 seed = number("SEED", (uint64_t)time(NULL) * 1000003u % 1000000000u),
			 jobs = number("JOBS", (uint64_t)sysconf(_SC_NPROCESSORS_ONLN));
	bool trace = number("TRACE", 0);
	time_t began = time(NULL);
	struct part all = run_all(seed, count, jobs ? jobs : 1);
	print_totals(seed, difftime(time(NULL), began));
	int failed = print_invariants() + !all.ended;
	if (!all.ended)
		printf("BROKEN a process of the simulation did not come to its end\n");
	if (count >= ENOUGH_TO_REACH_ALL)
		failed += print_reach();
	if (all.broken || trace)
		replay(all.broken ? all.first_broken : seed);
	printf("core: %" PRIu64 " histories, %" PRIu64 " failed", count, all.broken);
	if (all.broken)
		printf(", the first with SEED=%" PRIu64 ": %s", all.first_broken,
			sim.broken ? sim.broken : "held when tried again");
	printf("\n");
	return failed ? 1 : 0;
}
