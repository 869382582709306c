// needs: core plan base
/* SPDX-License-Identifier: MIT
 * Random lives of services with timers, in virtual time, with a clock that is wrong at first, is
 * put forward and back, and is lost; with crashes of PID 1, at which only the block stays; and with
 * losses of power, at which only the stamps stay. A model that keeps its own notes says when each
 * timer may elapse, and when it must have. COUNT and SEED as of test_core.
 */
#include "base/count.h"
#include "core/core.h"
#include "plan/calendar.h"
#include "plan/write.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_COUNT 20000
#define SERVICES 3
#define STEPS 400
#define EPOCH_S 1793491200 /* a clock before that is not set */
#define AGAIN_S 60u
#define NONE UINT64_MAX

enum invariant { EARLY, LOST, RATE, DEADLINE, STOPPED, ADOPTED, WRITES, INVARIANTS };
static const char *const names[INVARIANTS] = {
	[EARLY] = "no timer elapses before its time",
	[LOST] = "no elapse is lost or comes later than its random delay",
	[RATE] = "no timer keeps PID 1 busy",
	[DEADLINE] = "PID 1 wakes in time, and later than now",
	[STOPPED] = "a timer that is stopped does not elapse",
	[ADOPTED] = "a block that is read anew is as it was",
	[WRITES] = "stamps are written once an hour at most, but for a clock that jumps",
};
static uint64_t checked[INVARIANTS], elapses, caught_up, jumps, crashes, power_cuts;

struct model { /* of one timer */
	bool armed;
	uint64_t began, ended, elapsed; /* ms, NONE */
	uint64_t ref_early, ref_late;   /* times of the calendar up to these are over; s, NONE */
	uint64_t missed;                /* when it was found that a time of the calendar was; NONE */
	uint64_t last_s, disk_s;
	uint64_t count, writes;
	uint64_t exits_at;
	uint32_t generation;
};

static struct {
	uint64_t seed, random;
	bool trace, broken;
	uint64_t now, started;
	int64_t offset;
	bool set;
	uint64_t jumps, lives; /* since the boot */
	struct plan plan;
	struct core core;
	struct model m[SERVICES];
	uint32_t count;
	uint64_t writing_until;
	uint32_t writing;
	uint64_t writing_s;
	char why[200];
} s;

static uint64_t next_random(void)
{
	s.random ^= s.random << 13;
	s.random ^= s.random >> 7;
	s.random ^= s.random << 17;
	return s.random;
}

static uint64_t below(uint64_t n)
{
	return n ? next_random() % n : 0;
}

#define ONE_OF(...) \
	((const uint64_t[]){__VA_ARGS__}[below(COUNT(((const uint64_t[]){__VA_ARGS__})))])

static void expect(enum invariant which, bool holds, uint32_t i)
{
	checked[which]++;
	if (holds || s.broken)
		return;
	s.broken = true;
	snprintf(s.why, sizeof(s.why), "%s: s%u at %" PRIu64 " ms, clock %" PRId64 " (%sset)",
		names[which], i, s.now, (int64_t)s.now / 1000 + s.offset / 1000, s.set ? "" : "not ");
}

/* ---- the plan ---- */

static void random_set(uint32_t *bits, uint32_t n)
{
	for (uint32_t k = 0; k < (n + 31) / 32; k++)
		bits[k] = ~0u;
	if (below(2))
		return;
	memset(bits, 0, (n + 31) / 32 * 4);
	for (uint64_t k = 1 + below(3); k > 0; k--) {
		uint64_t bit = below(n);
		bits[bit / 32] |= 1u << bit % 32;
	}
}

static struct plan_calendar random_calendar(void)
{
	struct plan_calendar c = {.month = 0x1ffe, .weekday = 127, .day = ~1u};
	memset(c.year, 0xff, sizeof(c.year));
	random_set(c.second, 60);
	random_set(c.minute, 60);
	random_set(&c.hour, 24);
	if (!below(4))
		c.weekday = (uint8_t)(1 + below(126));
	return c;
}

