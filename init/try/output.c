/* SPDX-License-Identifier: MIT
 * Our own standard descriptors, used so that a reader that does not read cannot block us.
 * O_NONBLOCK would affect the shell, which has the same open file; so a terminal is opened again. A
 * pipe takes PIPE_BUF bytes at once if poll(2) says that it is writable; a socket is written with a
 * flag of the call.
 */
#include "base/ending.h"
#include "base/fmt.h"
#include "engine/descriptors.h"
#include "plan/names.h"
#include "try/try.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SAY_WAIT_MS 2000

static int own[3] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};

uint64_t try_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void output_open(void)
{
	for (int n = 0; n < 3; n++) {
		char path[] = "/proc/self/fd/0";
		path[sizeof(path) - 2] = (char)('0' + n);
		const int flags = (n ? O_WRONLY : O_RDONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
		int fd = isatty(n) ? descriptor_lift(open(path, flags)) : -1;
		if (fd >= 0)
			own[n] = fd;
	}
}

int output_own(int n)
{
	return own[n];
}

bool output_in_background(void)
{
	pid_t front = tcgetpgrp(STDIN_FILENO); /* fails where it is no terminal, or not ours */
	return front >= 0 && front != getpgrp();
}

bool output_wait(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	uint64_t end = try_now_ms() + (uint64_t)ms;
	for (;;) {
		uint64_t now = try_now_ms();
		int ready = poll(&p, 1, now < end ? (int)(end - now) : 0);
		if (ready > 0)
			return true;
		if (ready == 0 || errno != EINTR || now >= end)
			return false;
	}
}

ssize_t output_write(int fd, const char *text, size_t n)
{
	ssize_t done = send(fd, text, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (done >= 0 || errno != ENOTSOCK)
		return done;
	if (!output_wait(fd, 0)) {
		errno = EAGAIN;
		return -1;
	}
	return write(fd, text, n < PIPE_BUF ? n : PIPE_BUF);
}

static bool put(const char *text, size_t n)
{
	static bool nobody; /* has read for a while: the next line does not wait for them again */
	while (n > 0) {
		ssize_t done = output_write(own[2], text, n);
		if (done < 0 && errno != EAGAIN && errno != EINTR)
			return true; /* closed: that is its owner's wish */
		if (done < 0 && !output_wait(own[2], nobody ? 0 : SAY_WAIT_MS)) {
			nobody = true;
			return false;
		}
		text += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
	nobody = false;
	return true;
}

/* printf(3) without what is not needed here: %s, %d and %u. */
static void format_line(struct fmt *f, const char *format, va_list args)
{
	for (const char *at = format; *at; at++) {
		bool value = *at == '%';
		at += value;
		if (value && *at == 's')
			fmt_str(f, va_arg(args, const char *));
		else if (value && *at == 'd')
			fmt_i64(f, va_arg(args, int));
		else if (value && *at == 'u')
			fmt_u64(f, va_arg(args, unsigned));
		else
			fmt_char(f, *at);
	}
}

void try_say(const char *format, ...)
{
	static unsigned lost;
	char text[1200];
	struct fmt f;
	va_list args;
	fmt_init(&f, text, sizeof(text) - 1);
	if (lost) {
		fmt_str(&f, "bulkhead-try: ");
		fmt_u64(&f, lost);
		fmt_str(&f, " lines were lost: nobody read them\n");
	}
	fmt_str(&f, "bulkhead-try: ");
	va_start(args, format);
	format_line(&f, format, args);
	va_end(args);
	text[f.len++] = '\n';
	lost = put(text, f.len) ? 0 : lost + 1;
}

void try_say_absent(uint32_t bits)
{
	static uint32_t said;
	bits &= ~said;
	said |= bits;
	for (uint32_t i = 0; i < 32; i++)
		if (bits >> i & 1)
			try_say("runs without %s: not supported by this kernel, and optional",
				plan_name(plan_optional_walls, i));
}

void try_say_end(const char *what, const char *between, int status)
{
	char text[64];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	fmt_wait_status(&f, status);
	try_say("%s%s%s", what, between, text);
}
