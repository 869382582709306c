/* SPDX-License-Identifier: MIT
 * Holds the lock of a pipe that others read: holder FD. splice(2) from a socket on which nothing
 * comes keeps it for as long as it waits; another process sees to it that there is something to
 * read. It never comes back, unless FD is no pipe: then there is nothing to hold, and it says a
 * line there. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void write_on(int fd)
{
	static char lines[4000];

	memset(lines, '.', sizeof lines);
	for (size_t i = 0; i + 5 <= sizeof lines; i += 5)
		memcpy(lines + i, "hold\n", 5);
	while (write(fd, lines, sizeof lines) > 0)
		;
	_exit(1);
}

int main(int argc, char **argv)
{
	int pair[2], fd = argc > 1 ? atoi(argv[1]) : 1;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return 1;
	if (fd == 1 && fork() == 0)
		write_on(fd);
	if (fd == 1)
		usleep(100000);
	splice(pair[0], NULL, fd, NULL, 4096, 0);
	if (errno != EINVAL || write(fd, "\n", 1) != 1)
		return errno & 0x7f;
	for (;;)
		pause();
}
