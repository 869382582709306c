/* SPDX-License-Identifier: MIT
 * bulkhead-log: reads what services write and keeps it in one ring of fixed size per service. It
 * never blocks on a service, never allocates, and keeps nothing that its successor would need: PID
 * 1 holds the pipes, the rings hold the rest.
 */
#include "log/guard.h"
#include "base/version.h"
#include "log/log.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CHANNEL_TAG UINT32_MAX
#define RETURNED_TAG (UINT32_MAX - 1)
#define EVENTS 16
/* after SIGTERM; what is left then stays in the pipes for the next bulkhead-log */
#define DRAIN_MS 1000

static struct log self;
static sigset_t while_waiting;
static volatile sig_atomic_t stop;
/* the end of DRAIN_MS, whichever thread is at it; 0 = it is not the end */
static uint64_t drained_ms;
/* CPU time of the thread that has the loop, as far as it is somebody's */
static uint64_t charged_us;

static void on_stop(int sig)
{
	(void)sig;
	stop = 1;
}

/* The end: PID 1 no longer knows this service. */
static void ended(struct log *l, struct log_service *s, struct log_time now)
{
	log_line_flush(l, s, now);
	int pipe = log_channel_unlisten(l, s);
	if (s->changed)
		log_store_wake(s);
	log_store_close(s);
	s->used = false;
	log_guard_close(pipe);
}

/* epoll_pwait(2) lets no signal in as long as there are events, and one that writes without pause
 * sees to it that there are. */
static bool is_to_stop(void)
{
	sigset_t pending;
	if (stop || drained_ms)
		return true;
	return sigpending(&pending) == 0 &&
		(sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1);
}

static bool is_drained(void)
{
	return drained_ms && log_moment().ms >= drained_ms;
}

/* Between two reads: a turn of many pipes takes long where they are full of short lines. */
static bool is_cut_short(void)
{
	return drained_ms ? is_drained() : is_to_stop();
}

static uint64_t cpu_us(void)
{
	struct timespec ts;
	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts) < 0)
		return charged_us;
	return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

/* All that was done since the last charge was done for this one, also waking up. */
static void charge(struct log *l, struct log_service *s)
{
	uint64_t now_us = cpu_us(), now_ms = log_moment().ms;
	uint32_t rest = log_share_charge(&s->share, now_us - charged_us, now_ms);
	charged_us = now_us;
	if (!rest || drained_ms || s->pipe < 0)
		return;
	if (!s->rest_ms)
		epoll_ctl(l->epoll, EPOLL_CTL_DEL, s->pipe, NULL);
	if (s->rest_ms < now_ms + rest)
		s->rest_ms = now_ms + rest;
	s->pays = true;
}

/* At the end what they have written counts, and not what it costs. */
static void end_rests(struct log *l)
{
	for (size_t i = 0; i < CONFIG_MAX_SERVICES; i++)
		if (l->service[i].pays)
			l->service[i].rest_ms = 1;
	log_guard_listen(l, log_moment());
}

/* Everything that the pipe holds, up to one turn's share. */
static void read_pipe(struct log *l, struct log_service *s, struct log_time now)
{
	struct log_held h;
	struct log_round round = {0};
	ssize_t n = 0;
	log_store_look(l, s, now);
	for (size_t part; (part = log_share_next(&s->share, &round, sizeof(h.bytes)));) {
		n = log_guard_read(s, &h, part);
		if (n <= 0)
			break;
		round.lines += log_line_feed(l, s, h.bytes, (size_t)n, now);
		round.bytes += (size_t)n;
		if ((size_t)n < part || s->rest_ms || is_cut_short())
			break;
	}
	int err = errno;
	if (s->changed)
		log_store_wake(s);
	if (n == 0 || (n < 0 && err != EAGAIN && err != EINTR))
		ended(l, s, now);
	charge(l, s);
}

/* An error, or the end, is seen again by the next read. */
static void take_back(struct log *l, struct log_service *s, const struct log_held *h,
	struct log_time now)
{
	if (h->n > 0)
		log_line_feed(l, s, h->bytes, (size_t)h->n, now);
	if (s->changed)
		log_store_wake(s);
	if (!s->rest_ms)
		log_channel_listen(l, s, s->pipe);
	charge(l, s);
}

/* Milliseconds until something is due, -1 = nothing. */
static int timeout(const struct log *l, uint64_t now_ms)
{
	uint64_t next = log_guard_deadline(l);
	for (size_t i = 0; i < CONFIG_MAX_SERVICES; i++) {
		uint64_t due = log_line_deadline(&l->service[i]);
		if (due < next)
			next = due;
		if (l->service[i].rest_ms && l->service[i].rest_ms < next)
			next = l->service[i].rest_ms;
	}
	if (next == LOG_NO_DEADLINE)
		return -1;
	if (next <= now_ms)
		return 0;
	return next - now_ms < 60000 ? (int)(next - now_ms) : 60000;
}

