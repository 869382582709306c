// needs: engine base
/* SPDX-License-Identifier: MIT
 * Starting a program: which descriptors it gets, what a cell's arguments are, and what is reported
 * if there is no program.
 */
#include "base/sys.h"
#include "engine/cell.h"
#include "engine/descriptors.h"
#include "engine/receive.h"
#include "engine/report.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct start child;

/* Its exit status; what it has written is in `text`. */
static int run(const char *script, char *text, size_t cap)
{
	int out[2], status;
	struct clone_args args = {.flags = 0};
	assert_int_equal(descriptor_pipe(out, 0), 0);
	child = (struct start){.fd = {-1, out[1], out[1], out[1], -1, -1, -1, out[1]},
		.handed = 8,
		.path = "/bin/sh",
		.argv = {"sh", "-c", script},
		.unblock = true};
	long pid = start_run(&child, &args);
	assert_true(pid > 0);
	close(out[1]);
	ssize_t n = 0, got;
	while ((got = read(out[0], text + n, cap - 1 - (size_t)n)) > 0)
		n += got;
	text[n] = 0;
	close(out[0]);
	assert_int_equal(waitpid((pid_t)pid, &status, 0), pid);
	return status;
}

static void it_has_what_it_is_handed(void **state)
{
	(void)state;
	char text[256];
	int status = run("for n in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/self/fd/$n ] && printf $n; done;"
					 "printf ' '; ulimit -Sn; ulimit -Hn; exit 7",
		text, sizeof(text));
	assert_int_equal(status, 7 << 8);
	char *limits = strchr(text, ' ');
	assert_non_null(limits);
	*limits = 0;
	assert_string_equal(text, "1237");
	assert_string_equal(limits + 1, "1024\n4096\n");
}

static void settle_all(void)
{
	dup2(1, 2);
}

static void no_program_is_reported(void **state)
{
	(void)state;
	struct cell_channels ch;
	struct report r;
	struct clone_args args = {.flags = CLONE_VM | CLONE_VFORK};
	int passed, status;
	const struct plan_service ps = {.notification_fd = -1};
	assert_int_equal(cell_channels_open(&ps, true, &ch), 0);
	assert_int_equal(ch.ready[0], -1);
	child = (struct start){.fd = {-1, -1, -1, -1, ch.report[1]},
		.handed = 5,
		.path = "/nowhere/cell",
		.argv = {"cell"},
		.settle = settle_all};
	long pid = start_run(&child, &args);
	assert_true(pid > 0);
	assert_int_equal(child.err, ENOENT); /* it shared our memory */
	cell_channels_handed(&ch);
	assert_int_equal(waitpid((pid_t)pid, &status, 0), pid);
	assert_int_equal(status, 127 << 8);
	assert_int_equal(report_look(ch.report[0], &r, &passed), 1);
	assert_int_equal(r.kind, REPORT_FAILED);
	assert_int_equal(r.value, ENOENT);
	assert_string_equal(r.step, "exec");
	assert_string_equal(r.detail, "/nowhere/cell");
	close(ch.report[0]);
}

