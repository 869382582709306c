/* SPDX-License-Identifier: MIT
 * The world: processes in virtual time. What core asks for is done here, later and not always well;
 * what comes of it goes back as events. A process is `alive` until it dies and `known` until core
 * has been told so: the end of a process and the emptiness of its group are told a moment later, in
 * either order.
 */
#include "simulate/random.h"
#include <stdio.h>
#include <stdlib.h>

static void schedule(struct sim *s, uint32_t delay, enum sim_happening what, uint32_t i,
	uint32_t slot, int32_t value)
{
	if (s->pending_count == SIM_PENDING) {
		fprintf(stderr, "simulate: seed %llu: more than %d things on their way\n",
			(unsigned long long)s->seed, SIM_PENDING);
		exit(2);
	}
	struct sim_service *v = &s->service[i];
	s->pending[s->pending_count++] = (struct sim_pending){
		.at = s->moment + delay,
		.order = s->order++,
		.what = (uint16_t)what,
		.service = (uint16_t)i,
		.slot = (uint16_t)slot,
		.generation = v->slot[slot].generation,
		.other_generation = v->slot[SLOT_CONTROL].generation,
		.value = value,
	};
}

bool world_group_alive(const struct sim_service *v)
{
	return v->slot[SLOT_MAIN].alive || v->slot[SLOT_CONTROL].alive || v->orphans;
}

void world_moods(struct sim *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		enum sim_mood usual = random_chance(s, 60) ? MOOD_GOOD : MOOD_MIXED;
		s->service[i].mood = random_chance(s, 50) ? usual
												  : (enum sim_mood)random_below(s, MOOD_COUNT);
		if (plan_service(&s->plan, i)->flags & SERVICE_ON_DEMAND && random_chance(s, 15))
			s->service[i].mood = MOOD_UNANSWERING;
	}
}

static uint32_t first_pending(const struct sim *s)
{
	uint32_t best = 0;
	for (uint32_t k = 1; k < s->pending_count; k++) {
		const struct sim_pending *p = &s->pending[k], *b = &s->pending[best];
		if (p->at < b->at || (p->at == b->at && p->order < b->order))
			best = k;
	}
	return best;
}

uint64_t world_grace(const struct sim_service *v)
{
	return v->held ? CORE_UNREAD_MS : 0;
}

uint32_t world_unread(const struct sim *s, uint32_t i, enum sim_happening what, uint64_t until)
{
	uint32_t n = 0;
	for (uint32_t k = 0; k < s->pending_count; k++) {
		const struct sim_pending *p = &s->pending[k];
		const struct sim_process *process = &s->service[i].slot[p->slot];
		bool mail = p->what == H_MAIL, is = mail ? p->value == (int32_t)what : p->what == what;
		bool counts = what == H_REAP ? is || p->what == H_EMPTY
									 : is && process->alive && process->generation == p->generation;
		n += p->service == i && (mail ? p->sent : p->at) <= until && counts;
	}
	return n;
}

uint64_t world_next(const struct sim *s)
{
	return s->pending_count ? s->pending[first_pending(s)].at : CORE_NEVER;
}

/* ---- how processes behave ---- */

static int32_t bad_status(struct sim *s)
{
	if (random_chance(s, 60))
		return (int32_t)RANDOM_OF(s, 1, 1, 2, 3, 255) << 8;
	return (int32_t)RANDOM_OF(s, 11, 6 | 0x80, 9, 15, 2);
}

static int32_t some_status(struct sim *s, uint32_t bad_percent)
{
	return random_chance(s, bad_percent) ? bad_status(s) : 0;
}

