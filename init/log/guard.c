/* SPDX-License-Identifier: MIT
 * Nobody holds the log up: see log.h. read(2) of a pipe waits for the pipe's lock, O_NONBLOCK or
 * not, and no signal ends that (pipe_read, __pipe_lock; RWF_NOWAIT does not change it, nor does
 * poll(2) tell). A service can hold that lock for as long as it likes: by splice(2) from a socket
 * on which nothing comes, or by writing from memory that is slow to come. So a second thread
 * watches the one that has the loop: if that one is away in one and the same call for too long, the
 * watcher has the loop from then on, without that pipe, and starts a watcher of its own. Who comes
 * back finds that it has been replaced: it hands in what it has read and ends.
 */
#include "log/log.h"
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_MS 250u

/* What the thread that has the loop is at; the rest of the word counts, so that a later call is
 * told from an earlier one. */
enum { IDLE, BUSY, AWAY, WHAT = 3 };

static struct log *of;
static void (*loop)(struct log *);
static _Atomic uint32_t word;
static atomic_bool asleep; /* the watcher, until the loop is busy again */
static sem_t busy;
static struct log_held *away; /* what the loop is away with */
static int returned = -1;     /* an eventfd: one who was given up has come back */
static bool watched;

static uint32_t next(uint32_t w, uint32_t what)
{
	return ((w | WHAT) + 1) | what;
}

static void set(uint32_t what)
{
	atomic_store(&word, next(atomic_load(&word), what));
}

static void wait_for(sem_t *sem)
{
	while (sem_wait(sem) < 0 && errno == EINTR)
		;
}

static void sleep_until_busy(void)
{
	atomic_store(&asleep, true);
	if ((atomic_load(&word) & WHAT) != IDLE && atomic_exchange(&asleep, false))
		return;
	wait_for(&busy);
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

static void *watch(void *unused)
{
	const struct timespec period = {.tv_nsec = PERIOD_MS * 1000000};

	for (;;) {
		uint32_t seen = atomic_load(&word);

		if ((seen & WHAT) == IDLE) {
			sleep_until_busy();
			continue;
		}
		nanosleep(&period, NULL);
		if ((seen & WHAT) == AWAY && atomic_compare_exchange_strong(&word, &seen, next(seen, BUSY)))
			take_over();
	}
	return unused;
}

static void start_watcher(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, watch, NULL) != 0)
		return; /* it is tried again; until then all is as if there were none */
	pthread_detach(thread);
	watched = true;
}

int log_guard_open(struct log *l, void (*run)(struct log *))
{
	of = l;
	loop = run;
	returned = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	sem_init(&busy, 0, 0);
	return returned;
}

void log_guard_idle(void)
{
	set(IDLE);
}

void log_guard_busy(void)
{
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
	wait_for(&h->taken);
	pthread_exit(NULL);
}

ssize_t log_guard_read(struct log_service *s, struct log_held *h)
{
	h->service = s;
	h->back = false;
	h->told = 0;
	uint32_t left = leave_with(h);

	h->n = read(s->pipe, h->bytes, sizeof(h->bytes));
	if (!is_back(left))
		hand_in(h);
	return h->n;
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
		if (h->service)
			log_take_back(l, h->service, h, now);
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