static void channels_of_a_main_process(void **state)
{
	(void)state;
	struct cell_channels ch;
	const struct plan_service ps = {.notification_fd = 5};
	assert_int_equal(cell_channels_open(&ps, false, &ch), 0);
	assert_int_equal(ch.ready[0], -1);
	cell_channels_close(&ch);
	assert_int_equal(cell_channels_open(&ps, true, &ch), 0);
	assert_true(ch.ready[0] >= LOWEST_FD && ch.ready[1] >= LOWEST_FD);
	assert_int_equal(fcntl(ch.report[1], F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(ch.ready[1], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	cell_channels_close(&ch);
	assert_int_equal(fcntl(ch.ready[1], F_GETFD), -1);
}

/* The words of its argument vector, with blanks between them. */
static const char *words_of(const struct start *c)
{
	static char text[256];
	text[0] = 0;
	for (unsigned i = 0; c->argv[i]; i++) {
		strcat(text, i ? " " : "");
		strcat(text, c->argv[i]);
	}
	return text;
}

static void arguments_of_a_cell(void **state)
{
	(void)state;
	char *more[] = {(char *)"zero", (char *)"-x", NULL};
	struct cell_command k = {.path = "/cell", .service = 3, .list = 1, .index = 12, .group = 40};
	const struct cell_channels ch = {{33, 34}, {35, 36}};
	const struct plan_service ps = {.clone_flags = CLONE_NEWPID};
	struct clone_args args = {.flags = CLONE_PIDFD};
	k.network = -1;
	cell_fill(&child, &args, &ps, &k, &ch);
	assert_string_equal(words_of(&child), "bulkhead-cell 3 1 12");
	assert_int_equal(args.flags, CLONE_PIDFD | CLONE_NEWPID | CLONE_INTO_CGROUP);
	assert_int_equal(args.cgroup, 40);
	assert_int_equal(child.fd[CELL_FD_REPORT], 34);
	assert_int_equal(child.fd[CELL_FD_NOTIFY], 36);
	assert_int_equal(child.fd[CELL_FD_CGROUP], 40);
	assert_int_equal(child.fd[CELL_FD_NETWORK], -1);
	assert_int_equal(child.handed, CELL_FD_SOCKETS);

	args = (struct clone_args){.flags = 0};
	k.join = true;
	cell_fill(&child, &args, &ps, &k, &ch);
	assert_string_equal(words_of(&child), "bulkhead-cell 3 1 12 join");
	assert_int_equal(args.flags, CLONE_NEWPID);
	k.mode = CELL_MODE_FOREGROUND;
	cell_fill(&child, &args, &ps, &k, &ch);
	assert_string_equal(words_of(&child), "bulkhead-cell 3 1 12 join foreground");
	k.join = false;
	k.more = more;
	cell_fill(&child, &args, &ps, &k, &ch);
	assert_string_equal(words_of(&child), "bulkhead-cell 3 1 12 inside foreground zero -x");
}

static void arguments_of_a_task(void **state)
{
	(void)state;
	cell_fill_task(&child, "/cell", CELL_CLEAN, 4, (const int[3]){33, 34, 35}, 36, -1);
	assert_string_equal(words_of(&child), "bulkhead-cell --clean 4");
	assert_int_equal(child.fd[CELL_FD_PLAN], 36);
	assert_int_equal(child.fd[CELL_FD_REPORT], -1);
	assert_int_equal(child.handed, CELL_FD_SOCKETS);
}

/* As a cell writes them, and as it does not. */
static void reports_are_whole(void **state)
{
	(void)state;
	struct report r = {.kind = REPORT_EXITED, .value = 7}, got;
	int pair[2], passed;
	assert_int_equal(descriptor_channel(pair), 0);
	assert_int_equal(report_look(pair[0], &got, &passed), 0);
	memset(r.step, 's', sizeof(r.step));
	memset(r.detail, 'd', sizeof(r.detail));
	assert_int_equal(write(pair[1], &r, sizeof(r)), sizeof(r));
	assert_int_equal(write(pair[1], &r, sizeof(r) - 1), sizeof(r) - 1);
	for (int i = 0; i < 2; i++) { /* looked at, and not taken */
		assert_int_equal(report_look(pair[0], &got, &passed), 1);
		assert_int_equal(got.value, 7);
		assert_int_equal(strlen(got.step), sizeof(got.step) - 1);
		assert_int_equal(strlen(got.detail), sizeof(got.detail) - 1);
	}
	assert_int_equal(receive_done(pair[0]), 0);
	assert_int_equal(report_look(pair[0], &got, &passed), -1);
	receive_done(pair[0]);
	close(pair[1]);
	assert_int_equal(report_look(pair[0], &got, &passed), -1);
	close(pair[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_has_what_it_is_handed),
		cmocka_unit_test(no_program_is_reported),
		cmocka_unit_test(channels_of_a_main_process),
		cmocka_unit_test(arguments_of_a_cell),
		cmocka_unit_test(arguments_of_a_task),
		cmocka_unit_test(reports_are_whole),
	};
	return cmocka_run_group_tests_name("starting a cell", tests, NULL, NULL);
}
