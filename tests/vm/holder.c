/* SPDX-License-Identifier: MIT
 * Holds the lock of a pipe that others read: holder FD. Or of another's: holder take PATH, for
 * which holder give PATH sends its standard output there and goes on writing; holder hide PATH
 * takes it too, in a process whose first thread ends. splice(2) from a socket on which nothing
 * comes keeps it for as long as it waits; another process sees to it that there is something to
 * read. It never comes back, unless FD is no pipe: then there is nothing to hold, and it says a
 * line there. `holder pages` gives pages of its own memory to its standard output (vmsplice(2)),
 * changes them while they lie there, and takes the memory away. `holder newlines` writes nothing
 * else, without pause; `holder blink` holds its output for 180 ms at a time. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static void write_on(int fd)
{
	static char lines[4000];
	memset(lines, '.', sizeof(lines));
	for (size_t i = 0; i + 5 <= sizeof(lines); i += 5)
		memcpy(lines + i, "hold\n", 5);
	while (write(fd, lines, sizeof(lines)) > 0)
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

union message {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static void give(int to, const struct sockaddr_un *where)
{
	union message m = {.align = {.cmsg_len = CMSG_LEN(sizeof(int)),
						   .cmsg_level = SOL_SOCKET,
						   .cmsg_type = SCM_RIGHTS}};
	struct iovec v = {"x", 1};
	struct msghdr msg = {.msg_name = (void *)where,
		.msg_namelen = sizeof(*where),
		.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = &m,
		.msg_controllen = sizeof(m)};
	const int out = 1;
	memcpy(CMSG_DATA(&m.align), &out, sizeof(out));
	while (sendmsg(to, &msg, 0) < 0)
		usleep(50000);
	write_on(out);
}

/* The descriptor that somebody gives. */
static int take(int from, const struct sockaddr_un *where)
{
	union message m;
	char unused;
	struct iovec v = {&unused, 1};
	struct msghdr msg = {.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = &m,
		.msg_controllen = sizeof(m)};
	int fd;
	unlink(where->sun_path);
	umask(0);
	if (bind(from, (const void *)where, sizeof(*where)) < 0 || recvmsg(from, &msg, 0) < 0 ||
		!CMSG_FIRSTHDR(&msg))
		_exit(2);
	memcpy(&fd, CMSG_DATA(&m.align), sizeof(fd));
	return fd;
}

static int with_another(const char *path, int takes)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_DGRAM, 0);
	strncpy(where.sun_path, path, sizeof(where.sun_path) - 1);
	if (!takes)
		give(s, &where);
	return take(s, &where);
}

static void write_newlines(void)
{
	static char lines[4096];
	memset(lines, '\n', sizeof(lines));
	while (write(1, lines, sizeof(lines)) > 0)
		;
	_exit(1);
}

static void blink(void)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		_exit(1);
	if (fork() == 0)
		write_on(1);
	if (fork() == 0)
		while (usleep(180000) == 0 && write(pair[1], "b\n", 2) == 2)
			;
	while (splice(pair[0], NULL, 1, NULL, 4096, 0) > 0)
		;
	_exit(1);
}

static void *hold_apart(void *fd)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		_exit(1);
	usleep(100000);
	splice(pair[0], NULL, *(int *)fd, NULL, 4096, 0);
	return NULL;
}

static void hide(int fd)
{
	static int given;
	pthread_t thread;
	if (fork() == 0) {
		given = fd;
		pthread_create(&thread, NULL, hold_apart, &given);
		syscall(SYS_exit, 0);
	}
	close(fd);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	int pair[2],
		fd = argc > 2 ? with_another(argv[2], *argv[1] != 'g')
		: argc > 1    ? atoi(argv[1])
					  : 1;
	if (argc > 2 && *argv[1] == 'h')
		hide(fd);

	if (argc > 1 && strcmp(argv[1], "pages") == 0)
		give_pages();
	if (argc > 1 && strcmp(argv[1], "newlines") == 0)
		write_newlines();
	if (argc > 1 && strcmp(argv[1], "blink") == 0)
		blink();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return 1;
	if (fd == 1 && fork() == 0)
		write_on(fd);
	usleep(100000); /* for something to be read there */
	while (splice(pair[0], NULL, fd, NULL, 4096, 0) < 0 && errno == EINTR)
		;
	if (errno != EINVAL || write(fd, "\n", 1) != 1)
		return errno & 0x7f;
	for (;;)
		pause();
}
