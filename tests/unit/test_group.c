// needs: engine walls plan base
/* SPDX-License-Identifier: MIT
 * When a child may be cloned into a standing group, and how a group is killed where the kernel has
 * no cgroup.kill.
 */
#include "base/count.h"
#include "engine/group.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int populated, thaw_error, kill_error;
static unsigned thawed, freezes, lifted;

int cgroup_populated(int group)
{
	(void)group;
	return populated;
}

int cgroup_freeze(int group, bool frozen)
{
	(void)group;
	freezes += frozen;
	thawed += !frozen;
	return thaw_error;
}

int cgroup_lift(const struct plan *p, const struct cgroup_plan *c, int group, struct wall_why *why)
{
	(void)p, (void)c, (void)group, (void)why;
	lifted++;
	return 0;
}

int cgroup_kill(int group)
{
	(void)group;
	return kill_error;
}

static const struct {
	struct group_use use;
	int populated;
	bool join;
	unsigned thawed, lifted;
} uses[] = {
	{{.fd = 1}, 0, false, 0, 0},
	{{.fd = 1, .occupied = true}, 0, true, 0, 0},
	{{.fd = 1, .stood = true}, 0, false, 1, 1},
	{{.fd = 1, .stood = true}, -EIO, false, 1, 1},
	{{.fd = 1, .stood = true}, 1, true, 1, 0},
	{{.fd = 1, .stood = true, .occupied = true}, 0, true, 1, 0},
	{{.fd = 1, .stood = true, .killed = true}, 0, true, 1, 1},
};

static void who_joins(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(uses); i++) {
		struct wall_why why = {.optional = 0};
		bool join = !uses[i].join;
		populated = uses[i].populated;
		thawed = lifted = 0;
		assert_int_equal(group_ready(NULL, NULL, &uses[i].use, &join, &why), 0);
		assert_int_equal(join, uses[i].join);
		assert_int_equal(thawed, uses[i].thawed);
		assert_int_equal(lifted, uses[i].lifted);
	}
}

static void one_that_stays_frozen_takes_nobody(void **state)
{
	(void)state;
	const struct group_use use = {.fd = 1, .stood = true};
	struct wall_why why = {.optional = 0};
	bool join = false;
	lifted = 0;
	thaw_error = -EPERM;
	assert_int_equal(group_ready(NULL, NULL, &use, &join, &why), -EPERM);
	assert_string_equal(why.text, "cgroup.freeze");
	assert_int_equal(lifted, 0);
	thaw_error = 0;
}

static pid_t child[3];
static char directory[32], procs[64];

/* They wait for a signal, and a directory names them as a group does. */
static int begin_children(void)
{
	strcpy(directory, "/tmp/group-XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", directory);
	FILE *f = fopen(procs, "w");
	assert_non_null(f);
	for (size_t i = 0; i < COUNT(child); i++) {
		child[i] = fork();
		if (child[i] == 0)
			for (;;)
				pause();
		fprintf(f, "%d\n", (int)child[i]);
	}
	fprintf(f, "0\n1\n"); /* neither of another namespace nor PID 1 */
	assert_int_equal(fclose(f), 0);
	int group = open(directory, O_PATH | O_DIRECTORY);
	assert_true(group >= 0);
	return group;
}

static void end_children(int group)
{
	close(group);
	unlink(procs);
	rmdir(directory);
}

/* By which signal. */
static int ended(pid_t pid)
{
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return WTERMSIG(status);
}

static void each_is_killed_where_there_is_no_file(void **state)
{
	(void)state;
	int group = begin_children();
	kill_error = -ENOENT;
	freezes = thawed = 0;
	group_end(group);
	for (size_t i = 0; i < COUNT(child); i++)
		assert_int_equal(ended(child[i]), SIGKILL);
	assert_int_equal(freezes, 1); /* or they could fork for ever */
	assert_int_equal(thawed, 1);
	end_children(group);
}

static bool is_not_last(const struct group_asked *to, int pid)
{
	(void)to;
	return pid != child[COUNT(child) - 1];
}

/* A number that was in the list may be another's by now. */
static void who_is_of_another_group_is_not_asked(void **state)
{
	(void)state;
	int group = begin_children();
	const struct group_asked to = {.cells = {child[0]}, .is_in = is_not_last};
	group_signal(group, SIGTERM, &to);
	assert_int_equal(ended(child[1]), SIGTERM);
	for (size_t i = 0; i < COUNT(child); i += 2) {
		kill(child[i], SIGKILL); /* SIGTERM would have been first */
		assert_int_equal(ended(child[i]), SIGKILL);
	}
	end_children(group);
}

/* Whether the group has others than these cells. */
static bool has_others(int group, int one, int other)
{
	const struct group_asked to = {.cells = {one, other}, .is_in = is_not_last};
	return group_signal(group, SIGCONT, &to);
}

static void cells_are_no_others(void **state)
{
	(void)state;
	int group = begin_children();
	assert_true(has_others(group, child[0], 0));
	assert_true(has_others(group, child[0], child[1]));
	int list = openat(group, "cgroup.procs", O_WRONLY | O_TRUNC);
	dprintf(list, "%d\n%d\n", child[1], child[0]);
	close(list);
	assert_false(has_others(group, child[0], child[1]));
	assert_true(has_others(group, child[1], 0));
	const struct group_asked below = {.cells = {child[0], child[1]}, .divided = true};
	assert_true(group_signal(group, SIGCONT, &below));
	assert_true(has_others(-1, child[0], child[1])); /* it cannot be read */
	for (size_t i = 0; i < COUNT(child); i++) {
		kill(child[i], SIGKILL);
		assert_int_equal(ended(child[i]), SIGKILL);
	}
	end_children(group);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_joins),
		cmocka_unit_test(cells_are_no_others),
		cmocka_unit_test(one_that_stays_frozen_takes_nobody),
		cmocka_unit_test(each_is_killed_where_there_is_no_file),
		cmocka_unit_test(who_is_of_another_group_is_not_asked),
	};
	return cmocka_run_group_tests_name("groups between two processes", tests, NULL, NULL);
}
