// needs: core pid1 plan base tests/unit/core_rig.c tests/unit/slow_memory.c tests/unit/watchdog_stub.c
/* SPDX-License-Identifier: MIT
 * PID 1's pipes while bulkhead-log is not there, in virtual time: nothing is dropped before it had
 * time to come back, nobody waits for ever after, what is dropped is counted to the byte and told,
 * and the newest lines stay.
 */
#include "pid1/output/logs.h"
#include "base/channel.h"
#include "engine/descriptors.h"
#include "engine/receive.h"
#include "engine/send.h"
#include "engine/procfs.h"
#include "pid1/console.h"
#include "pid1/discard.h"
#include "pid1/output/hunt.h"
#include "pid1/kill.h"
#include "pid1/report.h"
#include "pid1/stay.h"
#include "pid1/watch.h"
#include "unit/core_rig.h"
#include "unit/slow_memory.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct rig rig;
static struct pid1 block;
static struct pid1 *const s = &block;
static uint64_t now;
static char said[4096];           /* on the console */
static struct channel_record got; /* the last record */
static uint32_t records;

uint64_t now_ms(void)
{
	return now;
}

void console_say(struct pid1 *st, enum console_level level, ...)
{
	va_list args;
	const char *part;
	(void)st, (void)level;
	va_start(args, level);
	while ((part = va_arg(args, const char *)))
		strncat(said, part, sizeof(said) - strlen(said) - 1);
	va_end(args);
	strncat(said, "\n", sizeof(said) - strlen(said) - 1);
}

bool report_may(struct pid1 *st, uint32_t service, enum storm_kind kind)
{
	(void)st, (void)service, (void)kind;
	return true;
}

