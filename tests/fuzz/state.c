// needs: core/*.c plan/*.c base/*.c tests/unit/plan_sample.c
/* SPDX-License-Identifier: MIT
 * Any bytes in the state block that a crash leaves: core_adopt refuses it, or what follows stays
 * inside the plan and comes to rest, and no service is left in a state that nothing will ever end.
 */
#include "core/core.h"
#include "unit/plan_sample.h"
#include <stdlib.h>
#include <string.h>

#define NOW 1000000
#define EVENTS 64
#define MOST_ACTIONS 1000 /* the sample has five services */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct plan plan;
static struct core core;

static void prepare(void)
{
	size_t size;
	if (!plan.base && plan_open(&plan, sample_make(&size), size, 0) != PLAN_OK)
		abort();
}

static void judge(const struct core_action *a)
{
	const struct plan_service *s = plan_service(&plan, a->service);
	if (a->kind >= ACT_KIND_COUNT || (a->kind != ACT_FINAL && !s))
		abort();
	if (a->kind == ACT_SPAWN && (a->list >= EXEC_COUNT || a->index >= s->exec[a->list].count))
		abort();
}

/* Its start was called off, and what is ordered after it goes down first: that ends by itself, or
 * is judged here in its turn. */
static bool awaits_its_turn(uint32_t i)
{
	const struct core_service *s = &core.service[i];
	bool starts = core_state_is(s->state, STATE_STARTING), others = false;
	for (uint32_t j = 0; j < core.count; j++)
		others |= j != i && core_state_is(core.service[j].state, STATE_ACTIVE);
	return starts && (!s->wanted || s->again) && others;
}

/* A state that goes on only by an exit, and nobody is there to exit: a service that is neither
 * up nor down for ever. */
static void nobody_waits_for_nothing(void)
{
	static const uint32_t waits = 1u << SVC_PRE | 1u << SVC_STARTING | 1u << SVC_POST |
		1u << SVC_STOP | 1u << SVC_TERM | 1u << SVC_KILL | 1u << SVC_STOP_POST | 1u << SVC_BACKOFF;
	for (uint32_t i = 0; i < core.count; i++) {
		const struct core_service *s = &core.service[i];
		if (waits & 1u << s->state && !s->main_alive && !s->control_alive && !s->populated &&
			s->deadline_ms == CORE_NEVER && !awaits_its_turn(i))
			abort();
		if (s->state == SVC_TERM && !s->main_alive && !s->control_alive)
			abort();
	}
}

static void drain(uint64_t now)
{
	struct core_action a;
	for (unsigned n = 0; core_next(&core, &plan, now, now, &a); n++) {
		judge(&a);
		if (n > MOST_ACTIONS)
			abort();
	}
	if (core_deadline(&core) <= now)
		abort();
	nobody_waits_for_nothing();
}

/* Unless it has been handed out already. */
static void an_end_can_be_asked_for(uint64_t now)
{
	core_event(&core, &plan, (struct core_event){.kind = EV_FINAL, .value = FINAL_REBOOT}, now);
	if (core.final == FINAL_NONE)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t now = NOW;
	prepare();
	core_init(&core, &plan, 0, 1);
	size_t block = offsetof(struct core, service) + core.count * sizeof(*core.service);
	size_t at = sizeof(core.count); /* a right count, or nothing would get further */
	size_t n = size < block - at ? size : block - at;
	memcpy((unsigned char *)&core + at, data, n);
	if (!core_adopt(&core, &plan, now))
		return 0;
	drain(now);
	for (unsigned e = 0; e < EVENTS && n + 3 <= size; e++, n += 3) {
		core_event(&core, &plan,
			(struct core_event){.kind = data[n] % EV_FINAL,
				.service = (uint16_t)(data[n + 1] % core.count),
				.slot = data[n + 1] >> 7,
				.value = data[n + 2]},
			now);
		now += data[n + 2] * 100u;
		drain(now);
	}
	an_end_can_be_asked_for(now);
	return 0;
}
