/* SPDX-License-Identifier: MIT
 * One history: the loop around core as PID 1 runs it, with requests, a shutdown, jumps of the
 * clock, a second core that crashed at a random moment and adopted the state block, and events that
 * core should not have been sent.
 */
#include "simulate/random.h"
#include <string.h>

static void copy_core(struct core *to, const struct sim *s)
{
	memcpy(to, &s->core, offsetof(struct core, service) + s->count * sizeof(*s->core.service));
}

/* Between any two calls PID 1 may die; what it left behind must go on as if nothing had
 * happened. */
static void maybe_crash(struct sim *s)
{
	if (!s->has_shadow && s->crash_at-- == 0) {
		copy_core(&s->shadow, s);
		s->has_shadow = true;
	} else if (!s->has_shadow || !random_chance(s, 5)) {
		return;
	}
	totals.adoptions++;
	expect(s, INV_ADOPTED_SAME, core_adopt(&s->shadow, &s->plan, s->now),
		"core_adopt rejects a sound block");
}

static bool same_action(const struct core_action *a, const struct core_action *b)
{
	return a->kind == b->kind && a->service == b->service && a->slot == b->slot &&
		a->list == b->list && a->index == b->index && a->value == b->value &&
		a->argument == b->argument;
}

static bool next_action(struct sim *s, struct core_action *a)
{
	struct core_action other;
	maybe_crash(s);
	judge_remember(s);
	bool more = core_next(&s->core, &s->plan, s->now, s->heard, a);
	if (s->has_shadow) {
		bool more_too = core_next(&s->shadow, &s->plan, s->now, s->heard, &other);
		expect(s, INV_ADOPTED_SAME, more == more_too && (!more || same_action(a, &other)),
			"kind %u for s%u, and kind %u for s%u", more ? a->kind : 99u, more ? a->service : 0u,
			more_too ? other.kind : 99u, more_too ? other.service : 0u);
	}
	judge_changes(s, NULL);
	return more;
}

static void deliver(struct sim *s, struct core_event ev, const char *how)
{
	maybe_crash(s);
	trace_event(s, &ev, how);
	judge_remember(s);
	core_event(&s->core, &s->plan, ev, s->now);
	if (s->has_shadow)
		core_event(&s->shadow, &s->plan, ev, s->now);
	totals.events++;
	if (ev.kind < EV_KIND_COUNT)
		totals.by_event[ev.kind]++;
	if (!s->broken)
		judge_event(s, &ev);
}

/* As PID 1 reads its clock before it reads its mail: while something lies unread, time stands
 * before it. */
static void hear(struct sim *s)
{
	uint64_t unread = world_next(s);
	s->heard = unread <= s->now ? (unread ? unread - 1 : 0) : s->now;
}

/* Does what core decides, as PID 1 does: what comes to nothing is told at once, and a round of
 * the loop has a bound. */
static void drain(struct sim *s)
{
	struct core_action a;
	struct core_event ev;
	hear(s);
	uint32_t most = 32 + 16 * s->count,
			 round = random_chance(s, 3) ? 1 + random_below(s, 3) : most + 1;
	s->drained = false;
	for (uint32_t n = 0; !s->broken && next_action(s, &a); n++) {
		trace_action(s, &a);
		if (!expect(s, INV_BOUNDED, n < most, "more than %u actions", most))
			return;
		if (!s->broken)
			judge_action(s, &a);
		if (!s->broken && world_act(s, &a, &ev))
			deliver(s, ev, "at once");
		if (n == round)
			return;
	}
	s->drained = !s->broken;
	if (s->drained)
		judge_drained(s);
}

/* ---- requests ---- */

static void request(struct sim *s)
{
	uint32_t kind = RANDOM_OF(s, EV_START, EV_START, EV_START, EV_STOP, EV_STOP, EV_STOP,
		EV_RESTART, EV_RESTART, EV_RESET, EV_LIMIT, EV_RELOAD, EV_RELOAD);
	s->requests_left--;
	s->next_request = s->requests_left ? s->now + random_below(s, RANDOM_OF(s, 5, 100, 3000, 30000))
									   : CORE_NEVER;
	struct core_event ev = {.kind = (uint16_t)kind, .service = (uint16_t)random_below(s, s->count)};
	if (kind == EV_LIMIT) /* nobody's request, but as likely at any time */
		ev.value = (int32_t)random_below(s, 2);
	deliver(s, ev, kind == EV_LIMIT ? "limit" : "request");
}

