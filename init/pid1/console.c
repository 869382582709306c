/* SPDX-License-Identifier: MIT
 * PID 1's messages: see console.h.
 */
#include "pid1/console.h"
#include "base/fmt.h"
#include "pid1/container.h"
#include "pid1/discard.h"
#include "pid1/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "bulkhead: "
#define LINE_MAX_BYTES 300
#define HELD_MAX 1024

/* What a terminal under flow control has not taken yet. The next life need not know it: it is in
 * the kernel's log too. */
static struct {
	char text[HELD_MAX];
	size_t n;
	uint32_t left_out; /* lines, since it was full */
	uint32_t kept;     /* lines, since the rescue shell has it */
} held;

void console_open(struct pid1 *s, const char *device)
{
	const char *path = device && *device ? device : "/dev/console";
	int fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) /* once is not enough for being mute */
		fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	/* the last close of a terminal waits until it has taken what it holds */
	discard_close(s, &s->console_fd);
	s->console_fd = fd;
	if (held.n)
		watch_add(s, fd, EPOLLOUT | EPOLLET, WATCH_CONSOLE, 0);
}

/* How much the terminal takes now: all of it, as far as we are concerned, if it has gone. */
static size_t write_some(struct pid1 *s, const char *text, size_t n)
{
	ssize_t done = write(s->console_fd, text, n);
	if (done >= 0)
		return (size_t)done;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	s->said_lost++;
	return n;
}

static void hold(struct pid1 *s, const char *text, size_t n)
{
	if (n == 0)
		return;
	if (held.n == 0)
		watch_add(s, s->console_fd, EPOLLOUT | EPOLLET, WATCH_CONSOLE, 0);
	memcpy(held.text + held.n, text, n);
	held.n += n;
}

static size_t count_left_out(char *line, size_t size, uint32_t n, const char *why)
{
	struct fmt f;
	fmt_init(&f, line, size);
	fmt_str(&f, PREFIX);
	fmt_u64(&f, n);
	fmt_strs(&f, n == 1 ? " line" : " lines", " left out here: ", why, "\r\n", NULL);
	return f.len;
}

static void say_left_out(struct pid1 *s)
{
	char line[80];
	size_t n = count_left_out(line, sizeof(line), held.left_out, "the terminal accepted no output");
	held.left_out = 0;
	size_t done = write_some(s, line, n);
	hold(s, line + done, n - done);
}

void console_flush(struct pid1 *s)
{
	if (held.n == 0 || s->console_fd < 0)
		return;
	size_t done = write_some(s, held.text, held.n);
	held.n -= done;
	memmove(held.text, held.text + done, held.n);
	if (held.n)
		return;
	watch_remove(s, s->console_fd);
	if (held.left_out)
		say_left_out(s);
}

static void to_terminal(struct pid1 *s, const char *line, size_t n)
{
	console_flush(s);
	size_t done = held.n ? 0 : write_some(s, line, n);
	if (n - done <= sizeof(held.text) - held.n && held.left_out == 0) {
		hold(s, line + done, n - done);
		return;
	}
	held.left_out++;
	s->said_lost++;
}

/* Somebody types there. What is said meanwhile is in the kernel's log, so nothing goes over his
 * prompt; but where the device goes down he is told. */
static bool is_at_a_prompt(const struct pid1 *s)
{
	return s->rescue.pid > 0 && s->kmsg_fd >= 0 && !s->core.final && !s->final_request;
}

static bool is_for_the_log(const struct pid1 *s, enum console_level level)
{
	bool up = s->boot_done_ms && !s->core.final && !s->final_request;
	bool kept = s->kmsg_fd >= 0; /* else it would be nowhere (a kernel without CONFIG_PRINTK) */
	return !s->debug &&
		(level == SAY_INFO || (level == SAY_COURSE && up && kept && !s->console_all));
}

static void say_kept(struct pid1 *s)
{
	char line[80];
	size_t n = count_left_out(line, sizeof(line), held.kept, "the shell had the console (dmesg)");
	held.kept = 0;
	to_terminal(s, line, n);
}

static void to_kmsg(struct pid1 *s, enum console_level level, const char *line, size_t n)
{
	/* Never above "debug" where the console prints it too: the kernel would print the line a
	 * second time. */
	char text[320];
	struct fmt f;
	if (s->kmsg_fd < 0)
		return;
	fmt_init(&f, text, sizeof(text));
	fmt_str(&f, level == SAY_ERROR && s->console_fd < 0 ? "<3>" : "<7>");
	fmt_mem(&f, line, n);
	fmt_char(&f, '\n'); /* without it the kernel keeps the record open until the next one */
	if (write(s->kmsg_fd, text, f.len) < 0)
		s->said_lost++;
}

void console_say(struct pid1 *s, enum console_level level, ...)
{
	char line[LINE_MAX_BYTES];
	struct fmt f;
	va_list args;
	const char *part;
	fmt_init(&f, line, sizeof(line) - 2);
	fmt_str(&f, PREFIX);
	va_start(args, level);
	while ((part = va_arg(args, const char *)))
		fmt_str(&f, part);
	va_end(args);
	size_t n = f.len;
	to_kmsg(s, level, line, n);
	if (s->console_fd < 0 || is_for_the_log(s, level))
		return;
	if (is_at_a_prompt(s)) {
		held.kept++;
		return;
	}
	if (held.kept)
		say_kept(s);
	if (!container_here() || isatty(s->console_fd)) /* a manager's pipe has lines of text */
		line[n++] = '\r';
	line[n++] = '\n';
	to_terminal(s, line, n);
}
