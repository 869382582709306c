// needs: ctl renew print core plan base tests/unit/ctl_run.c CONFIG_JSON
/* SPDX-License-Identifier: MIT
 * `bulkctl logs` on rings that this test writes: order, choice, escapes, and following through a
 * change of size. No PID 1 is there.
 */
#include "base/ring.h"
#include "ctl/ctl.h"
#include "unit/ctl_run.h"
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int stop(void **state)
{
	static const char *const files[] = {"web", "net", "late", "late.new"};
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[96];
		snprintf(path, sizeof(path), "%s/%s", directory, files[i]);
		unlink(path);
	}
	return rmdir(directory);
}

struct file {
	struct ring ring;
	int fd;
};

static void make_ring(struct file *f, const char *name)
{
	size_t size = ring_file_size(RING_MIN_KB);
	char path[96];
	void *p;
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	assert_int_equal(ftruncate(f->fd, (off_t)size), 0);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	ring_format(&f->ring, p, size, 0, 0);
}

static void write_line(struct file *f, uint64_t ms, const char *text, uint8_t level, uint8_t flags)
{
	uint32_t wake = f->ring.header->wake + 1;
	ring_line_add(&f->ring, text, (uint32_t)strlen(text));
	ring_line_store(&f->ring, ms * 1000000, level, flags);
	assert_int_equal(pwrite(f->fd, &wake, sizeof(wake), offsetof(struct ring_header, wake)),
		sizeof(wake));
}

/* What stands after the times. */
static void expect_lines(const char *expected)
{
	char got[4096];
	size_t n = 0;
	for (const char *line = out; *line; line = strchr(line, '\n') + 1) {
		const char *after = strchr(strchr(line, ' ') + 1, ' '); /* date and time */
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%.*s\n", (int)strcspn(after + 1, "\n"),
			after + 1);
	}
	got[n] = '\0';
	assert_string_equal(got, expected);
}

static void logs_are_merged_by_time(void **state)
{
	struct file web, net;
	(void)state;
	make_ring(&web, "web");
	make_ring(&net, "net");
	write_line(&web, 10, "one", 6, 0);
	write_line(&net, 20, "<3>two\x1b[2J", 3, 3 << RING_SKIP_SHIFT);
	write_line(&web, 30, "7 lines dropped", 4, RING_NOTE);
	write_line(&net, 40, "four", 6, RING_UNFINISHED);
	assert_int_equal(RUN("logs"), CTL_OK);
	expect_lines("web one\nnet two\\x1b[2J\nweb [7 lines dropped]\nnet four [unfinished]\n");
}

static void logs_of_some(void **state)
{
	(void)state;
	assert_int_equal(RUN("logs", "net"), CTL_OK);
	expect_lines("net two\\x1b[2J\nnet four [unfinished]\n");
	assert_int_equal(RUN("logs", "nosuch"), CTL_FAILED);
	assert_string_equal(err,
		"bulkctl: logs nosuch: it has no log: it has written nothing yet, or there is no such service\n");
	assert_int_equal(RUN("logs", "../control"), CTL_FAILED);
	assert_int_equal(RUN("logs", "-n", "1"), CTL_OK);
	expect_lines("net four [unfinished]\n");
	assert_int_equal(RUN("logs", "-n0"), CTL_OK);
	assert_string_equal(out, "");
	assert_int_equal(RUN("logs", "-n", "1000"), CTL_OK);
	expect_lines("web one\nnet two\\x1b[2J\nweb [7 lines dropped]\nnet four [unfinished]\n");
}

static void logs_as_json(void **state)
{
	(void)state;
	assert_int_equal(RUN("logs", "--json", "-n2"), CTL_OK);
	has("\"monotonic_ns\": 30000000, \"service\": \"web\", \"level\": 4, \"note\": true, \"text\": \"7 lines dropped\"}\n");
	has("\"monotonic_ns\": 40000000, \"service\": \"net\", \"level\": 6, \"unfinished\": true, \"text\": \"four\"}\n");
}

static void wait_for(int fd, const char *part)
{
	for (int waited = 0; waited < 20000; waited += 5) {
		ssize_t n = pread(fd, out, sizeof(out) - 1, 0);
		out[n > 0 ? n : 0] = '\0';
		if (strstr(out, part))
			return;
		poll(NULL, 0, 5);
	}
	fail_msg("never came: %s; got %s", part, out);
}

static void logs_are_followed(void **state)
{
	static const char *const arguments[] = {"logs", "-f", "late", NULL};
	int out_fd = memfd_create("out", MFD_CLOEXEC), err_fd = memfd_create("err", MFD_CLOEXEC);
	pid_t pid = ctl_begin(out_fd, err_fd, arguments);
	struct file late, wider;
	char from[96], to[96];
	(void)state;
	make_ring(&late, "late");
	for (int i = 0; i < 20; i++) {
		char text[32];
		snprintf(text, sizeof(text), "line %d.", i);
		write_line(&late, 100, text, 6, 0);
		wait_for(out_fd, text);
	}
	/* the log program changes a ring's size */
	make_ring(&wider, "late.new");
	ring_format(&wider.ring, wider.ring.header, ring_file_size(RING_MIN_KB), late.ring.header->tail,
		0);
	ring_copy(&wider.ring, &late.ring);
	snprintf(from, sizeof(from), "%s/late.new", directory);
	snprintf(to, sizeof(to), "%s/late", directory);
	assert_int_equal(rename(from, to), 0);
	write_line(&wider, 200, "in the new file", 6, 0);
	wait_for(out_fd, "in the new file");
	assert_null(strstr(strstr(out, "line 3.") + 1, "line 3.")); /* nothing twice */
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ctl_slurp(err_fd, err, sizeof(err));
	assert_string_equal(err, "");
	close(out_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_are_merged_by_time),
		cmocka_unit_test(logs_of_some),
		cmocka_unit_test(logs_as_json),
		cmocka_unit_test(logs_are_followed),
	};
	if (!mkdtemp(directory))
		return 1;
	return cmocka_run_group_tests_name("bulkctl logs", tests, NULL, stop);
}