static void final(struct sim *s)
{
	s->final_planned = CORE_NEVER;
	s->steps = 0;
	deliver(s,
		(struct core_event){.kind = EV_FINAL,
			.value = 1 + (int32_t)random_below(s, FINAL_COUNT - 1)},
		"request");
}

/* ---- noise ---- */

static bool none_known(const struct sim_service *v)
{
	return !v->slot[SLOT_MAIN].known && !v->slot[SLOT_CONTROL].known;
}

/* An event that says nothing new, or false if this roll of the dice gives none. */
static bool idle_event(struct sim *s, struct core_event *ev)
{
	uint32_t i = random_below(s, s->count), slot = random_below(s, 2);
	const struct core_service *cs = &s->core.service[i];
	const struct sim_service *v = &s->service[i];
	const struct plan_service *ps = plan_service(&s->plan, i);
	*ev = (struct core_event){.kind = (uint16_t)random_below(s, EV_KIND_COUNT + 2),
		.service = (uint16_t)i,
		.slot = (uint16_t)slot,
		.value = (int32_t)random_below(s, 300)};
	if (random_chance(s, 10))
		ev->service = (uint16_t)(s->count + random_below(s, 1000));
	else if (random_chance(s, 10))
		ev->slot = (uint16_t)(2 + random_below(s, 1000));
	bool nowhere = ev->service >= s->count, no_slot = ev->slot > SLOT_CONTROL;
	switch (ev->kind) {
	case EV_STARTED:
		return nowhere || no_slot || !v->slot[slot].known;
	case EV_FAILED:
		return nowhere || (cs->state != SVC_LISTENING && (no_slot || !v->slot[slot].known));
	case EV_EXITED:
		return nowhere || no_slot || !v->slot[slot].known;
	case EV_LEFT:
		return nowhere || !v->slot[SLOT_MAIN].known;
	case EV_READY:
		return nowhere || ps->type != TYPE_NOTIFY || !v->slot[SLOT_MAIN].known;
	case EV_RELOADING:
		ev->value = (int32_t)random_below(s, 5);
		return nowhere || cs->reloads != RELOADS_ASKED;
	case EV_RELOAD:
		return nowhere || cs->state != SVC_UP || !ps->reload_signal;
	case EV_PING:
		return nowhere || ps->watchdog_ms == 0 || !v->slot[SLOT_MAIN].known;
	case EV_EMPTY:
		return nowhere || !cs->populated;
	case EV_LIMIT:
		return nowhere || none_known(v) || (!judge_is_starting(cs->state) && cs->state != SVC_UP);
	case EV_SKIPPED:
		return nowhere ||
			(cs->state != SVC_LISTENING &&
				(none_known(v) || !judge_is_starting(cs->state) || cs->state == SVC_POST));
	case EV_CLEANED:
		return nowhere || !cs->cleaning;
	case EV_CONNECT:
		return nowhere || cs->state != SVC_LISTENING || cs->opening;
	case EV_FINAL:
		ev->value = random_chance(s, 50) ? FINAL_NONE : FINAL_COUNT + ev->value;
		return true;
	case EV_START:
	case EV_STOP:
	case EV_RESTART:
	case EV_RESET:
		return nowhere || cs->state == SVC_REFUSED;
	default:
		return true;
	}
}

static void noise(struct sim *s)
{
	struct core_event ev;
	if (s->mode == MODE_WILD) {
		ev = (struct core_event){.kind = (uint16_t)random_below(s, EV_FINAL),
			.service = (uint16_t)random_below(s, s->count + 1),
			.slot = (uint16_t)random_below(s, 3),
			.value = (int32_t)random_next(&s->random)};
		deliver(s, ev, "wild");
		return;
	}
	if (!idle_event(s, &ev))
		return;
	deliver(s, ev, "idle");
	bool same = !memcmp(s->before, s->core.service, s->count * sizeof(*s->before)) &&
		s->final_before == s->core.final;
	expect(s, INV_IDLE_EVENTS, same, "event kind %u, service %u, slot %u", ev.kind, ev.service,
		ev.slot);
}

