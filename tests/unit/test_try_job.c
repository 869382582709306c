// needs: try engine plan base CONFIG_TRY
/* SPDX-License-Identifier: MIT
 * A cell that cannot be started leaves nothing that bulkhead-try would wait for.
 */
#include "engine/group.h"
#include "try/signals.h"
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int group_answer;

const struct cgroup_plan *group_plan(const struct plan *p, const struct plan_service *ps)
{
	(void)p;
	(void)ps;
	return NULL;
}

int group_ready(const struct plan *p, const struct cgroup_plan *c, const struct group_use *use,
	bool *join, struct wall_why *why)
{
	(void)p;
	(void)c;
	(void)use;
	(void)why;
	*join = false;
	return group_answer;
}

void try_say(const char *format, ...)
{
	(void)format;
}

bool signals_child(struct trial *t, pid_t pid, int pidfd, int *status, uint32_t ms, bool stops)
{
	(void)t;
	(void)pid;
	(void)pidfd;
	(void)ms;
	(void)stops;
	*status = 0;
	return true;
}

static unsigned count_descriptors(void)
{
	unsigned n = 0;
	DIR *d = opendir("/proc/self/fd");
	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void nothing_is_left(int answer, int err)
{
	static struct trial t;
	const struct plan_service ps = {.notification_fd = 3};
	char *none[] = {NULL};
	unsigned before = count_descriptors();
	t = (struct trial){.service = &ps, .words = none, .group = 999, .plan_fd = -1, .network = -1};
	group_answer = answer;
	assert_int_equal(job_start(&t, &t.main, EXEC_START, 0), err);
	assert_int_equal(t.main.pid, 0);
	assert_int_equal(t.main.report, -1);
	assert_int_equal(t.main.ready, -1);
	assert_int_equal(count_descriptors(), before);
}

static void clone3_fails(void **state)
{
	(void)state;
	nothing_is_left(0, -EBADF); /* no such descriptor is the group */
}

static void its_group_cannot_take_it(void **state)
{
	(void)state;
	nothing_is_left(-EIO, -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clone3_fails),
		cmocka_unit_test(its_group_cannot_take_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