static struct plan_list random_timer(struct plan_writer *w)
{
	struct plan_timer_line line[3];
	struct plan_calendar cal[2];
	uint32_t lines = (uint32_t)below(COUNT(line) + 1), cals = (uint32_t)below(COUNT(cal) + 1);
	for (uint32_t k = 0; k < lines; k++)
		line[k] = (struct plan_timer_line){(uint32_t)below(TIMER_BASE_COUNT),
			(uint32_t)ONE_OF(1000, 1500, 10000, 60000, 3600000)};
	for (uint32_t k = 0; k < cals; k++)
		cal[k] = random_calendar();
	const struct plan_timer t = {.lines = plan_write_list(w, line, sizeof(*line), lines),
		.calendars = plan_write_list(w, cal, sizeof(*cal), cals),
		.random_ms = (uint32_t)ONE_OF(0, 0, 500, 5000, 100000),
		.accuracy_ms = (uint32_t)ONE_OF(0, 0, 1000, 60000),
		.flags = (uint32_t)below(TIMER_FLAGS_ALL + 1)};
	return plan_write_list(w, &t, sizeof(t), 1);
}

static void make_plan(void)
{
	static _Alignas(8) unsigned char bytes[32768];
	static char strings[4096];
	static struct plan_writer w;
	struct plan_machine machine = {.default_group = UINT32_MAX};
	s.count = 1 + (uint32_t)below(SERVICES);
	plan_write_begin(&w, bytes, sizeof(bytes), strings, sizeof(strings), s.count);
	for (uint32_t i = 0; i < s.count; i++) {
		char name[3] = {'s', (char)('0' + i), 0};
		struct plan_service ps = {.name = plan_write_text(&w, name),
			.file = plan_write_text(&w, "/x.ini"),
			.flags = SERVICE_ENABLED,
			.type = (uint8_t)ONE_OF(TYPE_ONESHOT, TYPE_ONESHOT, TYPE_SIMPLE),
			.restart = RESTART_NO,
			.kill_signal = 15,
			.notification_fd = -1,
			.start_ms = 3600000,
			.stop_ms = 1000};
		struct plan_command c = {.path = plan_write_text(&w, "/bin/x")};
		c.argv = plan_write_list(&w, &c.path, sizeof(c.path), 1);
		ps.exec[EXEC_START] = plan_write_list(&w, &c, sizeof(c), 1);
		ps.timer = random_timer(&w);
		plan_write_service(&w, i, &ps);
	}
	size_t size = plan_write_end(&w, &machine, plan_native_arch(), 1);
	if (size && plan_open(&s.plan, bytes, size, 0) == PLAN_OK)
		return;
	fprintf(stderr, "the random plan is not valid\n");
	exit(2);
}

static const struct plan_timer *timer_of(uint32_t i)
{
	return plan_elements(&s.plan, plan_service(&s.plan, i)->timer, sizeof(struct plan_timer));
}

/* ---- the model ---- */

static uint64_t wall_s(void)
{
	int64_t ms = (int64_t)s.now + s.offset;
	return ms > 0 ? (uint64_t)ms / 1000 : 0;
}

static uint64_t max_known(uint64_t a, uint64_t b)
{
	return a == NONE || b == NONE ? (a == NONE ? b : a) : a > b ? a : b;
}

static uint64_t line_at(uint32_t i, const struct plan_timer_line *l)
{
	const struct model *m = &s.m[i];
	bool rests = core_state_is(s.core.service[i].state, STATE_AT_REST);
	uint64_t at = l->base == TIMER_BOOT ? l->ms : s.started + l->ms, base;
	if (l->base == TIMER_BOOT || l->base == TIMER_STARTUP)
		return m->elapsed != NONE && m->elapsed >= at ? NONE : at;
	base = max_known(m->elapsed, l->base == TIMER_UNIT_ACTIVE ? m->began : m->ended);
	return base == NONE || (l->base == TIMER_UNIT_INACTIVE && !rests) ? NONE : base + l->ms;
}

