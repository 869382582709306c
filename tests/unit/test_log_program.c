// needs: log/line.c log/store.c log/channel.c log/guard.c log/kmsg.c base/ring.c base/fmt.c base/errname.c ctl/source.c
/* SPDX-License-Identifier: MIT
 * bulkhead-log as a whole, in a process of its own: this test is its PID 1, holds the pipes, kills it and reads the rings.
 */
int log_main(int argc, char **argv);
#define main log_main
#include "log/main.c"
#undef main
#include "ctl/source.h"
#include "test_seed.h"
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>

#define SERVICES 3
#define PATIENCE_MS 20000 /* before something counts as lost */

static char directory[] = "/tmp/test-log-XXXXXX";
static int channel = -1; /* our end */
static pid_t program;
static pid_t writer; /* a service's process */
static pid_t holders[2];
static int pipes[SERVICES][2];
static const char *const names[SERVICES] = {"web", "dns-1", "x@y"};

static void start_program(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	program = fork();
	if (program == 0) {
		char *argv[] = {"bulkhead-log", directory, NULL};

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* as PID 1 leaves it: standard descriptors and the channel, nothing else */
		dup2(pair[1], LOG_CHANNEL_FD);
		for (int fd = 3; fd < 64; fd++) {
			if (fd != LOG_CHANNEL_FD)
				close(fd);
		}
		_exit(log_main(2, argv));
	}
	close(pair[1]);
	channel = pair[0];
}

static void send_raw(const void *record, size_t n, int fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.bytes = {0}};
	struct iovec iov = {.iov_base = (void *)record, .iov_len = n};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (fd < 0)
		msg.msg_controllen = 0;
	assert_int_equal(sendmsg(channel, &msg, MSG_NOSIGNAL), n);
}

static void send_record(const char *name, int fd, uint32_t kb)
{
	struct channel_record r = {.kind = CHANNEL_SERVICE, .ring_kb = kb};

	strncpy(r.name, name, sizeof(r.name));
	send_raw(&r, sizeof(r), fd);
}

static void send_all(uint32_t kb)
{
	for (int i = 0; i < SERVICES; i++)
		send_record(names[i], pipes[i][0], kb);
}

static int end_program(int sig)
{
	int status;

	if (sig)
		kill(program, sig);
	else
		close(channel);
	assert_int_equal(waitpid(program, &status, 0), program);
	if (sig)
		close(channel);
	channel = -1;
	return status;
}

static void say(int service, const char *text)
{
	assert_int_equal(write(pipes[service][1], text, strlen(text)), strlen(text));
}

/* The newest line of the ring that begins with `start`; waits until there is one. */
static void expect(const char *name, const char *text)
{
	struct source s = {.file = -1};
	int dir = open(directory, O_RDONLY | O_DIRECTORY);
	size_t n = strlen(text);
	bool found = false;

	for (int waited = 0; waited < PATIENCE_MS && !found; waited += 5) {
		if (source_open(&s, dir, name) == 0 && source_refresh(&s) == 0) {
			s.position = 0;
			for (source_next(&s); s.ready; source_next(&s))
				found |= s.entry.length == n && memcmp(s.text, text, n) == 0;
		}
		if (!found)
			poll(NULL, 0, 5);
	}
	source_close(&s);
	close(dir);
	if (!found)
		fail_msg("%s: no line \"%s\"", name, text);
}

/* A child that plays a service: it has the writing end of one pipe, and ends with this test. */
static bool fork_writer(int service)
{
	writer = fork();
	if (writer)
		return false;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < SERVICES; i++) {
		close(pipes[i][0]);
		if (i != service)
			close(pipes[i][1]);
	}
	close(channel);
	return true;
}

static void end_writer(void)
{
	if (writer <= 0)
		return;
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	writer = 0;
}

static void let_go(int number)
{
	if (holders[number] <= 0)
		return;
	kill(holders[number], SIGKILL);
	waitpid(holders[number], NULL, 0);
	holders[number] = 0;
}

static int setup(void **state)
{
	(void)state;
	for (int i = 0; i < SERVICES; i++) {
		assert_int_equal(pipe2(pipes[i], O_CLOEXEC), 0);
		fcntl(pipes[i][0], F_SETFL, O_NONBLOCK);
	}
	start_program();
	send_all(4);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	end_writer();
	let_go(0);
	let_go(1);
	if (channel >= 0)
		end_program(SIGKILL);
	for (int i = 0; i < SERVICES; i++) {
		char path[128];

		close(pipes[i][0]);
		close(pipes[i][1]);
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		unlink(path);
	}
	return 0;
}

