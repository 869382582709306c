/* SPDX-License-Identifier: MIT
 * Stays away from the loop: see stay.h. */
#include "pid1/stay.h"
#include "base/num.h"
#include "base/span.h"
#include "engine/descriptors.h"
#include "pid1/watch.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

struct sample {
	uint64_t wall_ms, ran_us, queued_us;
	long slept; /* times that it went to sleep by itself */
};

static struct sample last; /* when it was last asked */
static bool away;
static uint64_t begun_ms, longest_ms;
static enum proto_stay longest_in; /* of this stay */
static int schedstat = -1;

static void on_tick(int sig)
{
	(void)sig;
}

void stay_open(void)
{
	struct sigaction sa = {.sa_handler = on_tick}; /* without SA_RESTART */
	sigset_t tick;
	sigemptyset(&tick);
	sigaddset(&tick, SIGALRM);
	sigaction(SIGALRM, &sa, NULL);
	sigprocmask(SIG_UNBLOCK, &tick, NULL);
	schedstat = descriptor_lift(open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC));
}

static void tick(uint32_t ms)
{
	const struct timeval t = {0, (suseconds_t)ms * 1000};
	const struct itimerval every = {t, t};
	setitimer(ITIMER_REAL, &every, NULL);
}

/* The second of three numbers, in ns. */
static uint64_t queued_us(void)
{
	char text[80];
	struct span s, word;
	uint64_t ns = 0;
	ssize_t n = schedstat >= 0 ? pread(schedstat, text, sizeof(text), 0) : 0;
	s = (struct span){text, n > 0 ? (size_t)n : 0};
	if (!span_word(&s, &word) || !span_word(&s, &word) || num_u64(word, UINT64_MAX, &ns) < 0)
		return 0;
	return ns / 1000u;
}

static struct sample sample(void)
{
	struct rusage r;
	struct sample now = {.wall_ms = now_ms(), .queued_us = queued_us()};
	if (getrusage(RUSAGE_SELF, &r) < 0)
		return now;
	now.ran_us = (uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000u +
		(uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
	now.slept = r.ru_nvcsw;
	return now;
}

void stay_none(void)
{
	tick(0);
	away = false;
}

void stay_begin(void)
{
	tick(STAY_TICK_MS);
	last = sample();
	away = true;
	begun_ms = last.wall_ms;
	longest_ms = 0;
	longest_in = STAY_ELSE;
}

static uint64_t asleep_ms(const struct sample *from, const struct sample *to)
{
	uint64_t wall = (to->wall_ms - from->wall_ms) * 1000u;
	uint64_t awake = to->ran_us - from->ran_us + to->queued_us - from->queued_us;
	return to->slept == from->slept || awake > wall ? 0 : (wall - awake) / 1000u;
}

void stay_was(struct pid1 *s, enum proto_stay in)
{
	if (!away) /* boot and shutdown have bounds of their own */
		return;
	struct sample now = sample();
	uint64_t asleep = asleep_ms(&last, &now);
	if (now.wall_ms - last.wall_ms > longest_ms) {
		longest_ms = now.wall_ms - last.wall_ms;
		longest_in = in;
	}
	if (asleep > s->loop_asleep_ms[in])
		s->loop_asleep_ms[in] = (uint32_t)asleep;
	last = now;
}

void stay_end(struct pid1 *s)
{
	stay_was(s, STAY_ELSE);
	tick(0);
	away = false;
	if (last.wall_ms - begun_ms <= s->loop_max_ms)
		return;
	s->loop_max_ms = last.wall_ms - begun_ms;
	s->loop_max_in = longest_in;
}