static uint64_t calendar_after(uint32_t i, uint64_t ref)
{
	const struct plan_timer *t = timer_of(i);
	const struct plan_calendar *c = plan_elements(&s.plan, t->calendars, sizeof(*c));
	uint64_t next = CALENDAR_NEVER;
	for (uint32_t k = 0; c && k < t->calendars.count; k++) {
		uint64_t own = calendar_next(&c[k], ref);
		next = own < next ? own : next;
	}
	return next;
}

/* Whether some line says that it is time, or was `late` ms ago. */
static bool is_time(uint32_t i, uint64_t late, bool early)
{
	const struct plan_timer *t = timer_of(i);
	const struct plan_timer_line *l = plan_elements(&s.plan, t->lines, sizeof(*l));
	uint64_t ref = early ? s.m[i].ref_early : s.m[i].ref_late;
	for (uint32_t k = 0; l && k < t->lines.count; k++) {
		uint64_t at = line_at(i, &l[k]);
		if (at != NONE && at + late <= s.now)
			return true;
	}
	if (!s.set || ref == NONE || t->calendars.count == 0)
		return false;
	if (!early && s.m[i].missed != NONE)
		return s.m[i].missed + late <= s.now;
	uint64_t next = calendar_after(i, ref);
	return next != CALENDAR_NEVER && (int64_t)(next * 1000 + late) <= (int64_t)s.now + s.offset;
}

static bool persists(uint32_t i)
{
	return timer_of(i)->flags & TIMER_PERSISTENT;
}

/* The clock is another: what has been counts from there on. */
static void count_anew(uint32_t i)
{
	struct model *m = &s.m[i];
	uint64_t now = wall_s();
	m->ref_early = m->ref_late = now;
	if (persists(i) && m->last_s && m->last_s <= now)
		m->ref_early = m->ref_late = m->last_s;
	else if (m->last_s > now && m->last_s - now <= AGAIN_S)
		m->ref_late = m->last_s;
	/* what was missed comes later by its delay from now on */
	m->missed = calendar_after(i, m->ref_late) < now ? s.now : NONE;
}

static void note_elapse(uint32_t i, bool was_time)
{
	struct model *m = &s.m[i];
	elapses++;
	m->count++;
	expect(STOPPED, m->armed, i);
	expect(EARLY, was_time, i);
	caught_up += m->missed != NONE;
	m->missed = NONE;
	m->elapsed = s.now;
	if (s.set) {
		m->last_s = wall_s();
		m->ref_early = m->ref_late = m->last_s;
	}
}

/* ---- the world ---- */

static void deliver(uint16_t kind, uint32_t i, int32_t value)
{
	core_event(&s.core, &s.plan,
		(struct core_event){.kind = kind,
			.service = (uint16_t)i,
			.slot = SLOT_MAIN,
			.value = value},
		s.now);
}

static void act(const struct core_action *a)
{
	struct model *m = &s.m[a->service];
	if (a->kind == ACT_SPAWN) {
		m->began = s.now;
		m->exits_at = s.now + ONE_OF(1, 10, 500, 3000, 100000);
		deliver(EV_STARTED, a->service, 0);
	} else if (a->kind == ACT_SIGNAL) {
		m->exits_at = NONE;
		deliver(EV_EXITED, a->service, 15);
	} else if (a->kind == ACT_KILL) {
		m->exits_at = NONE;
		deliver(EV_EXITED, a->service, 9);
		deliver(EV_EMPTY, a->service, 0);
	}
}

static void exits(void)
{
	for (uint32_t i = 0; i < s.count; i++) {
		if (s.m[i].exits_at > s.now)
			continue;
		s.m[i].exits_at = NONE;
		deliver(EV_EXITED, i, below(3) ? 0 : 1 << 8);
	}
}