static void every_service_has_its_ring(void **state)
{
	(void)state;
	say(0, "hello from web\n");
	say(1, "hello from dns\n");
	say(2, "hello from x\n");
	expect("web", "hello from web");
	expect("dns-1", "hello from dns");
	expect("x@y", "hello from x");
}

static void term_drains_and_ends_well(void **state)
{
	(void)state;
	say(0, "ready\n");
	expect("web", "ready");
	kill(program, SIGSTOP);
	for (int i = 0; i < 100; i++)
		say(1, "written while it slept\n");
	say(1, "the last one\n");
	kill(program, SIGTERM);
	kill(program, SIGCONT);
	assert_int_equal(end_program(SIGTERM), 0);
	expect("dns-1", "the last one");
}

static void it_ends_with_pid_1(void **state)
{
	(void)state;
	say(2, "just before\n");
	assert_int_equal(end_program(0), 0);
	expect("x@y", "just before");
}

static void a_successor_goes_on(void **state)
{
	(void)state;
	say(0, "before\n");
	say(1, "a line that is cut in ");
	expect("web", "before");
	/* the unfinished line is in the ring before a later one of the same service's pipe would be: wait for it by a whole line after it */
	say(2, "mark\n");
	expect("x@y", "mark");
	end_program(SIGKILL);
	say(0, "nobody reads\n");
	say(1, "the middle\n");
	start_program();
	send_all(4);
	expect("web", "before");
	expect("web", "nobody reads");
	expect("dns-1", "a line that is cut in the middle");
}

/* PID 1 has dropped what nobody read: the line that was cut ends where it was, and the note stands before what comes next. */
static void what_pid_1_dropped_is_said(void **state)
{
	struct channel_record r = {.kind = CHANNEL_SERVICE, .ring_kb = 4, .name = "dns-1"};

	(void)state;
	say(1, "a line that is cut");
	say(2, "mark\n");
	expect("x@y", "mark");
	end_program(SIGKILL);
	say(1, "d\nnext\n");
	start_program();
	r.lost = 70000;
	send_raw(&r, sizeof(r), pipes[1][0]);
	expect("dns-1", "next");
	expect("dns-1", "d");
	expect("dns-1", "70000 bytes dropped before this: bulkhead-log was not there");
	expect("dns-1", "a line that is cut");
}

static void another_size_keeps_the_lines(void **state)
{
	struct stat st;
	char path[128];

	(void)state;
	say(0, "old\n");
	expect("web", "old");
	send_record("web", pipes[0][0], 16);
	say(0, "new\n");
	expect("web", "new");
	expect("web", "old");
	snprintf(path, sizeof(path), "%s/web", directory);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 16 * 1024);
	assert_int_equal(st.st_mode & 07777, 0644);
}

static void a_damaged_ring_starts_anew_and_says_so(void **state)
{
	char path[128];
	int fd;

	(void)state;
	say(0, "lost\n");
	expect("web", "lost");
	end_program(SIGTERM);
	snprintf(path, sizeof(path), "%s/web", directory);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, offsetof(struct ring_header, tail)), 8);
	close(fd);
	start_program();
	send_all(4);
	expect("web", "the log was damaged and starts anew");
	say(0, "found\n");
	expect("web", "found");
}

static void what_is_no_file_is_replaced(void **state)
{
	char path[128];
	int own[2];

	(void)state;
	assert_int_equal(pipe2(own, O_CLOEXEC), 0);
	snprintf(path, sizeof(path), "%s/other", directory);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	send_record("other", own[0], 4);
	assert_int_equal(write(own[1], "mine\n", 5), 5);
	expect("other", "mine");
	unlink(path);
	close(own[0]);
	close(own[1]);
}

static void nonsense_on_the_channel_is_ignored(void **state)
{
	struct channel_record r = {.kind = 77, .name = "web"};

	(void)state;
	send_raw(&r, sizeof(r), pipes[0][0]);
	send_raw(&r, sizeof(r), -1);
	send_raw("x", 1, pipes[0][0]);
	r.kind = CHANNEL_SERVICE;
	send_raw(&r, sizeof(r), -1);
	memset(r.name, 'a', sizeof(r.name));
	send_raw(&r, sizeof(r), pipes[0][0]);
	send_record("", pipes[0][0], 4);
	send_record("../evil", pipes[0][0], 4);
	send_record(".hidden", pipes[0][0], 4);
	say(0, "still here\n");
	expect("web", "still here");
}

