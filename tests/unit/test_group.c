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
static unsigned thawed, lifted;

int cgroup_populated(int group)
{
	(void)group;
	return populated;
}

int cgroup_thaw(int group)
{
	(void)group;
	thawed++;
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

static void each_is_killed_where_there_is_no_file(void **state)
{
	(void)state;
	char directory[] = "/tmp/group-XXXXXX", procs[64];
	pid_t child[3];
	int status;
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
	kill_error = -ENOENT;
	group_end(group);
	for (size_t i = 0; i < COUNT(child); i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
	close(group);
	unlink(procs);
	rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_joins),
		cmocka_unit_test(one_that_stays_frozen_takes_nobody),
		cmocka_unit_test(each_is_killed_where_there_is_no_file),
	};
	return cmocka_run_group_tests_name("groups between two processes", tests, NULL, NULL);
}
