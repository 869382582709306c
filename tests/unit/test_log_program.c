// needs: log ctl base
/* SPDX-License-Identifier: MIT
 * bulkhead-log as a whole: what comes from services and PID 1 is stored, and read.
 */
#include "unit/log_program.h"

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
	/* the unfinished line is in the ring before a later one of the same service's pipe would be:
	 * wait for it by a whole line after it */
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

/* Its last words are read before what comes next, whatever lies in the pipe by then. */
static void the_last_words_of_a_process_are_a_line(void **state)
{
	struct channel_record r = {.kind = CHANNEL_OVER, .index = 7};
	(void)state;
	send_record_of("dns-1", pipes[1][0], 4, 7);
	say(1, "first\nfatal: no configuration");
	send_raw(&r, sizeof(r), -1);
	expect("dns-1", "fatal: no configuration");
	say(1, "next life\n");
	expect("dns-1", "next life");
	r.index = 99; /* of nobody */
	send_raw(&r, sizeof(r), -1);
	assert_true(answers(1));
}

/* PID 1 has dropped what nobody read: the line that was cut ends where it was, and the note
 * stands before what comes next. */
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
	expect("dns-1", "70000 bytes dropped before this: bulkhead-log was not running");
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
	assert_int_equal(
		pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, offsetof(struct ring_header, tail)), 8);
	close(fd);
	start_program();
	send_all(4);
	expect("web", "the log was damaged and has been started again");
	say(0, "found\n");
	expect("web", "found");
}

/* Removed, and moved away: the ring goes on under its name, with what it held. */
static void a_file_that_is_taken_away_is_made_anew(void **state)
{
	char path[128], other[128];
	(void)state;
	snprintf(path, sizeof(path), "%s/web", directory);
	snprintf(other, sizeof(other), "%s/dns-1", directory);
	say(0, "before\n");
	say(1, "before\n");
	expect("web", "before");
	expect("dns-1", "before");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rename(other, path), 0);
	poll(NULL, 0, LOG_LOOK_MS + 100);
	say(0, "after\n");
	say(1, "after\n");
	for (int i = 0; i < 2; i++) {
		expect(names[i], "before");
		expect(names[i], "the log's file was removed and has been created again");
		expect(names[i], "after");
	}
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

/* PID 1 has the reading ends too, so a pipe's end alone would never leave the set of what is
 * waited for (epoll(7)). */
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

/* A reader that copies while the writer runs: every line whole, in order, gaps counted. */
static void readers_see_whole_lines(void **state)
{
	struct ring_file s = {.file = -1};
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
	while (ring_file_open(&s, dir, "x@y") < 0)
		poll(NULL, 0, 1);
	for (bool end = false; !end;) {
		if (ring_file_refresh(&s) < 0)
			continue;
		copies++;
		for (ring_file_next(&s); s.ready; ring_file_next(&s)) {
			unsigned first = 0, second = 1;
			read_lines++;
			s.text[s.entry.length < CONFIG_MAX_LINE ? s.entry.length : CONFIG_MAX_LINE - 1] = '\0';
			end = strcmp(s.text, "end") == 0;
			if (end) {
				lost += s.lost;
				break;
			}
			assert_int_equal(sscanf(s.text, "%u %*[.] %u", &first, &second) == 2 ||
					sscanf(s.text, "%u %u", &first, &second) == 2,
				1);
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
	ring_file_close(&s);
	close(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_service_has_its_ring, setup, teardown),
		cmocka_unit_test_setup_teardown(term_drains_and_ends_well, setup, teardown),
		cmocka_unit_test_setup_teardown(it_ends_with_pid_1, setup, teardown),
		cmocka_unit_test_setup_teardown(a_successor_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(the_last_words_of_a_process_are_a_line, setup, teardown),
		cmocka_unit_test_setup_teardown(what_pid_1_dropped_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(another_size_keeps_the_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_ring_starts_anew_and_says_so, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_that_is_taken_away_is_made_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(nonsense_on_the_channel_is_ignored, setup, teardown),
		cmocka_unit_test_setup_teardown(a_new_pipe_replaces_the_old_one, setup, teardown),
		cmocka_unit_test_setup_teardown(a_flood_does_not_starve_the_others, setup, teardown),
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