/* PID 1 has the reading ends too, so a pipe's end alone would never leave the set of what is waited for (epoll(7)). */
static void a_new_pipe_replaces_the_old_one(void **state)
{
	int fresh[2];

	(void)state;
	say(0, "by the old pipe\n");
	expect("web", "by the old pipe");
	assert_int_equal(pipe2(fresh, O_CLOEXEC), 0);
	send_record("web", fresh[0], 4);
	assert_int_equal(write(fresh[1], "by the new pipe\n", 16), 16);
	expect("web", "by the new pipe");
	say(0, "to nobody\n");
	say(1, "the loop goes on\n");
	expect("dns-1", "the loop goes on");
	close(fresh[1]); /* its end: the service is unknown again, and can come back */
	send_record("web", pipes[0][0], 4);
	expect("web", "to nobody");
	close(fresh[0]);
}

/* One that never stops writing must not keep the others waiting. */
static void a_flood_does_not_starve_the_others(void **state)
{
	(void)state;
	if (fork_writer(0)) {
		static char block[4096];

		memset(block, '\n', sizeof(block));
		while (write(pipes[0][1], block, sizeof(block)) > 0)
			continue;
		_exit(1);
	}
	for (int i = 0; i < 20; i++) {
		char text[32];

		snprintf(text, sizeof(text), "round %d\n", i);
		say(1, text);
		text[strlen(text) - 1] = '\0';
		expect("dns-1", text);
	}
	assert_int_equal(waitpid(writer, NULL, WNOHANG), 0); /* it was flooding all the time */
}

/* The next word of that kind from the program. */
static bool hears(uint32_t kind, uint32_t value)
{
	struct pollfd pf = {.fd = channel, .events = POLLIN};
	struct channel_word w;

	while (poll(&pf, 1, PATIENCE_MS) > 0 && recv(channel, &w, sizeof(w), 0) == (ssize_t)sizeof(w))
		if (w.kind == kind && w.value == value)
			return true;
	return false;
}

static bool answers(uint32_t number)
{
	struct channel_record r = {.kind = CHANNEL_ASK, .index = number};

	send_raw(&r, sizeof(r), -1);
	return hears(CHANNEL_HERE, number);
}

static bool sleeps(pid_t pid)
{
	char path[32], text[256] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		text[0] = '\0';
	close(fd);
	return strstr(text, ") S ");
}

/* splice(2) from a socket on which nothing comes: nobody reads this pipe meanwhile. The program is stopped until it is so, or it would have read. */
static void hold(int number, int service, const char *text)
{
	int begun[2];
	char unused;

	assert_int_equal(pipe2(begun, O_CLOEXEC), 0);
	kill(program, SIGSTOP);
	if (fork_writer(service)) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 || write(pipes[service][1], text, strlen(text)) < 0)
			_exit(1);
		close(begun[0]);
		close(begun[1]);
		splice(pair[0], NULL, pipes[service][1], NULL, 4096, 0);
		_exit(1);
	}
	holders[number] = writer;
	writer = 0;
	close(begun[1]);
	assert_int_equal(read(begun[0], &unused, 1), 0);
	close(begun[0]);
	for (int waited = 0; waited < PATIENCE_MS && !sleeps(holders[number]); waited++)
		poll(NULL, 0, 1);
	kill(program, SIGCONT);
}

/* One that keeps its pipe from being read keeps only its own lines, and those until it lets go. */
static void who_holds_its_pipe_holds_up_nobody(void **state)
{
	struct channel_record r = {.kind = CHANNEL_SERVICE, .index = 7, .ring_kb = 4, .name = "web"};

	(void)state;
	send_raw(&r, sizeof(r), pipes[0][0]);
	say(0, "before\n");
	expect("web", "before");
	hold(0, 0, "in between\n");
	for (int i = 0; i < 3; i++) {
		say(1, "a line of another\n");
		expect("dns-1", "a line of another");
		assert_true(answers((uint32_t)i));
	}
	hold(1, 2, "a second one\n");
	say(1, "and two do no more\n");
	expect("dns-1", "and two do no more");
	assert_true(hears(CHANNEL_HELD, 7));
	assert_true(answers(9));
	let_go(1);
	expect("x@y", "a second one");
	say(2, "read again\n");
	expect("x@y", "read again");
	let_go(0);
	expect("web", "in between");
	say(0, "after\n");
	expect("web", "after");
	assert_int_equal(end_program(SIGTERM), 0);
}