static void report_dropped(struct log *l, struct log_time now)
{
	for (size_t i = 0; i < CONFIG_MAX_SERVICES; i++) {
		struct log_service *s = &l->service[i];
		if (!s->used || (!s->rate.dropped && !s->lost))
			continue;
		log_line_report(l, s, now);
		if (s->changed)
			log_store_wake(s);
	}
}

/* One round: every service that is ready has its turn. The number of events, or -EPIPE when PID
 * 1 has gone. */
static int turn(struct log *l, int wait_ms)
{
	struct epoll_event ev[EVENTS];
	log_guard_idle();
	int n = epoll_pwait(l->epoll, ev, EVENTS, wait_ms, &while_waiting);
	log_guard_busy();
	struct log_time now = log_moment();
	int err = 0;
	for (int i = 0; i < n && !is_cut_short(); i++)
		if (ev[i].data.u32 == RETURNED_TAG)
			log_guard_take(l, now);
		else if (ev[i].data.u32 != CHANNEL_TAG && l->service[ev[i].data.u32].pipe >= 0)
			read_pipe(l, &l->service[ev[i].data.u32], now);
	/* after the pipes, since a record may replace one of them */
	for (int i = 0; i < n; i++) {
		while (ev[i].data.u32 == CHANNEL_TAG && err >= 0) {
			err = log_channel_read(l, now);
			if (err == 0)
				break;
		}
		if (ev[i].data.u32 == CHANNEL_TAG)
			charged_us = cpu_us(); /* that was done for PID 1 */
	}
	log_store_reopen_cut(l, now);
	report_dropped(l, now);
	log_guard_tell(l, now);
	log_guard_listen(l, now);
	return err < 0 ? err : n;
}

static void run_loop(struct log *l)
{
	bool gone = false;
	charged_us = cpu_us(); /* of this thread */
	while (!is_to_stop() && !gone)
		gone = turn(l, timeout(l, log_moment().ms)) == -EPIPE;
	if (gone)
		epoll_ctl(l->epoll, EPOLL_CTL_DEL, l->channel, NULL);
	if (!drained_ms)
		drained_ms = log_moment().ms + DRAIN_MS;
	end_rests(l);
	while (!is_drained() && turn(l, 0) > 0)
		continue;
	/* All is stored. A thread that is held would keep the channel open; so it need not be waited
	 * for. */
	shutdown(l->channel, SHUT_RDWR);
}

/* Blocks SIGTERM except while waiting, so that none is missed between the test of `stop` and the
 * wait. */
static void catch_stop(void)
{
	struct sigaction act = {.sa_handler = on_stop};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t block;
	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGINT);
	sigprocmask(SIG_BLOCK, &block, &while_waiting);
	sigdelset(&while_waiting, SIGTERM);
	sigdelset(&while_waiting, SIGINT);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

/* PID 1 makes only /run/log, so that this program needs no power over anything else. */
static int open_directory(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT || mkdir(path, 0755) < 0)
		return fd;
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* From what a program usually has up to what it may have: two for each service are more, where
 * there are many. */
static void raise_limit(void)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < LOG_FDS) {
		r.rlim_cur = r.rlim_max < LOG_FDS ? r.rlim_max : LOG_FDS;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

static int report_unusable(const char *what)
{
	const char *end = ": can't be used\n";
	ssize_t n = write(STDERR_FILENO, "bulkhead-log: ", 14);
	if (n > 0)
		n = write(STDERR_FILENO, what, strlen(what));
	if (n > 0)
		n = write(STDERR_FILENO, end, strlen(end));
	return n > 0 ? 1 : 2;
}

int main(int argc, char **argv)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = CHANNEL_TAG};
	struct epoll_event back = {.events = EPOLLIN, .data.u32 = RETURNED_TAG};
	const char *directory = argc > 1 ? argv[1] : LOG_DIRECTORY;
	int version = version_asked("bulkhead-log", argc, argv);
	if (version >= 0)
		return version;
	umask(022);
	raise_limit();
	self.kmsg = -1;
	self.channel = LOG_CHANNEL_FD;
	self.directory = open_directory(directory);
	if (self.directory < 0)
		return report_unusable(directory);
	self.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (self.epoll < 0 || epoll_ctl(self.epoll, EPOLL_CTL_ADD, self.channel, &ev) < 0)
		return report_unusable("descriptor 7 (PID 1's log channel)");
	int returned = log_guard_open(&self, run_loop, take_back);
	if (returned < 0 || epoll_ctl(self.epoll, EPOLL_CTL_ADD, returned, &back) < 0)
		return report_unusable("eventfd");
	catch_stop();
	log_store_catch_cuts();
	run_loop(&self);
	return 0;
}
