/* SPDX-License-Identifier: MIT
 * Whether and when a service is restarted: see restart.h.
 */
#include "core/restart.h"
#include "base/count.h"
#include "core/state.h"

/* A wall that the kernel refuses will not stand the next time either. A lack of memory, of
 * descriptors or of space may pass, and so may what kills the cell, and a disk that does not
 * answer. What is not there may come: a device, an interface, a path. But that may be a mistake in
 * the file as well, which is told at once unless the service is to run always. */
static bool may_come(const struct plan_service *ps, int32_t err)
{
	static const uint8_t passes[] = {4 /* EINTR */, 5 /* EIO */, 11 /* EAGAIN */, 12 /* ENOMEM */,
		16 /* EBUSY */, 23 /* ENFILE */, 24 /* EMFILE */, 26 /* ETXTBSY */, 28 /* ENOSPC */,
		99 /* EADDRNOTAVAIL */, 110 /* ETIMEDOUT */, 122 /* EDQUOT */, 125 /* ECANCELED */};
	for (uint32_t k = 0; k < COUNT(passes); k++)
		if (err == passes[k])
			return true;
	return ps->restart == RESTART_ALWAYS && core_lacks(err);
}

bool core_lacks(int32_t err)
{
	static const uint8_t comes[] = {2 /* ENOENT */, 6 /* ENXIO */, 19 /* ENODEV */,
		98 /* EADDRINUSE */};
	for (uint32_t k = 0; k < COUNT(comes); k++)
		if (err == comes[k] || err == -comes[k])
			return true;
	return false;
}

static bool policy_allows(const struct plan_service *ps, enum core_outcome o)
{
	static const uint16_t policy[RESTART_COUNT] = {
		[RESTART_NO] = 0,
		[RESTART_ON_FAILURE] = 1 << OUT_EXIT | 1 << OUT_SIGNAL | 1 << OUT_TIMEOUT |
			1 << OUT_WATCHDOG | 1 << OUT_WALL | 1 << OUT_MEMORY | 1 << OUT_LOST | 1 << OUT_RUNTIME,
		[RESTART_ON_ABNORMAL] = 1 << OUT_SIGNAL | 1 << OUT_TIMEOUT | 1 << OUT_WATCHDOG |
			1 << OUT_MEMORY | 1 << OUT_LOST | 1 << OUT_RUNTIME,
		[RESTART_ON_SUCCESS] = 1 << OUT_SUCCESS,
		[RESTART_ALWAYS] = 1 << OUT_SUCCESS | 1 << OUT_EXIT | 1 << OUT_SIGNAL | 1 << OUT_TIMEOUT |
			1 << OUT_WATCHDOG | 1 << OUT_WALL | 1 << OUT_MEMORY | 1 << OUT_LOST | 1 << OUT_RUNTIME,
	};
	return ps->restart < RESTART_COUNT && policy[ps->restart] & 1 << o;
}

/* The main process's own end was the life's end, so its status has a say. */
static bool ended_by_main(const struct core_service *s)
{
	bool by_process = s->outcome == OUT_SUCCESS || s->outcome == OUT_EXIT ||
		s->outcome == OUT_SIGNAL;
	return by_process && (s->end_list == EXEC_COUNT || s->end_list == EXEC_START);
}

bool core_comes_back(const struct plan *p, uint32_t i, const struct core_service *s)
{
	const struct plan_service *ps = plan_service(p, i);
	enum core_outcome o = (enum core_outcome)s->outcome;
	int32_t err = s->failed_errno;
	bool by_main = ended_by_main(s);
	if (ps->type == TYPE_ONESHOT && o == OUT_SUCCESS)
		return false;
	if (by_main && core_has_status(p, ps->restart_prevent, s->end_status))
		return false;
	if (by_main && core_has_status(p, ps->restart_force, s->end_status))
		return true;
	if (!policy_allows(ps, o))
		return false;
	/* Without the log program the others would in time wait for room in their pipes: it is tried
	 * again for ever. */
	return o != OUT_WALL || ps->flags & SERVICE_LOGGER || may_come(ps, err < 0 ? -err : err);
}

