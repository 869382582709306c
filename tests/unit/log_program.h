/* SPDX-License-Identifier: MIT
 * bulkhead-log as a whole, in a process of its own: the test that includes this is its PID 1, holds
 * the pipes, kills it and reads the rings.
 */
#pragma once
int log_main(int argc, char **argv);
#define main log_main
#include "log/main.c"
#undef main
#include "ctl/ring_file.h"
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

static inline void start_program(void)
{
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	program = fork();
	if (program == 0) {
		char *argv[] = {"bulkhead-log", directory, NULL};
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* as PID 1 leaves it: standard descriptors and the channel, nothing else */
		dup2(pair[1], LOG_CHANNEL_FD);
		for (int fd = 3; fd < 64; fd++)
			if (fd != LOG_CHANNEL_FD)
				close(fd);
		_exit(log_main(2, argv));
	}
	close(pair[1]);
	channel = pair[0];
}

static inline void send_raw(const void *record, size_t n, int fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.bytes = {0}};
	struct iovec iov = {.iov_base = (void *)record, .iov_len = n};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (fd < 0)
		msg.msg_controllen = 0;
	assert_int_equal(sendmsg(channel, &msg, MSG_NOSIGNAL), n);
}

static inline void send_record_of(const char *name, int fd, uint32_t kb, uint32_t index)
{
	struct channel_record r = {.kind = CHANNEL_SERVICE, .ring_kb = kb, .index = index};
	strncpy(r.name, name, sizeof(r.name));
	send_raw(&r, sizeof(r), fd);
}

static inline void send_record(const char *name, int fd, uint32_t kb)
{
	send_record_of(name, fd, kb, 0);
}

static inline void send_all(uint32_t kb)
{
	for (int i = 0; i < SERVICES; i++)
		send_record(names[i], pipes[i][0], kb);
}

static inline int end_program(int sig)
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

static inline void say(int service, const char *text)
{
	assert_int_equal(write(pipes[service][1], text, strlen(text)), strlen(text));
}

/* The newest line of the ring that begins with `start`; waits until there is one. */
static inline void expect(const char *name, const char *text)
{
	struct ring_file s = {.file = -1};
	int dir = open(directory, O_RDONLY | O_DIRECTORY);
	size_t n = strlen(text);
	bool found = false;
	for (int waited = 0; waited < PATIENCE_MS && !found; waited += 5) {
		if (ring_file_open(&s, dir, name) == 0 && ring_file_refresh(&s) == 0) {
			s.position = 0;
			for (ring_file_next(&s); s.ready; ring_file_next(&s))
				found |= s.entry.length == n && memcmp(s.text, text, n) == 0;
		}
		if (!found)
			poll(NULL, 0, 5);
	}
	ring_file_close(&s);
	close(dir);
	if (!found)
		fail_msg("%s: no line \"%s\"", name, text);
}

/* A child that plays a service: it has the writing end of one pipe, and ends with this test. */
static inline bool fork_writer(int service)
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

static inline void end_writer(void)
{
	if (writer <= 0)
		return;
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	writer = 0;
}

static inline void let_go(int number)
{
	if (holders[number] <= 0)
		return;
	kill(holders[number], SIGKILL);
	waitpid(holders[number], NULL, 0);
	holders[number] = 0;
}

static inline int setup(void **state)
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

static inline int teardown(void **state)
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

/* The next word of that kind from the program. */
static inline bool hears(uint32_t kind, uint32_t value)
{
	struct pollfd pf = {.fd = channel, .events = POLLIN};
	struct channel_word w;
	while (poll(&pf, 1, PATIENCE_MS) > 0 && recv(channel, &w, sizeof(w), 0) == (ssize_t)sizeof(w))
		if (w.kind == kind && w.value == value)
			return true;
	return false;
}

static inline bool answers(uint32_t number)
{
	struct channel_record r = {.kind = CHANNEL_ASK, .index = number};
	send_raw(&r, sizeof(r), -1);
	return hears(CHANNEL_HERE, number);
}
