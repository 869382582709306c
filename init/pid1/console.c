/* SPDX-License-Identifier: MIT
 * PID 1's voice: see console.h. */
#include "pid1/console.h"
#include "base/fmt.h"
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#define PREFIX "bulkhead: "

void console_open(struct pid1 *s, const char *device)
{
	int fd = open(device && *device ? device : "/dev/console", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	if (s->console_fd >= 0)
		close(s->console_fd);
	s->console_fd = fd;
}

static void to_kmsg(struct pid1 *s, enum console_level level, const char *line, size_t n)
{
	/* Never above "debug" where the console prints it too: the kernel would print the line a second time. */
	char text[320];
	struct fmt f;
	if (s->kmsg_fd < 0)
		return;
	fmt_init(&f, text, sizeof text);
	fmt_str(&f, level == SAY_ERROR && s->console_fd < 0 ? "<3>" : "<7>");
	fmt_mem(&f, line, n);
	fmt_char(&f, '\n'); /* without it the kernel keeps the record open until the next one */
	if (write(s->kmsg_fd, text, f.len) < 0)
		s->said_lost++;
}

void console_say(struct pid1 *s, enum console_level level, ...)
{
	char line[300];
	struct fmt f;
	va_list args;
	const char *part;
	fmt_init(&f, line, sizeof line - 2);
	fmt_str(&f, PREFIX);
	va_start(args, level);
	while ((part = va_arg(args, const char *)))
		fmt_str(&f, part);
	va_end(args);
	size_t n = f.len;
	to_kmsg(s, level, line, n);
	if (s->console_fd < 0 || (level == SAY_INFO && !s->debug))
		return;
	line[n++] = '\r';
	line[n++] = '\n';
	if (write(s->console_fd, line, n) != (ssize_t)n)
		s->said_lost++;
}
