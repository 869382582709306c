/* SPDX-License-Identifier: MIT
 * Nobody holds the log up: see log.h. read(2) of a pipe waits for the pipe's lock, O_NONBLOCK or
 * not, and no signal ends that (pipe_read, __pipe_lock; RWF_NOWAIT does not change it, nor does
 * poll(2) tell). A service can hold that lock for as long as it likes: by splice(2) from a socket
 * on which nothing comes, or by writing from memory that is slow to come. So a second thread
 * watches the one that has the loop: if that one is away in one and the same call for too long, the
 * watcher has the loop from then on, without that pipe, and starts a watcher of its own. Who comes
 * back finds that it has been replaced: it hands in what it has read and ends.
 *
 * A service that holds its pipe for less than that, again and again, would still have the others
 * wait. So each read that slept shortens the patience with its service, and from the second on its
 * pipe rests for a hundred times as long as the others have waited: it takes a hundredth of their
 * time. It is killed for none of that: a writer that was not let run in the middle of its write(2)
 * looks the same.
 */
#include "log/guard.h"
#include "log/log.h"
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define SLOW_MS 20u    /* a read that slept, and took longer, was kept waiting */
#define LEAST_MS 10u   /* of patience */
#define MEND_MS 10000u /* without a slow read until it is twice as much again */
#define REST_TIMES 100u
#define REST_MS 2000u /* at most */

/* What the thread that has the loop is at; the rest of the word counts, so that a later call is
 * told from an earlier one. */
enum { IDLE, BUSY, AWAY, WHAT = 3 };

static struct log *of;
static void (*loop)(struct log *);
static log_late *take_late;
static _Atomic uint32_t word;
static atomic_bool asleep; /* the watcher, until the loop is busy again */
static sem_t busy;
static struct log_held *away; /* what the loop is away with */
static int returned = -1;     /* an eventfd: one who was given up has come back */
static bool watched;
static _Atomic uint32_t patience_ms; /* with the call that the loop is away in */
static _Atomic uint32_t step_ms;     /* of the watcher: the least patience with anybody */
/* of the thread that has the loop, when its turn or its last slow read began */
static long sleeps;

static uint32_t next(uint32_t w, uint32_t what)
{
	return ((w | WHAT) + 1) | what;
}

static void set(uint32_t what)
{
	atomic_store(&word, next(atomic_load(&word), what));
}

static void wait_for_post(sem_t *sem)
{
	while (sem_wait(sem) < 0 && errno == EINTR)
		;
}

static void sleep_until_busy(void)
{
	atomic_store(&asleep, true);
	if ((atomic_load(&word) & WHAT) != IDLE && atomic_exchange(&asleep, false))
		return;
	wait_for_post(&busy);
}

/* Until it is known to be back its bytes stay in the pipe: a read that finds no memory takes none
 * (EFAULT), so that nothing is lost with a bulkhead-log that is killed meanwhile. */
static void allow(struct log_held *h, int protection)
{
	if (sysconf(_SC_PAGESIZE) == LOG_READ_BYTES)
		mprotect(h->bytes, LOG_READ_BYTES, protection);
}

void log_guard_away(const struct log *l)
{
	uint32_t n = 0;
	for (const struct log_held *h = l->held; h; h = h->next)
		n++;
	log_channel_say(l, CHANNEL_AWAY, n);
}

static void take_over(void)
{
	struct log_held *h = away;
	watched = false;
	if (h->service) { /* else it is only closing */
		h->due_ms = log_moment().ms + LOG_HELD_MS;
		h->next = of->held;
		of->held = h;
		allow(h, PROT_NONE);
		log_guard_away(of);
		epoll_ctl(of->epoll, EPOLL_CTL_DEL, h->service->pipe, NULL);
	}
	loop(of);
	_exit(0);
}

static void sleep_a_step(uint32_t ms)
{
	const struct timespec step = {.tv_nsec = (long)ms * 1000000};
	nanosleep(&step, NULL);
}