static void settle(void)
{
	bool more = true;
	for (uint32_t n = 0; more && n < 1000 && !s.broken; n++) {
		struct core_action a;
		uint64_t before[SERVICES];
		bool was_time[SERVICES];
		uint32_t started;
		for (uint32_t i = 0; i < s.count; i++) {
			before[i] = core_timer_at(&s.core, i)->elapsed_ms;
			was_time[i] = is_time(i, 0, true);
		}
		more = core_elapse(&s.core, &s.plan, s.now, &started);
		for (uint32_t i = 0; i < s.count; i++)
			if (core_timer_at(&s.core, i)->elapsed_ms != before[i])
				note_elapse(i, was_time[i]);
		while (core_next(&s.core, &s.plan, s.now, s.now, &a)) {
			act(&a);
			more = true;
		}
		for (uint32_t i = 0; i < s.count; i++)
			if (core_timer_at(&s.core, i)->ended_ms != NONE)
				s.m[i].ended = core_timer_at(&s.core, i)->ended_ms;
	}
	expect(RATE, !more, 0);
}

static void judge(void)
{
	uint64_t at = core_timer_deadline(&s.core, &s.plan, s.now);
	expect(DEADLINE, at > s.now, 0);
	for (uint32_t i = 0; i < s.count; i++) {
		const struct model *m = &s.m[i];
		const struct plan_timer *t = timer_of(i);
		expect(LOST, !m->armed || !is_time(i, (uint64_t)t->random_ms + 1, false), i);
		expect(RATE, m->count <= t->lines.count + 2 * s.jumps + (s.now - s.started) / 1000 + 2, i);
		expect(WRITES, m->writes <= 2 * s.jumps + s.lives + (s.now - s.started) / 3600000 + 2, i);
	}
}

/* ---- what happens ---- */

static void tell_clock(bool jumped, int64_t before)
{
	bool set = wall_s() >= EPOCH_S, anew = set != s.set;
	bool back = s.offset < before - 1000;
	s.set = set;
	core_clock(&s.core, s.offset, set);
	s.jumps += jumped;
	jumps += jumped;
	for (uint32_t i = 0; i < s.count && (anew || back); i++)
		if (set)
			count_anew(i);
		else
			s.m[i].ref_early = s.m[i].ref_late = s.m[i].missed = NONE;
}

static void jump(void)
{
	int64_t before = s.offset, far = (int64_t)EPOCH_S * 1000;
	uint64_t how = below(10);
	s.now++; /* an elapse is seen by its time */
	int64_t by = (int64_t)ONE_OF(500, 2000, 30000, 59000, 61000, 3600000, 86400000);
	if (how < 4)
		s.offset += by;
	else if (how < 8)
		s.offset -= by;
	else if (how == 8)
		s.offset = far + (int64_t)below(100000000) * 1000;
	else
		s.offset = (int64_t)below(100000);
	tell_clock(true, before);
}

static void read_stamps(void)
{
	for (uint32_t i = 0; i < s.count; i++) {
		struct model *m = &s.m[i];
		if (!core_stamp_awaited(&s.core, i))
			continue;
		core_stamp_read(&s.core, i, m->disk_s);
		m->last_s = m->disk_s;
		if (s.set)
			count_anew(i);
	}
}

static void boot(void)
{
	core_init(&s.core, &s.plan, s.now, next_random());
	s.core.device = next_random();
	s.started = s.now;
	s.set = false;
	s.jumps = s.lives = 0;
	s.writing_until = NONE;
	for (uint32_t i = 0; i < s.count; i++)
		s.m[i] = (struct model){.armed = true,
			.began = NONE,
			.ended = NONE,
			.elapsed = NONE,
			.exits_at = NONE,
			.ref_early = NONE,
			.ref_late = NONE,
			.missed = NONE,
			.disk_s = s.m[i].disk_s};
	if (below(2)) {
		read_stamps();
		tell_clock(false, s.offset);
	} else {
		tell_clock(false, s.offset);
		read_stamps();
	}
}

static void cut_power(void)
{
	power_cuts++;
	s.offset = below(3) ? (int64_t)(s.now + below(1000000000)) + s.offset : (int64_t)below(9999);
	s.now = 1 + below(10000);
	boot();
}