void discard_connection(struct pid1 *st, int *fd)
{
	(void)st;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void stay_was(struct pid1 *st, enum proto_stay in)
{
	(void)st, (void)in;
}

static int32_t killed = -1;

void kill_all(struct pid1 *st, uint32_t service)
{
	(void)st;
	killed = (int32_t)service;
}

static pid_t of_dns, of_third; /* processes of the second service's, and the third's */

int procfs_service(const struct plan *p, int pid)
{
	(void)p;
	return pid == of_dns ? 1 : pid == of_third ? 2 : PROCFS_NONE;
}

enum procfs_end procfs_end(int pid)
{
	(void)pid;
	return PROCFS_LIVES;
}

void watch_add(struct pid1 *st, int fd, uint32_t events, enum watch kind, uint32_t index)
{
	(void)st, (void)fd, (void)events, (void)kind, (void)index;
}

void watch_change(struct pid1 *st, int fd, uint32_t events, enum watch kind, uint32_t index)
{
	(void)st, (void)fd, (void)events, (void)kind, (void)index;
}

void watch_drop(struct pid1 *st, int *fd)
{
	(void)st;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void receive_refuse_descriptors(int fd)
{
	(void)fd;
}

int receive_names_senders(int fd)
{
	(void)fd;
	return 0;
}

ssize_t receive_message(int fd, void *buf, size_t cap, struct sender *from)
{
	ssize_t n = recv(fd, buf, cap, MSG_DONTWAIT);
	*from = (struct sender){0};
	return n < 0 ? -errno : n;
}

int send_message(int fd, const void *data, size_t n, int passed)
{
	(void)fd, (void)passed;
	assert_int_equal(n, sizeof(got));
	memcpy(&got, data, sizeof(got));
	records++;
	return 0;
}

int descriptor_lift(int fd)
{
	return fd;
}

int descriptor_pipe(int fd[2], int flags)
{
	return pipe2(fd, flags | O_CLOEXEC) < 0 ? -errno : 0;
}

/* ---- */

static int start(void **state)
{
	(void)state;
	rig_begin(&rig,
		(const struct rig_service[]){{.name = "web"}, {.name = "dns"}, {.name = "third"}}, 3);
	memset(&block, 0, sizeof(block));
	s->core.count = 2;
	s->log_fd = s->drain_fd = s->drain_pidfd = s->hunt_fd = s->hunt_pidfd = -1;
	killed = -1;
	for (int i = 0; i < 2; i++)
		s->runtime[i].log_read = s->runtime[i].log_write = -1;
	now = 1000;
	said[0] = 0;
	records = 0;
	for (uint32_t i = 0; i < 2; i++)
		logs_prepare(s, &rig.plan, i);
	fcntl(s->runtime[0].log_write, F_SETFL, O_NONBLOCK); /* of this test, which may not wait */
	return 0;
}

static int end(void **state)
{
	(void)state;
	discard_connection(s, &s->log_fd);
	for (int i = 0; i < 2; i++) {
		close(s->runtime[i].log_read);
		close(s->runtime[i].log_write);
	}
	return 0;
}

/* As much as the pipe takes, `part` bytes at a time. */
static uint64_t fill(const char *text, size_t part)
{
	uint64_t total = 0;
	for (ssize_t n; (n = write(s->runtime[0].log_write, text, part)) > 0;)
		total += (uint64_t)n;
	assert_int_equal(errno, EAGAIN);
	return total;
}

static bool is_full(int fd)
{
	struct pollfd pf = {.fd = fd, .events = POLLOUT};
	return poll(&pf, 1, 0) == 0;
}

/* That a process has ended is told once, behind the record of its pipe; where nobody hears it,
 * it is told later, unless another process has begun meanwhile. */
static void the_log_is_told_of_ends(void **state)
{
	(void)state;
	logs_over(s, &rig.plan, 1);
	assert_int_equal(records, 0);
	int other = logs_new_channel(s);
	s->runtime[0].log_sent = 1;
	logs_flush(s, &rig.plan);
	assert_int_equal(records, 2);
	assert_int_equal(got.kind, CHANNEL_OVER);
	assert_int_equal(got.index, 1);
	logs_flush(s, &rig.plan);
	assert_int_equal(records, 2);
	logs_over(s, &rig.plan, 0);
	assert_int_equal(records, 3);
	assert_int_equal(got.index, 0);
	discard_connection(s, &s->log_fd);
	logs_over(s, &rig.plan, 1);
	logs_prepare(s, &rig.plan, 1);
	close(other);
	other = logs_new_channel(s);
	s->runtime[0].log_sent = s->runtime[1].log_sent = 1;
	logs_flush(s, &rig.plan);
	assert_int_equal(records, 3);
	close(other);
}

static uint64_t read_rest(char *last, size_t n)
{
	char buf[4096];
	uint64_t total = 0;
	for (ssize_t got_now; (got_now = read(s->runtime[0].log_read, buf, sizeof(buf))) > 0;) {
		total += (uint64_t)got_now;
		if ((size_t)got_now >= n)
			memcpy(last, buf + got_now - (ssize_t)n, n);
	}
	return total;
}

static int patience_ms = 5000; /* for the child, which lives in real time */

/* As the loop does. */
static void pass(uint64_t until)
{
	while (logs_deadline(s) <= until) {
		uint64_t due = logs_deadline(s);
		struct pollfd pf = {.fd = s->drain_fd, .events = POLLIN};
		now = now < due ? due : now;
		poll(&pf, 1, s->drain_fd < 0 ? 0 : patience_ms);
		logs_look(s, &rig.plan);
		assert_true(logs_deadline(s) > now);
	}
	now = until;
}

static void nothing_is_dropped_before_it_had_time_to_come_back(void **state)
{
	char text[512];
	uint64_t written;
	(void)state;
	memset(text, 'a', sizeof(text));
	written = fill(text, sizeof(text));
	pass(10900);
	assert_int_equal(s->runtime[0].log_lost, 0);
	int other = logs_new_channel(s);
	pass(60000);
	assert_int_equal(s->log_gone_ms, 0);
	assert_int_equal(read_rest(text, 1), written);
	assert_string_equal(said, "");
	close(other);
}

static void a_writer_goes_on_and_what_is_dropped_is_counted(void **state)
{
	char text[100];
	uint64_t written = 0, rest;
	(void)state;
	memset(text, 'a', sizeof(text));
	for (int i = 0; i < 200; i++) {
		written += fill(text, sizeof(text));
		pass(now + 20000);
	}
	text[sizeof(text) - 1] = 'z';
	assert_int_equal(write(s->runtime[0].log_write, text, sizeof(text)), sizeof(text));
	written += sizeof(text);
	assert_true(s->runtime[0].log_lost > 1000000);
	assert_int_equal(s->runtime[1].log_lost, 0);
	assert_string_equal(said,
		"bulkhead-log is not running: output of services is dropped, oldest first, and counted\n");
	rest = read_rest(text, 1);
	assert_int_equal(*text, 'z');
	assert_true(rest > 10000);
	assert_int_equal(rest + s->runtime[0].log_lost, written);
	printf("%llu bytes written, %llu counted as dropped, %llu still there\n",
		(unsigned long long)written, (unsigned long long)s->runtime[0].log_lost,
		(unsigned long long)rest);
}

static void the_log_is_told_once(void **state)
{
	char text[100] = {0};
	(void)state;
	fill(text, sizeof(text));
	pass(20000);
	uint64_t lost = s->runtime[0].log_lost;
	assert_true(lost > 0);
	int other = logs_new_channel(s);
	logs_flush(s, &rig.plan);
	assert_int_equal(records, 2); /* web's first */
	assert_int_equal(s->runtime[0].log_told, lost);
	close(other);
	logs_flush(s, &rig.plan); /* it is gone at once: and again its successor hears nothing new */
	assert_int_equal(s->log_fd, -1);
	other = logs_new_channel(s);
	s->core.count = 1;
	logs_flush(s, &rig.plan);
	assert_int_equal(got.lost, 0);
	pass(now + 20000);
	assert_non_null(strstr(said, "bulkhead-log is back: "));
	close(other);
}

/* It comes, and ends before it reads: the time that it was away goes on. */
static void one_that_comes_and_goes_holds_nobody_up(void **state)
{
	char text[100] = {0};
	uint64_t written = 0;
	(void)state;
	for (int i = 0; i < 20; i++) {
		written += fill(text, sizeof(text));
		int other = logs_new_channel(s);
		pass(now + 100);
		close(other);
		logs_flush(s, &rig.plan);
		pass(now + 5000);
	}
	assert_true(s->runtime[0].log_lost > 0);
	assert_int_equal(read_rest(text, 1) + s->runtime[0].log_lost, written);
}

/* Who holds the lock of its pipe is found out by a child, and it alone is left out then. */
static void who_holds_its_pipe_holds_up_a_child(void **state)
{
	static char text[4096];
	(void)state;
	if (!slow_memory_map())
		skip(); /* CONFIG_USERFAULTFD, and its privilege */
	pid_t holder = fork();
	if (holder == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 0; i < 16; i++) /* of 16 pages, and room in the last one */
			if (write(s->runtime[0].log_write, text, i < 15 ? sizeof(text) : 10) < 0)
				_exit(2);
		_exit(write(s->runtime[0].log_write, slow_memory_map(), 10) < 0);
	}
	fcntl(s->runtime[1].log_write, F_SETFL, O_NONBLOCK);
	while (write(s->runtime[1].log_write, text, sizeof(text)) > 0)
		;
	for (int i = 0; i < 500 && !(is_full(s->runtime[0].log_write) && slow_memory_waits(holder));
		 i++)
		poll(NULL, 0, 20);
	patience_ms = 100;
	pass(now + 30000);
	patience_ms = 5000;
	printf("%s", said);
	assert_int_equal(killed, 0);
	assert_true(s->runtime[0].log_held);
	assert_int_equal(s->runtime[0].log_lost, 0);
	assert_true(s->runtime[1].log_lost > 30000);
	assert_non_null(strstr(said, "web: it keeps its output from being read"));
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
}

/* As the loop does: what the child finds. */
static void hunt(void)
{
	hunt_begin(s, &rig.plan, 0);
	assert_true(s->hunt_fd >= 0);
	for (int i = 0; s->hunt_fd >= 0 && i < 100; i++) {
		struct pollfd pf = {.fd = s->hunt_fd, .events = POLLIN};
		poll(&pf, 1, 5000);
		now = hunt_deadline(s);
		hunt_look(s, &rig.plan);
	}
}

enum part { FIRST_ENDS, OWN_TABLE, KEEPS, HOLDS };

static _Atomic bool is_ready;

static void *play_thread(void *arg)
{
	enum part part = *(enum part *)arg;
	if (part == OWN_TABLE && syscall(SYS_unshare, CLONE_FILES) == 0)
		is_ready = true;
	for (;;)
		pause();
	return NULL;
}

static void play(enum part part, int begun)
{
	int pair[2];
	char unused[8];
	pthread_t thread;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (socketpair(AF_UNIX, part == KEEPS ? SOCK_DGRAM : SOCK_STREAM, 0, pair) < 0)
		_exit(1);
	close(begun);
	if (part == KEEPS)
		recv(pair[0], unused, sizeof(unused), 0);
	if (part == HOLDS)
		splice(pair[0], NULL, s->runtime[0].log_write, NULL, 4096, 0);
	pthread_create(&thread, NULL, play_thread, &part);
	if (part == FIRST_ENDS)
		syscall(SYS_exit, 0);
	while (!is_ready)
		usleep(1000);
	close(s->runtime[0].log_write);
	close(s->runtime[0].log_read);
	for (;;)
		pause();
}

/* What a file of /proc says of it, "" = nothing. */
static const char *of_process(pid_t pid, const char *file)
{
	static char text[256];
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = 0;
	close(fd);
	return text;
}

/* A child that sleeps in its part. */
static pid_t begin(enum part part)
{
	int begun[2];
	char unused;
	assert_int_equal(pipe2(begun, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(begun[0]);
		play(part, begun[1]);
	}
	close(begun[1]);
	assert_int_equal(read(begun[0], &unused, 1), 0);
	close(begun[0]);
	for (int i = 0; i < 1000 && strstr(of_process(pid, "stat"), ") R "); i++)
		poll(NULL, 0, 10);
	return pid;
}

static void finish(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void no_thread_hides(void **state)
{
	static const enum part parts[] = {FIRST_ENDS, OWN_TABLE};
	(void)state;
	for (int i = 0; i < 2; i++) {
		of_dns = begin(parts[i]);
		killed = -1;
		hunt();
		printf("%s", said);
		finish(of_dns);
		of_dns = 0;
		assert_int_equal(killed, 1);
	}
}

/* Who waits for datagrams is not the likeliest; and if it was in vain, another one comes. */
static void each_has_its_turn(void **state)
{
	(void)state;
	s->core.count = 3;
	of_dns = begin(KEEPS);
	fcntl(s->runtime[0].log_write, F_SETFL, 0);
	of_third = begin(HOLDS);
	printf("one sleeps in %s, ", of_process(of_dns, "wchan"));
	printf("the other in %s\n", of_process(of_third, "wchan"));
	bool is_told = strlen(of_process(of_dns, "wchan")) > 1; /* else the kernel does not tell */
	int32_t first = is_told ? 2 : 1;
	for (unsigned i = 0; i < 4; i++) {
		hunt();
		assert_int_equal(killed, i % 2 == 0 ? first : 3 - first);
	}
	hunt();
	logs_held(s, &rig.plan, 0); /* a new hold: as the first */
	hunt();
	assert_int_equal(killed, first);
	printf("%s", said);
	finish(of_dns);
	finish(of_third);
	of_dns = of_third = 0;
}

static void who_has_another_s_output_open_is_found(void **state)
{
	int begun[2];
	char unused;
	(void)state;
	of_dns = 0;
	hunt();
	assert_int_equal(killed, -1);
	assert_string_equal(said,
		"web: its output cannot be read: no other service has it open, the cause is unknown\n");
	hunt();
	assert_int_equal(strlen(strchr(said, '\n')), 1); /* once */
	said[0] = 0;
	assert_int_equal(pipe2(begun, O_CLOEXEC), 0);
	of_dns = fork();
	if (of_dns == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(begun[0]);
		close(begun[1]);
		for (;;)
			pause();
	}
	close(begun[1]);
	assert_int_equal(read(begun[0], &unused, 1), 0);
	close(begun[0]);
	hunt();
	printf("%s", said);
	assert_int_equal(killed, 1);
	assert_int_equal(s->runtime[0].log_held, 0);
	assert_non_null(
		strstr(said, "has the output of web open and keeps it from being read: sent SIGKILL"));
	kill(of_dns, SIGKILL);
	waitpid(of_dns, NULL, 0);
}

/* One that is there and does not read: what lies in a pipe, and a question without an answer. */
static void a_log_that_does_not_answer_is_killed(void **state)
{
	(void)state;
	rig_begin(&rig,
		(const struct rig_service[]){{.name = "web"}, {.name = "dns", .flags = SERVICE_LOGGER}}, 2);
	int other = logs_new_channel(s);
	logs_flush(s, &rig.plan);
	records = 0;
	pass(now + 60000);
	assert_int_equal(records, 0); /* nothing to read, nothing to ask */
	assert_int_equal(write(s->runtime[0].log_write, "x", 1), 1);
	for (int i = 0; i < 5; i++) { /* it answers in the end */
		const struct channel_word here = {CHANNEL_HERE, 0};
		pass(now + 11000);
		assert_int_equal(killed, -1);
		assert_int_equal(write(other, &here, sizeof(here)), sizeof(here));
	}
	assert_true(records > 1);
	uint64_t begin = now;
	while (killed < 0 && now < begin + 100000)
		pass(now + 1000);
	printf("killed after %llu ms\n", (unsigned long long)(now - begin));
	assert_int_equal(killed, 1);
	assert_true(now - begin < 26000);
	assert_int_equal(s->log_fd, -1);
	close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_dropped_before_it_had_time_to_come_back, start,
			end),
		cmocka_unit_test_setup_teardown(a_writer_goes_on_and_what_is_dropped_is_counted, start,
			end),
		cmocka_unit_test_setup_teardown(the_log_is_told_of_ends, start, end),
		cmocka_unit_test_setup_teardown(the_log_is_told_once, start, end),
		cmocka_unit_test_setup_teardown(one_that_comes_and_goes_holds_nobody_up, start, end),
		cmocka_unit_test_setup_teardown(who_holds_its_pipe_holds_up_a_child, start, end),
		cmocka_unit_test_setup_teardown(who_has_another_s_output_open_is_found, start, end),
		cmocka_unit_test_setup_teardown(no_thread_hides, start, end),
		cmocka_unit_test_setup_teardown(each_has_its_turn, start, end),
		cmocka_unit_test_setup_teardown(a_log_that_does_not_answer_is_killed, start, end),
	};
	return cmocka_run_group_tests_name("pipes that nobody reads", tests, NULL, NULL);
}