/* ---- the loop ---- */

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void prepare(struct sim *s, uint64_t seed, bool trace)
{
	memset(s, 0, offsetof(struct sim, core));
	s->seed = seed;
	s->random = seed * 0x2545f4914f6cdd1dull;
	s->trace = trace;
	s->has_shadow = false;
	uint32_t mode = random_below(s, 100);
	s->mode = mode < 75 ? MODE_CALM : mode < 93 ? MODE_BENIGN : MODE_WILD;
	s->natural_empty = random_chance(s, 70);
	s->held = random_chance(s, 30) ? 20 : 1;
	plans_make(s);
	world_moods(s);
	s->now = random_chance(s, 20) ? random_next(&s->random) >> 16 : random_below(s, 100000);
	s->requests_left = random_chance(s, 60) ? random_below(s, 12) : 0;
	s->next_request = s->requests_left ? s->now + random_below(s, 5000) : CORE_NEVER;
	s->final_planned = random_chance(s, 75)
		? s->now + random_below(s, RANDOM_OF(s, 10, 1000, 30000, 30000))
		: CORE_NEVER;
	s->moment = s->heard = s->now;
	s->final_at = CORE_NEVER;
	s->crash_at = random_below(s, 200);
	s->reloads = random_chance(s, 30);
	s->corrupt_at = random_chance(s, 25) ? 1 + random_below(s, 60) : UINT32_MAX;
	for (uint32_t i = 0; i < s->count; i++)
		s->service[i].fed = CORE_NEVER;
}

/* To the next thing that happens, sometimes far beyond it: the board was suspended, or PID 1 had
 * no time. False if nothing is. */
static bool wait(struct sim *s)
{
	uint64_t at = min(min(world_next(s), core_deadline(&s->core)),
		min(s->next_request, s->final_planned));
	if (!s->drained) /* there is still something to do at this moment */
		return true;
	if (at == CORE_NEVER)
		return false;
	if (random_chance(s, s->held)) {
		uint64_t jump = random_below(s,
			s->held > 1 ? RANDOM_OF(s, 50, 3000) : RANDOM_OF(s, 50, 5000, 3600 * 1000));
		at += jump;
		s->final_bound += s->final_at != CORE_NEVER && s->final_bound != CORE_NEVER ? jump : 0;
	}
	s->now = at > s->now ? at : s->now;
	return true;
}

static void step(struct sim *s)
{
	struct core_event ev;
	if (s->steps == s->corrupt_at)
		corrupt_try(s);
	if (s->mode != MODE_WILD && s->reloads && random_chance(s, 2))
		reload_try(s);
	if (s->final_planned <= s->now)
		final(s);
	else if (s->next_request <= s->now)
		request(s);
	else if (world_next(s) <= s->now && world_happen(s, &ev))
		deliver(s, ev, "event");
	s->drained = false;
	if (s->mode != MODE_CALM && !s->broken && random_chance(s, 15)) {
		drain(s);
		if (s->drained)
			noise(s);
	}
	bool more_at_once = min(world_next(s), s->next_request) <= s->now;
	/* a wake-up of the loop may bring several events */
	if (!s->broken && !(more_at_once && random_chance(s, 20)))
		drain(s);
}

static void after_the_end(struct sim *s)
{
	for (uint32_t n = 0; n < 5 && !s->broken; n++) {
		uint32_t kind = RANDOM_OF(s, EV_START, EV_RESTART, EV_RESET, EV_STOP, EV_FINAL);
		deliver(s,
			(struct core_event){.kind = (uint16_t)kind,
				.service = (uint16_t)random_below(s, s->count),
				.value = kind == EV_FINAL},
			"too late");
		if (!s->broken)
			drain(s);
	}
}

/* True if every invariant held. */
bool history_run(struct sim *s, uint64_t seed, bool trace)
{
	uint64_t began;
	bool goes_on = true;
	prepare(s, seed, trace);
	began = s->now;
	trace_plan(s);
	core_init(&s->core, &s->plan, s->now, random_next(&s->random));
	judge_remember(s);
	drain(s);
	for (; !s->broken && !s->ended && goes_on &&
		 s->steps < (s->final_at == CORE_NEVER ? SIM_STEPS : SIM_FINAL_STEPS);
		 s->steps++) {
		goes_on = wait(s);
		if (goes_on)
			step(s);
		else
			judge_quiet(s);
	}
	if (s->ended && !s->broken)
		after_the_end(s);
	totals.histories++;
	totals.shutdowns += s->ended;
	totals.quiet += !goes_on;
	totals.cut_off += goes_on && !s->ended;
	totals.virtual_ms += s->now - began;
	return !s->broken;
}