/* Of a main process that is meant to run on. Most never end by themselves. */
static void plan_daemon(struct sim *s, uint32_t i, const struct plan_service *ps)
{
	enum sim_mood mood = s->service[i].mood;
	bool ready = ps->type == TYPE_NOTIFY && !(mood == MOOD_NEVER_READY && random_chance(s, 90)) &&
		!(mood == MOOD_MIXED && random_chance(s, 10));
	if (ready)
		schedule(s, random_below(s, mood == MOOD_SLOW ? 3000 : 100), H_READY, i, SLOT_MAIN, 0);
	if (ps->watchdog_ms && !(mood == MOOD_STARVING && random_chance(s, 30)))
		schedule(s, random_below(s, ps->watchdog_ms), H_PING, i, SLOT_MAIN, 0);
	if (mood == MOOD_UNANSWERING && ps->flags & SERVICE_ON_DEMAND)
		schedule(s, random_below(s, 20), H_DIE, i, SLOT_MAIN, 0);
	else if (mood == MOOD_CRASHY && random_chance(s, 90))
		schedule(s, RANDOM_OF(s, 0, 1, 10, 300, 3000), H_DIE, i, SLOT_MAIN, bad_status(s));
	else if (mood == MOOD_MIXED && random_chance(s, 50))
		schedule(s, random_below(s, RANDOM_OF(s, 10, 1000, 20000, 60000)), H_DIE, i, SLOT_MAIN,
			some_status(s, 70));
	else if (random_chance(s, 15))
		schedule(s, random_below(s, RANDOM_OF(s, 1000, 60000)), H_DIE, i, SLOT_MAIN,
			some_status(s, 50));
	if ((mood == MOOD_ORPHANS && random_chance(s, 70)) || random_chance(s, 3)) {
		s->service[i].orphans++;
		if (random_chance(s, 40))
			schedule(s, random_below(s, 5000), H_ORPHANS_DIE, i, SLOT_MAIN, 0);
	}
}

static void plan_errand(struct sim *s, uint32_t i, uint32_t slot)
{
	enum sim_mood mood = s->service[i].mood;
	uint32_t bad = mood == MOOD_BAD_CONTROL || mood == MOOD_CRASHY ? 40
		: mood == MOOD_MIXED                                       ? 12
																   : 2;
	bool hangs = random_chance(s, mood == MOOD_BAD_CONTROL || mood == MOOD_MIXED ? 10 : 1);
	if (!hangs)
		schedule(s, random_below(s, mood == MOOD_SLOW ? 2000 : 50), H_DIE, i, slot,
			some_status(s, bad));
	if (mood == MOOD_ORPHANS && random_chance(s, 20))
		s->service[i].orphans++;
}

static void started(struct sim *s, uint32_t i, uint32_t slot)
{
	const struct plan_service *ps = plan_service(&s->plan, i);
	if (slot == SLOT_MAIN && ps->type != TYPE_ONESHOT)
		plan_daemon(s, i, ps);
	else
		plan_errand(s, i, slot);
}

static bool not_spawned(struct sim_process *p, const struct core_action *a,
	enum core_event_kind kind, int32_t value, struct core_event *ev)
{
	p->known = p->alive = false;
	*ev = (struct core_event){.kind = (uint16_t)kind,
		.service = a->service,
		.slot = a->slot,
		.value = value};
	return true;
}

/* True if it came to nothing, which core is told at once. */
static bool spawn(struct sim *s, const struct core_action *a, struct core_event *ev)
{
	struct sim_service *v = &s->service[a->service];
	struct sim_process *p = &v->slot[a->slot];
	uint32_t wall_percent = v->mood == MOOD_WALL ? 70 : v->mood == MOOD_MIXED ? 5 : 1;
	bool first = a->index == 0 &&
		(a->list == EXEC_PRE ||
			(a->list == EXEC_START &&
				plan_service(&s->plan, a->service)->exec[EXEC_PRE].count == 0));
	*p = (struct sim_process){.known = true,
		.list = a->list,
		.index = a->index,
		.generation = p->generation + 1};
	if (first)
		v->unkillable = v->mood == MOOD_UNKILLABLE && random_chance(s, 60);
	if (first && v->mood == MOOD_SKIPPED && random_chance(s, 80))
		return not_spawned(p, a, EV_SKIPPED, 0, ev);
	if (random_chance(s, wall_percent / 3))
		return not_spawned(p, a, EV_FAILED, (int32_t)RANDOM_OF(s, 1, 2, 11, 12, 28), ev);
	p->alive = true;
	p->stubborn = random_chance(s, v->mood == MOOD_STUBBORN ? 90 : v->mood == MOOD_MIXED ? 10 : 1);
	if (random_chance(s, wall_percent))
		schedule(s, random_below(s, 5), H_FAILED, a->service, a->slot,
			(int32_t)RANDOM_OF(s, 1, 2, 13, 12, 11, 28, 38));
	/* else the cell hangs */
	else if (!random_chance(s, v->mood == MOOD_SLOW || v->mood == MOOD_MIXED ? 4 : 0))
		schedule(s, random_below(s, v->mood == MOOD_SLOW ? 2000 : 10), H_STARTED, a->service,
			a->slot, 0);
	return false;
}

