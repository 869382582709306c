/* SPDX-License-Identifier: MIT
 * A state block in which one byte was overwritten: core_adopt rejects it, or one service fails for
 * it and the rest goes on. What follows runs in an obedient little world of its own, and must end
 * in a shutdown.
 */
#include "simulate/random.h"
#include <string.h>

#define VICTIM_ROUNDS 40
#define VICTIM_QUEUE 4096
#define VICTIM_FAR (24ull * 3600 * 1000)

static struct core victim;
static struct core_event queue[VICTIM_QUEUE];
static uint32_t queue_head, queue_tail;
static uint64_t now;
static bool victim_ended;
static uint32_t hurt_byte, hurt;
/* what was mended: nobody knows what is in its group, until EV_EMPTY says that nothing is */
static bool killing;

static void enqueue(enum core_event_kind kind, uint32_t service, uint32_t slot, int32_t value)
{
	queue[queue_tail++ % VICTIM_QUEUE] = (struct core_event){.kind = (uint16_t)kind,
		.service = (uint16_t)service,
		.slot = (uint16_t)slot,
		.value = value};
}

static void all_die(uint32_t i)
{
	enqueue(EV_EXITED, i, SLOT_MAIN, 9);
	enqueue(EV_EXITED, i, SLOT_CONTROL, 9);
	enqueue(EV_EMPTY, i, 0, 0);
}

static void obey(struct sim *s, const struct core_action *a)
{
	const struct plan_service *ps = plan_service(&s->plan, a->service);
	if (a->kind == ACT_SPAWN) {
		enqueue(EV_STARTED, a->service, a->slot, 0);
		enqueue(EV_READY, a->service, SLOT_MAIN, 0);
		if (a->slot == SLOT_CONTROL || ps->type == TYPE_ONESHOT)
			enqueue(EV_EXITED, a->service, a->slot, 0);
	} else if (a->kind == ACT_SIGNAL) {
		enqueue(EV_EXITED, a->service, SLOT_MAIN, a->value);
	} else if (a->kind == ACT_KILL) {
		all_die(a->service);
	} else if (a->kind == ACT_LISTEN) {
		enqueue(EV_CONNECT, a->service, 0, 0);
	} else if (a->kind == ACT_CLEAN) {
		enqueue(EV_CLEANED, a->service, 0, 0);
	} else if (a->kind == ACT_FINAL) {
		victim_ended = true;
	}
}

static bool runs_commands(uint32_t state)
{
	return judge_is_starting(state) || state == SVC_STOP || state == SVC_STOP_POST;
}

static bool drain(struct sim *s)
{
	struct core_action a;
	for (uint32_t n = 0; core_next(&victim, &s->plan, now, now, &a); n++) {
		if (!expect(s, INV_CORRUPT_SANE, judge_action_in_range(&s->plan, &victim, &a),
				"action kind %u, service %u, list %u, index %u", a.kind, a.service, a.list,
				a.index))
			return false;
		if (!expect(s, INV_CORRUPT_SANE,
				a.kind != ACT_SPAWN || runs_commands(victim.service[a.service].state),
				"s%u is %s, and something is spawned", a.service,
				core_state_name((enum core_state)victim.service[a.service].state)))
			return false;
		if (!expect(s, INV_CORRUPT_SANE, a.kind != ACT_SPAWN || !killing || a.service != hurt,
				"s%u: something is spawned before all is dead", a.service))
			return false;
		if (!expect(s, INV_CORRUPT_SANE, n < 32 + 16 * s->count, "too many actions"))
			return false;
		obey(s, &a);
	}
	return expect(s, INV_CORRUPT_SANE, core_deadline(&victim) > now, "the deadline is past");
}

/* The next event; where none is due, time passes; where nothing is to come, everything dies. */
static bool advance(struct sim *s)
{
	uint64_t deadline = core_deadline(&victim);
	if (queue_head != queue_tail) {
		struct core_event ev = queue[queue_head++ % VICTIM_QUEUE];
		if (ev.kind == EV_EMPTY && ev.service == hurt)
			killing = false;
		core_event(&victim, &s->plan, ev, now);
	} else if (deadline - now < VICTIM_FAR) {
		now = deadline;
	} else {
		for (uint32_t i = 0; i < s->count; i++)
			all_die(i);
	}
	return drain(s);
}

static void live_on(struct sim *s, bool must_end)
{
	uint32_t most = 400 + 100 * s->count;
	bool sane = drain(s);
	for (uint32_t n = 0; sane && n < VICTIM_ROUNDS; n++) {
		if (random_chance(s, 15))
			enqueue((enum core_event_kind)random_below(s, EV_SKIPPED), random_below(s, s->count), 0,
				0);
		sane = advance(s);
	}
	enqueue(EV_FINAL, 0, 0, FINAL_POWEROFF);
	for (uint32_t n = 0; sane && !victim_ended && n < most; n++)
		sane = advance(s);
	expect(s, INV_CORRUPT_SANE, !sane || victim_ended || !must_end,
		"the shutdown does not end after byte %u of s%u was %u", hurt_byte, hurt,
		hurt < s->count ? ((const unsigned char *)&s->core.service[hurt])[hurt_byte] : 0u);
}

static bool others_untouched(const struct sim *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (i != hurt && memcmp(&victim.service[i], &s->core.service[i], sizeof(victim.service[i])))
			return false;
	return true;
}

void corrupt_try(struct sim *s)
{
	uint32_t header = offsetof(struct core, service),
			 size = header + s->count * (uint32_t)sizeof(*s->core.service);
	uint32_t at = random_chance(s, 10) ? random_below(s, header)
									   : header + random_below(s, size - header);
	hurt = at < header ? UINT32_MAX : (at - header) / (uint32_t)sizeof(*s->core.service);
	hurt_byte = at < header ? at : (at - header) % (uint32_t)sizeof(*s->core.service);
	memcpy(&victim, &s->core, size);
	((unsigned char *)&victim)[at] ^= (unsigned char)(1 + random_below(s, 255));
	for (uint32_t n = hurt < s->count && random_chance(s, 30) ? random_below(s, 20) : 0; n > 0;
		 n--) /* it may be more than a byte */
		((unsigned char *)&victim.service[hurt])[random_below(s, sizeof(victim.service[hurt]))] ^=
			(unsigned char)random_below(s, 256);
	struct core_service flipped = {0};
	totals.corruptions++;
	queue_head = queue_tail = 0;
	now = s->now;
	victim_ended = false;
	if (hurt < s->count)
		flipped = victim.service[hurt];
	if (!core_adopt(&victim, &s->plan, now)) {
		totals.rejections++;
		expect(s, INV_CORRUPT_CONTAINED, hurt == UINT32_MAX,
			"the block is rejected for byte %u of s%u", hurt_byte, hurt);
		return;
	}
	expect(s, INV_CORRUPT_CONTAINED, others_untouched(s), "byte %u of s%u changes another service",
		hurt_byte, hurt);
	killing = hurt < s->count && victim.service[hurt].state == SVC_KILL &&
		memcmp(&flipped, &victim.service[hurt], sizeof(flipped));
	live_on(s, hurt != UINT32_MAX);
	if (s->broken && s->trace)
		trace_change(s, hurt < s->count ? hurt : 0);
}
