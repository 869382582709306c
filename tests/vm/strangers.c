/* SPDX-License-Identifier: MIT
 * Sends PID 1 descriptors whose last close waits: strangers KIND WAY TARGET [COUNT]. KIND is tcp (lingers, with bytes that nobody
 * reads), pty or pipe; WAY is direct or nested (in the queue of a socket, which is what is passed); TARGET is notify, or
 * seqpacket:PATH or stream:PATH. COUNT 0 = without end. It stays, so that nothing of it goes by itself. */
#include "base/errname.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
	printf("%s: %s\n", what, err_name(errno));
	fflush(stdout);
	exit(9);
}

static void fill(int fd)
{
	static const char junk[65536];
	while (write(fd, junk, sizeof junk) > 0)
		;
}

static struct sockaddr_in peer = {.sin_family = AF_INET};

static void listen_first(void)
{
	socklen_t n = sizeof peer;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener < 0 || bind(listener, (struct sockaddr *)&peer, sizeof peer) || listen(listener, 4096) ||
		getsockname(listener, (struct sockaddr *)&peer, &n))
		fail("listen");
}

static int tcp(void)
{
	const struct linger l = {1, 60};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&peer, sizeof peer) || setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l) ||
		fcntl(fd, F_SETFL, O_NONBLOCK))
		fail("connect");
	fill(fd);
	return fd;
}

static int pty(void)
{
	static int master;
	master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	if (master < 0 || grantpt(master) || unlockpt(master))
		fail("pty");
	int fd = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		fail("pts");
	fill(fd);
	return fd;
}

static int pipe_end(void)
{
	int fd[2];
	if (pipe2(fd, O_NONBLOCK))
		fail("pipe");
	fill(fd[1]);
	close(fd[0]);
	return fd[1];
}

static int pass(int through, const char *text, int fd, const struct sockaddr_un *to)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.space = {0}};
	struct iovec iov = {(char *)text, strlen(text)};
	struct msghdr msg = {.msg_name = (void *)to,
		.msg_namelen = to ? sizeof *to : 0,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof control.space};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(through, &msg, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static int nested(int fd)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) || pass(pair[0], "x", fd, NULL))
		fail("nest");
	close(fd);
	close(pair[0]);
	return pair[1];
}

static void send_one(const char *target, int fd)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	const char *path = strcmp(target, "notify") == 0 ? getenv("NOTIFY_SOCKET") : strchr(target, ':') + 1;
	int type = strcmp(target, "notify") == 0 ? SOCK_DGRAM
		: *target == 'd'                     ? SOCK_DGRAM
		: strncmp(target, "stream", 6) == 0  ? SOCK_STREAM
											 : SOCK_SEQPACKET;
	int through = socket(AF_UNIX, type, 0);
	if (!path || through < 0)
		fail("socket");
	strncpy(a.sun_path, path, sizeof a.sun_path - 1);
	if (type != SOCK_DGRAM && connect(through, (struct sockaddr *)&a, sizeof a))
		fail(path);
	if (pass(through, "STATUS=strange\nREADY=1", fd, type == SOCK_DGRAM ? &a : NULL) && errno != EPERM) /* SO_PASSRIGHTS = 0 */
		fail("pass");
	close(through);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 64;
	if (strcmp(argv[1], "tcp") == 0)
		listen_first();
	int count = argc > 4 ? atoi(argv[4]) : 1;
	for (int i = 0; count == 0 || i < count; i++) {
		pid_t pid = fork(); /* at its end nothing lingers, and then PID 1 has the last reference */
		if (pid == 0) {
			int fd = strcmp(argv[1], "tcp") == 0 ? tcp() : strcmp(argv[1], "pty") == 0 ? pty() : pipe_end();
			if (strcmp(argv[2], "nested") == 0)
				fd = nested(fd);
			send_one(argv[3], fd);
			_exit(0);
		}
		int status = 0;
		if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
			return 8;
	}
	puts("sent");
	fflush(stdout);
	for (;;)
		pause();
}