static void signalled(struct sim *s, uint32_t i, int32_t number)
{
	uint32_t most = s->service[i].mood == MOOD_MIXED ? 3000 : 20;
	for (uint32_t slot = 0; slot < 2; slot++) {
		const struct sim_process *p = &s->service[i].slot[slot];
		if (p->alive && p->leaves && (!p->stubborn || number == 9))
			schedule(s, random_below(s, most), H_ORPHANS_DIE, i, slot, 0);
		else if (p->alive && (!p->stubborn || number == 9))
			schedule(s, random_below(s, most), H_DIE, i, slot,
				random_chance(s, 40) ? number : some_status(s, 20));
	}
}

static void set_opening(struct sim *s, uint32_t i, bool opening)
{
	core_opening(&s->core, i, opening);
	if (s->has_shadow)
		core_opening(&s->shadow, i, opening);
}

/* Its sockets stand, or do not; somebody may call one day. */
static bool opened(struct sim *s, uint32_t i, struct core_event *ev)
{
	const struct sim_service *v = &s->service[i];
	bool skipped = v->mood == MOOD_SKIPPED && random_chance(s, 50);
	bool failed = random_chance(s, v->mood == MOOD_WALL ? 20 : 1);
	if (skipped || failed) {
		*ev = (struct core_event){.kind = skipped ? EV_SKIPPED : EV_FAILED,
			.service = (uint16_t)i,
			.slot = SLOT_MAIN,
			.value = skipped ? 0 : (int32_t)RANDOM_OF(s, 98, 12, 11)};
		return true;
	}
	set_opening(s, i, false);
	if (v->mood == MOOD_UNANSWERING)
		schedule(s, random_below(s, 10), H_CALL, i, SLOT_MAIN, 0);
	for (uint32_t calls = random_below(s, 3); calls > 0; calls--)
		schedule(s, random_below(s, RANDOM_OF(s, 1, 10, 1000, 60000)), H_CALL, i, SLOT_MAIN, 0);
	return false;
}

/* Which core is told at once, or after a while. */
static bool listens(struct sim *s, const struct core_action *a, struct core_event *ev)
{
	struct sim_service *v = &s->service[a->service];
	v->openings++;
	if (random_chance(s, 50))
		return opened(s, a->service, ev);
	set_opening(s, a->service, true);
	schedule(s, random_below(s, RANDOM_OF(s, 1, 100, 10000)), H_OPENED, a->service, SLOT_MAIN,
		(int32_t)v->openings);
	return false;
}

/* Whoever empties the directories comes to nothing at once, takes a while, or is given up. */
static bool clean(struct sim *s, uint32_t i, struct core_event *ev)
{
	*ev = (struct core_event){.kind = EV_CLEANED, .service = (uint16_t)i};
	s->service[i].dirty = false;
	if (random_chance(s, 5))
		return true;
	s->service[i].cleaning = true;
	schedule(s, random_below(s, RANDOM_OF(s, 2, 50, 11000)), H_CLEANED, i, SLOT_MAIN, 0);
	return false;
}

static void set_held(struct sim *s, uint32_t i, bool held)
{
	s->service[i].held = held;
	core_unread(&s->core, i, held);
	if (s->has_shadow)
		core_unread(&s->shadow, i, held);
}

bool world_act(struct sim *s, const struct core_action *a, struct core_event *ev)
{
	uint8_t state = s->core.service[a->service].state;
	s->moment = s->now;
	switch ((enum core_action_kind)a->kind) {
	case ACT_SPAWN:
		s->service[a->service].group = true;
		s->service[a->service].dirty = plan_service(&s->plan, a->service)->flags & SERVICE_CLEANS;
		s->service[a->service].rested = false;
		if (a->slot == SLOT_MAIN) /* a new life has a new socket */
			set_held(s, a->service, false);
		return spawn(s, a, ev);
	case ACT_SIGNAL:
		signalled(s, a->service, a->value);
		break;
	case ACT_RELOAD:
		if (plan_service(&s->plan, a->service)->flags & SERVICE_RELOADS && random_chance(s, 80))
			schedule(s, random_below(s, 500), H_RELOADING, a->service, SLOT_MAIN, 0);
		break;
	case ACT_KILL:
		schedule(s,
			s->service[a->service].unkillable ? 1000 + random_below(s, 60000) : random_below(s, 4),
			H_KILLED, a->service, SLOT_MAIN, 0);
		break;
	case ACT_LISTEN:
		return listens(s, a, ev);
	case ACT_RELEASE:
		/* it is coming back */
		s->service[a->service].group &= state == SVC_BACKOFF || state == SVC_WAITING;
		break;
	case ACT_CLEAN:
		return clean(s, a->service, ev);
	case ACT_NOTICE:
	case ACT_FINAL:
	case ACT_KIND_COUNT:
		break;
	}
	return false;
}