/* Up to an eighth: many services that fail together do not come back together. */
static uint32_t jitter(struct core *c, uint32_t ms)
{
	return core_random_below(c, ms / 8);
}

/* On top, or below what may not be exceeded; never earlier than the first. */
static uint32_t with_jitter(struct core *c, const struct plan_service *ps, uint32_t ms,
	uint32_t most)
{
	uint32_t j = jitter(c, ms);
	uint64_t delay = (uint64_t)ms + j;
	if (delay > most)
		delay = most - j;
	return delay < ps->restart_ms ? ps->restart_ms : (uint32_t)delay;
}

static bool over_limit(const struct core_service *s, const struct plan_service *ps, uint64_t then)
{
	return ps->start_limit_burst && s->starts >= ps->start_limit_burst &&
		then - s->window_ms < ps->start_limit_interval_ms;
}

/* A start is counted in the interval that began with the first one. */
bool core_start_limit_hit(struct core_service *s, const struct plan_service *ps, uint64_t now)
{
	if (ps->start_limit_burst == 0)
		return false;
	if (over_limit(s, ps, now))
		return true;
	if (s->starts == 0 || now - s->window_ms >= ps->start_limit_interval_ms) {
		s->window_ms = now;
		s->starts = 0;
	}
	s->starts++;
	return false;
}

static uint32_t most_of(const struct plan_service *ps)
{
	return ps->restart_max_ms > ps->restart_ms ? ps->restart_max_ms : ps->restart_ms;
}

/* It never listens for the last time: a service that nobody can call for weeks, since many have
 * called at once, is worse than a slow one. */
void core_begin_pause(struct core_service *s, const struct plan_service *ps, uint64_t now)
{
	uint64_t pause = ps->restart_ms ? ps->restart_ms : 1;
	uint32_t most = most_of(ps);
	if (s->unanswered < CORE_UNANSWERED_MOST)
		s->unanswered++;
	if (s->unanswered > CORE_UNANSWERED) {
		pause <<= s->unanswered - CORE_UNANSWERED;
		if (pause > most)
			pause = most ? most : 1;
		core_notice(s, NOTICE_UNANSWERED);
	}
	core_enter(s, SVC_BACKOFF, now, core_after(now, (uint32_t)pause));
}

void core_forget_unanswered(struct core_service *s, uint64_t now)
{
	if (now - s->since_ms >= CORE_SESSION_MS)
		s->unanswered = 0;
}

bool core_begin_backoff(struct core *c, const struct plan *p, uint32_t i, uint64_t now)
{
	struct core_service *s = &c->service[i];
	const struct plan_service *ps = plan_service(p, i);
	uint64_t next = s->backoff_ms ? 2ull * s->backoff_ms : ps->restart_ms;
	uint32_t most = most_of(ps);
	if (next > most)
		next = most;
	/* RestartSec = 0: at once, but never so that the loop would do nothing else. */
	s->backoff_ms = next ? (uint32_t)next : 1;
	uint64_t then = core_after(now, with_jitter(c, ps, s->backoff_ms, most ? most : 1));
	/* nothing is announced, nor counted, that would not come */
	if (!core_awaits_call(s, ps) && over_limit(s, ps, then))
		return false;
	core_enter(s, SVC_BACKOFF, now, then);
	core_notice(s, NOTICE_RESTARTING);
	return true;
}

void core_forget_backoff(struct core_service *s, const struct plan_service *ps, enum core_outcome o,
	uint64_t now)
{
	uint64_t stable = ps->restart_max_ms > CORE_STABLE_MS ? ps->restart_max_ms : CORE_STABLE_MS;
	/* a session that ended well is no sign of a fault */
	if (o == OUT_SUCCESS)
		stable = CORE_SESSION_MS;
	if (s->state == SVC_UP)
		core_forget_unanswered(s, now);
	if (s->state == SVC_UP && now - s->since_ms >= stable)
		s->backoff_ms = 0;
}