/* What is held then stays in the pipe, for the next one. */
static void ends_while_it_is_held(int sig)
{
	int status;

	hold(0, 0, "in between\n");
	say(1, "a line\n");
	expect("dns-1", "a line");
	say(1, "the last one\n");
	expect("dns-1", "the last one");
	kill(program, sig);
	let_go(0);
	assert_int_equal(waitpid(program, &status, 0), program);
	close(channel);
	start_program();
	send_all(4);
	expect("web", "in between");
	say(0, "after\n");
	expect("web", "after");
}

/* It drains the others, and is gone once the one lets go. */
static void the_end_comes_when_it_is_let_go(void **state)
{
	(void)state;
	ends_while_it_is_held(SIGTERM);
}

static void what_a_killed_one_waited_for_is_not_lost(void **state)
{
	(void)state;
	ends_while_it_is_held(SIGKILL);
}

/* A reader that copies while the writer runs: every line whole, in order, gaps counted. */
static void readers_see_whole_lines(void **state)
{
	struct source s = {.file = -1};
	int dir = open(directory, O_RDONLY | O_DIRECTORY);
	uint32_t read_lines = 0, lost = 0, last = 0, copies = 0;

	(void)state;
	if (fork_writer(2)) {
		for (uint32_t n = 1; n <= 200000; n++)
			dprintf(pipes[2][1], "%u %.*s %u\n", n, (int)(n % 60),
				"................................................................", n);
		dprintf(pipes[2][1], "end\n");
		_exit(0);
	}
	while (source_open(&s, dir, "x@y") < 0)
		poll(NULL, 0, 1);
	for (bool end = false; !end;) {
		if (source_refresh(&s) < 0)
			continue;
		copies++;
		for (source_next(&s); s.ready; source_next(&s)) {
			unsigned first = 0, second = 1;

			read_lines++;
			s.text[s.entry.length < CONFIG_MAX_LINE ? s.entry.length : CONFIG_MAX_LINE - 1] = '\0';
			end = strcmp(s.text, "end") == 0;
			if (end) {
				lost += s.lost;
				break;
			}
			assert_int_equal(
				sscanf(s.text, "%u %*[.] %u", &first, &second) == 2 || sscanf(s.text, "%u %u", &first, &second) == 2, 1);
			assert_int_equal(first, second);
			if (read_lines > 1)
				assert_int_equal(first, last + 1 + s.lost);
			lost += first - last - 1; /* those before the first copy are told by the number alone */
			last = first;
		}
	}
	assert_int_equal(read_lines + lost, 200001);
	assert_true(copies > 1);
	printf("%u lines in %u copies, %u overwritten before\n", read_lines, copies, lost);
	source_close(&s);
	close(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_service_has_its_ring, setup, teardown),
		cmocka_unit_test_setup_teardown(term_drains_and_ends_well, setup, teardown),
		cmocka_unit_test_setup_teardown(it_ends_with_pid_1, setup, teardown),
		cmocka_unit_test_setup_teardown(a_successor_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(what_pid_1_dropped_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(another_size_keeps_the_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_ring_starts_anew_and_says_so, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(nonsense_on_the_channel_is_ignored, setup, teardown),
		cmocka_unit_test_setup_teardown(a_new_pipe_replaces_the_old_one, setup, teardown),
		cmocka_unit_test_setup_teardown(a_flood_does_not_starve_the_others, setup, teardown),
		cmocka_unit_test_setup_teardown(who_holds_its_pipe_holds_up_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(the_end_comes_when_it_is_let_go, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_killed_one_waited_for_is_not_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(readers_see_whole_lines, setup, teardown),
	};
	int failed;

	if (!mkdtemp(directory))
		return 1;
	failed = cmocka_run_group_tests_name("bulkhead-log", tests, NULL, NULL);
	if (rmdir(directory) < 0)
		return 1; /* something was left behind */
	return failed;
}