/* ---- what happens ---- */

/* Its cell stays until those end too. */
static bool leaves_orphans(struct sim *s, uint32_t i, uint32_t slot, int32_t status)
{
	struct sim_service *v = &s->service[i];
	struct sim_process *p = &v->slot[slot];
	if (slot != SLOT_MAIN || !v->orphans || plan_service(&s->plan, i)->type == TYPE_ONESHOT)
		return false;
	p->leaves = true;
	p->status = status;
	schedule(s, random_below(s, 3), H_LEFT, i, slot, status);
	return true;
}

static void die(struct sim *s, uint32_t i, uint32_t slot, int32_t status)
{
	struct sim_service *v = &s->service[i];
	v->slot[slot].alive = false;
	if (v->slot[slot].leaves)
		status = v->slot[slot].status;
	schedule(s, random_below(s, 3), H_REAP, i, slot, status);
	if (s->natural_empty && !world_group_alive(v))
		schedule(s, random_below(s, 3), H_EMPTY, i, slot, 0);
}

static void killed(struct sim *s, const struct sim_pending *p)
{
	struct sim_service *v = &s->service[p->service];
	const uint32_t generation[2] = {p->generation, p->other_generation};
	v->unkillable = false;
	v->orphans = 0;
	for (uint32_t slot = 0; slot < 2; slot++)
		if (v->slot[slot].alive && v->slot[slot].generation == generation[slot])
			die(s, p->service, slot, 9);
	schedule(s, random_below(s, 3), H_EMPTY, p->service, SLOT_MAIN, 0);
}

static bool tell(struct core_event *ev, const struct sim_pending *p, enum core_event_kind kind)
{
	*ev = (struct core_event){.kind = (uint16_t)kind,
		.service = p->service,
		.slot = p->slot,
		.value = p->value};
	return true;
}

/* A message that brings descriptors along is believed, and holds up those behind it until it is
 * taken (PID 1's discard.h). */
static bool mail(struct sim *s, struct core_event *ev, const struct sim_pending *p)
{
	struct sim_service *v = &s->service[p->service];
	if (v->held) {
		schedule(s, (uint32_t)(v->held_until - s->moment), H_MAIL, p->service, p->slot,
			(int32_t)p->what);
		s->pending[s->pending_count - 1].sent = p->at;
		return false;
	}
	if (random_chance(s, s->held > 1 ? 8 : 2)) {
		uint32_t ms = random_below(s, RANDOM_OF(s, 50, 1100, 1900, 5000));
		set_held(s, p->service, true);
		v->held_until = s->moment + ms;
		schedule(s, ms, H_MAIL_READ, p->service, p->slot, 0);
	}
	return tell(ev, p, p->what == H_READY ? EV_READY : EV_PING);
}

/* All that lay behind it has been told first. */
static void mail_read(struct sim *s, const struct sim_pending *p)
{
	const struct sim_service *v = &s->service[p->service];
	if (!v->held || v->held_until != p->at)
		return;
	for (uint32_t k = 0; k < s->pending_count; k++) {
		if (s->pending[k].what != H_MAIL || s->pending[k].service != p->service)
			continue;
		schedule(s, 0, H_MAIL_READ, p->service, p->slot, 0);
		return;
	}
	set_held(s, p->service, false);
}

/* A daemon may say that it is ready before its cell says that it runs. */
static bool starts(struct sim *s, const struct sim_pending *p, struct core_event *ev)
{
	struct sim_process *process = &s->service[p->service].slot[p->slot];
	bool notifies = plan_service(&s->plan, p->service)->type == TYPE_NOTIFY;
	started(s, p->service, p->slot);
	process->untold = notifies && p->slot == SLOT_MAIN && random_chance(s, 20);
	if (process->untold)
		schedule(s, random_below(s, RANDOM_OF(s, 1, 50, 300)), H_SETTLED, p->service, p->slot, 0);
	process->told = !process->untold;
	return process->told && tell(ev, p, EV_STARTED);
}

static bool settles(const struct sim_pending *p, struct sim_process *process, struct core_event *ev)
{
	process->told = true;
	process->untold = false;
	return tell(ev, p, EV_STARTED);
}

