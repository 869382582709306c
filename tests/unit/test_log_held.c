// needs: log ctl base
/* SPDX-License-Identifier: MIT
 * bulkhead-log and services that keep their pipes from being read, for long or again and again, or
 * write without pause: the others, and the end, do not wait for them.
 */
#include "unit/log_program.h"

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

/* splice(2) from a socket on which nothing comes: nobody reads this pipe meanwhile. The program
 * is stopped until it is so, or it would have read. */
static void hold(int number, int service, const char *text)
{
	int begun[2];
	char unused;
	assert_int_equal(pipe2(begun, O_CLOEXEC), 0);
	kill(program, SIGSTOP);
	if (fork_writer(service)) {
		int pair[2];
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ||
			write(pipes[service][1], text, strlen(text)) < 0)
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

static uint64_t ms_now(void)
{
	return log_moment().ms;
}

/* Holds its pipe for 180 ms at a time, and sees to it that there is something to read. */
static void blink(int service)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		_exit(1);
	pid_t parent = getpid();
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() == parent && poll(NULL, 0, 180) == 0 && write(pair[1], "b\n", 2) == 2)
			;
		_exit(0);
	}
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() == parent && write(pipes[service][1], "w\n", 2) == 2)
			;
		_exit(0);
	}
	while (splice(pair[0], NULL, pipes[service][1], NULL, 4096, 0) > 0)
		;
	_exit(1);
}

/* How many of the next 2000 ms went by in answers that took more than 60. */
static uint64_t slow_ms(void)
{
	const uint64_t end = ms_now() + 2000;
	uint64_t slow = 0, most = 0;
	for (uint64_t asked = ms_now(); asked < end; asked = ms_now()) {
		assert_true(answers(1000));
		uint64_t took = ms_now() - asked;
		most = took > most ? took : most;
		slow += took > 60 ? took : 0;
	}
	printf("%llu of 2000 ms in slow answers, the slowest after %llu ms\n", (unsigned long long)slow,
		(unsigned long long)most);
	return slow;
}

/* A habit: less at a time than the patience that there is at first. One good stretch in ten is
 * enough, as the machine may have others to serve. */
static void who_holds_its_pipe_again_and_again_takes_little(void **state)
{
	int tries = 0;
	(void)state;
	if (fork_writer(0))
		blink(0);
	expect("web", "w");
	while (slow_ms() > 400 && tries < 10)
		tries++;
	assert_true(tries < 10);
	end_writer();
	say(0, "after\n");
	expect("web", "after");
}

/* The end has a bound in time, not in what there is to store. */
static void one_that_writes_without_pause_does_not_delay_the_end(void **state)
{
	int status = 0, waited = 0;
	(void)state;
	if (fork_writer(0)) {
		static char block[4096];
		memset(block, '\n', sizeof(block));
		while (write(pipes[0][1], block, sizeof(block)) > 0)
			continue;
		_exit(1);
	}
	expect("web", "");
	kill(program, SIGTERM);
	for (; waited < PATIENCE_MS && waitpid(program, &status, WNOHANG) == 0; waited += 5)
		poll(NULL, 0, 5);
	printf("ended after %d ms\n", waited);
	if (waited >= PATIENCE_MS)
		end_program(SIGKILL);
	assert_true(waited < 5000);
	assert_int_equal(status, 0);
	close(channel);
	end_writer();
	say(1, "nobody reads\n");
	start_program();
	send_all(4);
	expect("dns-1", "nobody reads");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_holds_its_pipe_holds_up_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(the_end_comes_when_it_is_let_go, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_killed_one_waited_for_is_not_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(who_holds_its_pipe_again_and_again_takes_little, setup,
			teardown),
		cmocka_unit_test_setup_teardown(one_that_writes_without_pause_does_not_delay_the_end, setup,
			teardown),
	};
	int failed;
	if (!mkdtemp(directory))
		return 1;
	failed = cmocka_run_group_tests_name("bulkhead-log, pipes that are held", tests, NULL, NULL);
	if (rmdir(directory) < 0)
		return 1; /* something was left behind */
	return failed;
}