static void crash(void)
{
	static struct core copy;
	crashes++;
	s.lives++;
	memset(&copy, 0xaa, sizeof(copy));
	memcpy(&copy, &s.core, offsetof(struct core, service) + s.count * sizeof(copy.service[0]));
	bool adopted = core_adopt(&copy, &s.plan, s.now);
	expect(ADOPTED,
		adopted && memcmp(&copy, &s.core, offsetof(struct core, service)) == 0 &&
			memcmp(copy.service, s.core.service, s.count * sizeof(copy.service[0])) == 0,
		0);
	s.core = copy;
	s.writing_until = NONE; /* nobody knows of that child any more */
}

static void write_stamps(void)
{
	uint32_t k = core_stamp_due(&s.core);
	if (s.writing_until <= s.now) {
		s.m[s.writing].disk_s = s.writing_s;
		s.m[s.writing].writes++;
		core_stamped(&s.core, s.writing, s.writing_s);
		s.writing_until = NONE;
	} else if (k < CONFIG_MAX_TIMERS && s.writing_until == NONE) {
		s.writing = k;
		s.writing_s = s.core.timer[k].stamp_s;
		s.writing_until = s.now + ONE_OF(0, 1, 100, 5000);
	}
}

static void request(void)
{
	uint32_t i = (uint32_t)below(s.count);
	bool start = below(2);
	if (start && !s.m[i].armed && s.set) /* counted from here on */
		count_anew(i);
	s.m[i].armed = start;
	deliver(start ? EV_START : EV_STOP, i, 0);
}

static void pass_time(void)
{
	uint64_t next = core_timer_deadline(&s.core, &s.plan, s.now), core = core_deadline(&s.core);
	next = core < next ? core : next;
	for (uint32_t i = 0; i < s.count; i++)
		next = s.m[i].exits_at < next ? s.m[i].exits_at : next;
	next = s.writing_until < next ? s.writing_until : next;
	if (next == NONE)
		next = s.now + 1 + below(100000000);
	if (!below(4)) /* woken for something else */
		next = s.now + below(next - s.now);
	if (!below(10)) /* late */
		next += below(ONE_OF(10, 3000, 100000));
	s.now = next > s.now ? next : s.now;
}

static bool run(uint64_t seed)
{
	memset(&s, 0, sizeof(s));
	s.seed = seed;
	s.random = seed * 0x2545f4914f6cdd1dull | 1;
	make_plan();
	s.now = 1 + below(100000);
	s.offset = below(2) ? (int64_t)below(100000) : (int64_t)(EPOCH_S + below(1000000000)) * 1000;
	boot();
	for (uint32_t n = 0; n < STEPS && !s.broken; n++) {
		exits();
		settle();
		if (!s.broken)
			judge();
		write_stamps();
		uint64_t what = below(100);
		if (what < 3)
			jump();
		else if (what < 8)
			crash();
		else if (what < 9)
			cut_power();
		else if (what < 12)
			request();
		else
			pass_time();
	}
	return !s.broken;
}

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

int main(void)
{
	uint64_t count = number("COUNT", DEFAULT_COUNT), seed = number("SEED", 1), failed = 0;
	for (uint64_t n = 0; n < count; n++) {
		if (run(seed + n))
			continue;
		if (failed++ < 5)
			printf("BROKEN SEED=%" PRIu64 ": %s\n", seed + n, s.why);
	}
	for (int k = 0; k < INVARIANTS; k++)
		printf("%12" PRIu64 " x %s\n", checked[k], names[k]);
	printf("%" PRIu64 " elapses, %" PRIu64 " of them made up for; %" PRIu64
		   " jumps of the clock, %" PRIu64 " crashes, %" PRIu64 " losses of power\n",
		elapses, caught_up, jumps, crashes, power_cuts);
	bool reached = elapses && caught_up && jumps && crashes && power_cuts;
	printf("timers: %" PRIu64 " histories, %" PRIu64 " failed\n", count,
		failed + (count > 1000 && !reached));
	return failed > 0 || (count > 1000 && !reached);
}