static bool happen_to_process(struct sim *s, const struct sim_pending *p, struct core_event *ev)
{
	struct sim_process *process = &s->service[p->service].slot[p->slot];
	const struct plan_service *ps = plan_service(&s->plan, p->service);
	bool alive = process->alive && process->generation == p->generation;
	bool known = process->known && process->generation == p->generation;
	switch ((enum sim_happening)p->what) {
	case H_STARTED:
		return alive && starts(s, p, ev);
	case H_SETTLED:
		return alive && process->untold && settles(p, process, ev);
	case H_FAILED:
		process->alive = process->alive && !alive;
		process->known = process->known && !alive;
		if (alive && s->natural_empty && !world_group_alive(&s->service[p->service]))
			schedule(s, random_below(s, 3), H_EMPTY, p->service, p->slot, 0);
		return alive && tell(ev, p, EV_FAILED);
	case H_LEFT:
		return alive && tell(ev, p, EV_LEFT);
	case H_REAP:
		process->known = process->known && !known;
		return known && tell(ev, p, EV_EXITED);
	case H_READY:
		return alive && mail(s, ev, p);
	case H_RELOADING:
		if (alive && random_chance(s, 80))
			schedule(s, random_below(s, 1000), H_READY, p->service, p->slot, 0);
		return alive && tell(ev, p, EV_RELOADING);
	case H_PING:
		if (alive && !(s->service[p->service].mood == MOOD_STARVING && random_chance(s, 20)))
			schedule(s, 1 + random_below(s, ps->watchdog_ms - 1), H_PING, p->service, p->slot, 0);
		return alive && mail(s, ev, p);
	case H_MAIL:
		return alive && tell(ev, p, p->value == H_READY ? EV_READY : EV_PING);
	case H_DIE:
		if (alive && process->untold) { /* its cell tells of its start before its end */
			schedule(s, 0, H_DIE, p->service, p->slot, p->value);
			return settles(p, process, ev);
		}
		if (alive && !process->leaves && !leaves_orphans(s, p->service, p->slot, p->value))
			die(s, p->service, p->slot, p->value);
		return false;
	case H_KILLED:
	case H_ORPHANS_DIE:
	case H_EMPTY:
	case H_CALL:
	case H_CLEANED:
	case H_MAIL_READ:
	case H_OPENED:
		break;
	}
	return false;
}

static void orphan_dies(struct sim *s, const struct sim_pending *p)
{
	struct sim_service *v = &s->service[p->service];
	if (!v->orphans || --v->orphans > 0)
		return;
	if (v->slot[SLOT_MAIN].alive && v->slot[SLOT_MAIN].leaves)
		die(s, p->service, SLOT_MAIN, 0);
	else if (s->natural_empty && !world_group_alive(v))
		schedule(s, random_below(s, 3), H_EMPTY, p->service, p->slot, 0);
}

bool world_happen(struct sim *s, struct core_event *ev)
{
	uint32_t k = first_pending(s);
	struct sim_pending p = s->pending[k];
	struct sim_service *v = &s->service[p.service];
	s->pending[k] = s->pending[--s->pending_count];
	s->moment = p.at; /* the world does not wait for who is late in hearing of it */
	switch ((enum sim_happening)p.what) {
	case H_KILLED:
		killed(s, &p);
		return false;
	case H_ORPHANS_DIE:
		orphan_dies(s, &p);
		return false;
	/* the loop looks at the group when it wakes: what is not true any more is not told */
	case H_EMPTY:
		return !world_group_alive(v) && tell(ev, &p, EV_EMPTY);
	case H_CALL: /* the loop looks at the sockets only while nobody else does */
		return s->core.service[p.service].state == SVC_LISTENING &&
			!s->core.service[p.service].opening && tell(ev, &p, EV_CONNECT);
	case H_OPENED: /* one that was given up is killed */
		return s->core.service[p.service].opening && v->openings == (uint32_t)p.value &&
			opened(s, p.service, ev);
	case H_CLEANED:
		v->cleaning = false;
		return tell(ev, &p, EV_CLEANED);
	case H_MAIL_READ:
		mail_read(s, &p);
		return false;
	case H_STARTED:
	case H_SETTLED:
	case H_FAILED:
	case H_READY:
	case H_RELOADING:
	case H_PING:
	case H_MAIL:
	case H_DIE:
	case H_LEFT:
	case H_REAP:
		return happen_to_process(s, &p, ev);
	}
	return false;
}
