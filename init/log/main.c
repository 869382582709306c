/* SPDX-License-Identifier: MIT
 * bulkhead-log: reads what services write and keeps it in one ring of fixed size a service. It
 * never blocks on a service, never allocates and keeps nothing that its successor would miss: PID 1
 * holds the pipes, the rings hold the rest.
 */
#include "log/log.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CHANNEL_TAG UINT32_MAX
#define EVENTS 16
#define DRAIN_ROUNDS 16 /* after SIGTERM; what is left then stays in the pipes for the next bulkhead-log */

static struct log self;
static volatile sig_atomic_t stop;

static void on_stop(int sig)
{
	(void)sig;
	stop = 1;
}

static struct log_time moment(void)
{
	struct timespec ts;
	struct log_time t;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	t.ns = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
	t.ms = t.ns / 1000000u;
	return t;
}

/* Everything that the pipe holds, up to one turn's share. */
static void read_pipe(struct log *l, struct log_service *s, struct log_time now)
{
	static char buf[LOG_READ_BYTES];
	size_t total = 0;
	ssize_t n = 0;

	while (total < LOG_ROUND_BYTES) {
		n = read(s->pipe, buf, sizeof(buf));
		if (n <= 0)
			break;
		log_line_feed(l, s, buf, (size_t)n, now);
		total += (size_t)n;
		if ((size_t)n < sizeof(buf))
			break;
	}
	/* the end: PID 1 no longer knows this service */
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		log_line_flush(l, s, now);
		log_channel_unlisten(l, s);
	}
	if (s->changed)
		log_store_wake(s);
	if (s->pipe < 0) {
		log_store_close(s);
		s->used = false;
	}
}

/* Milliseconds until the next note about dropped lines is due, -1 = none. */
static int timeout(const struct log *l, uint64_t now_ms)
{
	uint64_t next = LOG_NO_DEADLINE;

	for (size_t i = 0; i < CONFIG_MAX_SERVICES; i++) {
		uint64_t due = log_line_deadline(&l->service[i]);

		if (due < next)
			next = due;
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
static int turn(struct log *l, int wait_ms, const sigset_t *mask)
{
	struct epoll_event ev[EVENTS];
	int n = epoll_pwait(l->epoll, ev, EVENTS, wait_ms, mask);
	struct log_time now = moment();
	int err = 0;

	for (int i = 0; i < n; i++) {
		if (ev[i].data.u32 == CHANNEL_TAG)
			continue;
		if (l->service[ev[i].data.u32].pipe >= 0)
			read_pipe(l, &l->service[ev[i].data.u32], now);
	}
	/* after the pipes, since a record may replace one of them */
	for (int i = 0; i < n; i++) {
		while (ev[i].data.u32 == CHANNEL_TAG && err >= 0) {
			err = log_channel_read(l, now);
			if (err == 0)
				break;
		}
	}
	log_store_mend(l, now);
	report_dropped(l, now);
	return err < 0 ? err : n;
}

static void run(struct log *l, const sigset_t *mask)
{
	bool gone = false;

	while (!stop && !gone)
		gone = turn(l, timeout(l, moment().ms), mask) == -EPIPE;
	if (gone)
		epoll_ctl(l->epoll, EPOLL_CTL_DEL, l->channel, NULL);
	for (int i = 0; i < DRAIN_ROUNDS; i++) {
		if (turn(l, 0, mask) <= 0)
			break;
	}
}

/* Blocks SIGTERM except while waiting, so that none is missed between the test of `stop` and the
 * wait. */
static void catch_stop(sigset_t *while_waiting)
{
	struct sigaction act = {.sa_handler = on_stop};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t block;

	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGINT);
	sigprocmask(SIG_BLOCK, &block, while_waiting);
	sigdelset(while_waiting, SIGTERM);
	sigdelset(while_waiting, SIGINT);
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

static int fail(const char *what)
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
	const char *directory = argc > 1 ? argv[1] : LOG_DIRECTORY;
	sigset_t mask;

	umask(022);
	raise_limit();
	self.kmsg = -1;
	self.channel = LOG_CHANNEL_FD;
	self.directory = open_directory(directory);
	if (self.directory < 0)
		return fail(directory);
	self.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (self.epoll < 0 || epoll_ctl(self.epoll, EPOLL_CTL_ADD, self.channel, &ev) < 0)
		return fail("descriptor 7 (PID 1's log channel)");
	catch_stop(&mask);
	log_store_bear();
	run(&self, &mask);
	return 0;
}