static void *watch_loop(void *unused)
{
	uint32_t last = 0, waited = 0;
	for (;;) {
		uint32_t seen = atomic_load(&word), step = atomic_load(&step_ms);
		if ((seen & WHAT) == IDLE) {
			sleep_until_busy();
			continue;
		}
		if (seen != last)
			waited = 0;
		last = seen;
		sleep_a_step(step);
		waited += step;
		if ((seen & WHAT) == AWAY && waited >= atomic_load(&patience_ms) &&
			atomic_compare_exchange_strong(&word, &seen, next(seen, BUSY)))
			take_over();
	}
	return unused;
}

static void start_watcher(void)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, watch_loop, NULL) != 0)
		return; /* it is tried again; until then all is as if there were none */
	pthread_detach(thread);
	watched = true;
}

int log_guard_open(struct log *l, void (*run)(struct log *), log_late *late)
{
	of = l;
	loop = run;
	take_late = late;
	step_ms = LOG_PATIENCE_MS;
	returned = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	sem_init(&busy, 0, 0);
	return returned;
}

void log_guard_idle(void)
{
	set(IDLE);
}

/* A thread that is not let run, or takes long to copy, has not waited for anybody: it did not
 * sleep. */
static long count_sleeps(void)
{
	struct rusage r;
	return getrusage(RUSAGE_THREAD, &r) < 0 ? 0 : r.ru_nvcsw;
}

static uint32_t least_patience(const struct log *l)
{
	uint32_t least = LOG_PATIENCE_MS;
	for (size_t i = 0; i < CONFIG_MAX_SERVICES; i++)
		if (l->service[i].used && l->service[i].patience_ms < least)
			least = l->service[i].patience_ms;
	return least;
}

void log_guard_busy(void)
{
	atomic_store(&step_ms, least_patience(of));
	sleeps = count_sleeps();
	set(BUSY);
	if (!watched)
		start_watcher();
	else if (atomic_exchange(&asleep, false))
		sem_post(&busy);
}

/* False: it took too long, and another has the loop. */
static bool is_back(uint32_t left)
{
	if (!atomic_compare_exchange_strong(&word, &left, next(left, BUSY)))
		return false;
	away = NULL;
	return true;
}

static uint32_t leave_with(struct log_held *h)
{
	away = h;
	atomic_store(&patience_ms, h->service ? h->service->patience_ms : LOG_PATIENCE_MS);
	set(AWAY);
	return atomic_load(&word);
}

