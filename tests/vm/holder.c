/* SPDX-License-Identifier: MIT
 * Holds the lock of a pipe that others read: holder FD. splice(2) from a socket on which nothing
 * comes keeps it for as long as it waits; another process sees to it that there is something to
 * read. It never comes back, unless FD is no pipe: then there is nothing to hold, and it says a
 * line there. `holder pages` gives pages of its own memory to its standard output (vmsplice(2)),
 * changes them while they lie there, and takes the memory away. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
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

static void give_pages(void)
{
	for (const size_t size = 16 * 4096;; usleep(50000)) {
		char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED)
			_exit(2);
		for (size_t i = 0; i + 8 <= size; i += 8)
			memcpy(memory + i, i % 4096 ? "page...\n" : "before.\n", 8);
		struct iovec all = {memory, size};

		if (vmsplice(1, &all, 1, 0) < 0)
			_exit(errno & 0x7f);
		for (size_t i = 0; i < size; i += 4096)
			memcpy(memory + i, "after..", 7);
		munmap(memory, size);
	}
}

int main(int argc, char **argv)
{
	int pair[2], fd = argc > 1 ? atoi(argv[1]) : 1;

	if (argc > 1 && strcmp(argv[1], "pages") == 0)
		give_pages();
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