static void hand_in(struct log_held *h)
{
	const uint64_t one = 1;
	sem_init(&h->taken, 0, 0);
	atomic_store(&h->back, true);
	while (write(returned, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	wait_for_post(&h->taken);
	pthread_exit(NULL);
}

/* A tenth of the patience, and after the first time a rest. */
static void was_kept_waiting(struct log_service *s, uint64_t waited_ms, uint64_t now_ms)
{
	uint64_t rest = waited_ms * REST_TIMES;
	if (s->patience_ms < LOG_PATIENCE_MS)
		s->rest_ms = now_ms + (rest < REST_MS ? rest : REST_MS);
	s->patience_ms = s->patience_ms / 10 > LEAST_MS ? s->patience_ms / 10 : LEAST_MS;
	s->changed_ms = now_ms;
}

static void mend_patience(struct log_service *s, uint64_t now_ms)
{
	if (s->patience_ms == LOG_PATIENCE_MS || now_ms < s->changed_ms + MEND_MS)
		return;
	s->patience_ms = s->patience_ms * 2 < LOG_PATIENCE_MS ? s->patience_ms * 2 : LOG_PATIENCE_MS;
	s->changed_ms = now_ms;
}

static void judge_wait(struct log_service *s, uint64_t waited_ms, uint64_t now_ms)
{
	long slept = waited_ms < SLOW_MS ? sleeps : count_sleeps();
	if (slept != sleeps)
		was_kept_waiting(s, waited_ms, now_ms);
	else
		mend_patience(s, now_ms);
	sleeps = slept;
	if (s->rest_ms)
		epoll_ctl(of->epoll, EPOLL_CTL_DEL, s->pipe, NULL);
}

/* FIONREAD waits for the lock of the pipe as read(2) does. */
static void call(struct log_service *s, struct log_held *h, size_t size, int *unread)
{
	h->n = unread ? ioctl(s->pipe, FIONREAD, unread) : read(s->pipe, h->bytes, size);
}

static ssize_t guard_call(struct log_service *s, struct log_held *h, size_t size, int *unread)
{
	h->service = s;
	h->back = false;
	h->told = 0;
	const uint64_t begin = log_moment().ms;
	const long before = sleeps;
	uint32_t left = leave_with(h);
	call(s, h, size, unread);
	int err = errno;
	if (!is_back(left)) {
		h->slept = count_sleeps() != before;
		hand_in(h);
	}
	uint64_t now = log_moment().ms;
	judge_wait(s, now - begin, now);
	errno = err;
	return h->n;
}

ssize_t log_guard_read(struct log_service *s, struct log_held *h, size_t size)
{
	return guard_call(s, h, size, NULL);
}

uint32_t log_guard_unread(const struct log *l, struct log_service *s)
{
	struct log_held h;
	int unread = 0;
	for (const struct log_held *held = l->held; held; held = held->next)
		if (held->service == s)
			return 0;
	return guard_call(s, &h, 0, &unread) < 0 || unread < 0 ? 0 : (uint32_t)unread;
}

void log_guard_close(int fd)
{
	struct log_held h = {.service = NULL};
	if (fd < 0)
		return;
	uint32_t left = leave_with(&h);
	close(fd);
	if (!is_back(left))
		pthread_exit(NULL);
}

/* Its pipe is another one by now, or none. */
void log_guard_forget(struct log *l, const struct log_service *s)
{
	for (struct log_held *h = l->held; h; h = h->next)
		if (h->service == s)
			h->service = NULL;
}

void log_guard_take(struct log *l, struct log_time now)
{
	uint64_t count;
	struct log_held **at = &l->held;
	if (read(returned, &count, sizeof(count)) < 0)
		return;
	while (*at) {
		struct log_held *h = *at;
		if (!atomic_load(&h->back)) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		allow(h, PROT_READ | PROT_WRITE);
		if (h->service && h->slept)
			was_kept_waiting(h->service, h->service->patience_ms, now.ms);
		if (h->service)
			take_late(l, h->service, h, now);
		sem_post(&h->taken); /* with that it is gone */
	}
	log_guard_away(l);
}

uint64_t log_guard_deadline(const struct log *l)
{
	uint64_t due = LOG_NO_DEADLINE;
	for (const struct log_held *h = l->held; h; h = h->next)
		if (h->service && h->due_ms < due)
			due = h->due_ms;
	return due;
}

void log_guard_tell(struct log *l, struct log_time now)
{
	for (struct log_held *h = l->held; h; h = h->next) {
		if (!h->service || now.ms < h->due_ms)
			continue;
		log_channel_say(l, h->told ? CHANNEL_STILL : CHANNEL_HELD, h->service->index);
		h->due_ms = now.ms + ((uint64_t)LOG_HELD_MS << h->told);
		h->told += h->told < LOG_HELD_TIMES;
	}
}

void log_guard_listen(struct log *l, struct log_time now)
{
	for (size_t i = 0; i < CONFIG_MAX_SERVICES; i++) {
		struct log_service *s = &l->service[i];
		if (!s->used || !s->rest_ms || now.ms < s->rest_ms)
			continue;
		s->rest_ms = 0;
		s->pays = false;
		log_channel_listen(l, s, s->pipe);
	}
}
