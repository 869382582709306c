/* SPDX-License-Identifier: MIT
 * Sends PID 1 descriptors whose last close waits: strangers KIND WAY TARGET [COUNT]. KIND is tcp
 * (lingers, with bytes that nobody reads), pty, serial (/dev/ttyS2, whose output is stopped), pipe
 * or fuse (a file whose server never answers to its release, nor to a flush by others); WAY is
 * direct or nested (in the queue of a socket, which is what is passed); TARGET is notify,
 * fd:NUMBER, seqpacket:PATH or stream:PATH. COUNT 0 = without end. `fuse stopped DIRECTORY` only
 * mounts one there, whose server answers nothing. It stays, so that nothing of it goes by
 * itself. */
#include "base/errname.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
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
	while (write(fd, junk, sizeof(junk)) > 0)
		;
}

static struct sockaddr_in peer = {.sin_family = AF_INET};

static void listen_first(void)
{
	socklen_t n = sizeof(peer);
	/* bytes: a flood must not fill its memory */
	int listener = socket(AF_INET, SOCK_STREAM, 0), few = 4096;
	peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &few, sizeof(few));
	if (listener < 0 || bind(listener, (struct sockaddr *)&peer, sizeof(peer)) ||
		listen(listener, 4096) || getsockname(listener, (struct sockaddr *)&peer, &n))
		fail("listen");
}

static int tcp(void)
{
	const struct linger l = {1, 60};
	const int few = 4096;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &few, sizeof(few));
	if (fd < 0 || connect(fd, (struct sockaddr *)&peer, sizeof(peer)) ||
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)) || fcntl(fd, F_SETFL, O_NONBLOCK))
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

/* A serial line's last close waits for 30 s until it has sent what it has, unless the stop was
 * asked for by TCOOFF. It stops itself: Ctrl-S comes back on its own loop. */
static int serial(void)
{
	const int loop = TIOCM_LOOP;
	struct termios t;
	int fd = open("/dev/ttyS2", O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || tcgetattr(fd, &t))
		fail("serial");
	t.c_iflag = IXON;
	t.c_lflag = 0;
	t.c_oflag = 0;
	t.c_cflag = CS8 | CREAD | CLOCAL | B115200;
	if (tcsetattr(fd, TCSANOW, &t) || ioctl(fd, TIOCMBIS, &loop) || write(fd, "\x13", 1) != 1)
		fail("serial");
	usleep(500000);
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

/* ---- a file system that does not let go ---- */

static const char *fuse_place = "/tmp/strange-fuse";

static volatile pid_t *sender; /* its end waits for no answer: it is to go */
static pid_t server;

static void answer(int fd, const struct fuse_in_header *to, int err, const void *body, size_t n)
{
	struct fuse_out_header out = {.len = (uint32_t)(sizeof(out) + n),
		.error = err,
		.unique = to->unique};
	char bytes[256];
	memcpy(bytes, &out, sizeof(out));
	memcpy(bytes + sizeof(out), body, n);
	if (write(fd, bytes, out.len) < 0 && errno != ENOENT)
		fail("fuse");
}

static void serve(int fd)
{
	static char bytes[1 << 17];
	const struct fuse_init_out init = {.major = FUSE_KERNEL_VERSION,
		.minor = 31,
		.max_write = 4096,
		.max_background = 12};
	const struct fuse_in_header *in = (const void *)bytes;
	while (read(fd, bytes, sizeof(bytes)) >= (ssize_t)sizeof(*in)) {
		struct fuse_attr attr = {.ino = in->nodeid,
			.mode = in->nodeid == 1 ? S_IFDIR | 0755 : S_IFREG | 0644,
			.nlink = 1,
			.size = 8};
		const struct fuse_attr_out attr_out = {.attr_valid = 60, .attr = attr};
		struct fuse_entry_out entry = {.nodeid = 2,
			.entry_valid = 60,
			.attr_valid = 60,
			.attr = attr};
		const struct fuse_open_out opened = {.fh = 1};
		entry.attr.ino = 2;
		entry.attr.mode = S_IFREG | 0644;
		if (in->opcode == FUSE_INIT)
			answer(fd, in, 0, &init, sizeof(init));
		else if (in->opcode == FUSE_GETATTR)
			answer(fd, in, 0, &attr_out, sizeof(attr_out));
		else if (in->opcode == FUSE_LOOKUP)
			answer(fd, in, 0, &entry, sizeof(entry));
		else if (in->opcode == FUSE_OPEN)
			answer(fd, in, 0, &opened, sizeof(opened));
		else if (in->opcode == FUSE_FLUSH && in->pid == (uint32_t)*sender)
			answer(fd, in, 0, NULL, 0);
		else if (in->opcode != FUSE_FLUSH && in->opcode != FUSE_RELEASE &&
			in->opcode != FUSE_FORGET && in->opcode != FUSE_BATCH_FORGET)
			answer(fd, in, -ENOSYS, NULL, 0);
	}
}

static void mount_first(void)
{
	char options[80];
	int fd = open("/dev/fuse", O_RDWR);
	sender = mmap(NULL, sizeof(*sender), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (fd < 0 || sender == MAP_FAILED || (mkdir(fuse_place, 0755) && errno != EEXIST) ||
		mount("strange", fuse_place, "fuse", MS_NOSUID | MS_NODEV, options))
		fail("fuse");
	server = fork();
	if (server == 0) {
		serve(fd);
		_exit(0);
	}
	close(fd);
}

static int file(void)
{
	*sender = getpid();
	char path[128];
	snprintf(path, sizeof(path), "%s/file", fuse_place);
	int fd = open(path, O_RDWR);
	if (fd < 0)
		fail(path);
	return fd;
}

/* Nothing is sent: whoever looks below that place waits for a server that has stopped. */
static void stop_server(const char *place)
{
	fuse_place = place;
	mount_first();
	sleep(1); /* it has answered to FUSE_INIT */
	if (kill(server, SIGSTOP))
		fail("stop");
}

static const struct kind {
	const char *name;
	int (*open)(void);
	void (*first)(void);
} kinds[] = {{"tcp", tcp, listen_first}, {"pty", pty, NULL}, {"serial", serial, NULL},
	{"pipe", pipe_end, NULL}, {"fuse", file, mount_first}};

static int pass(int through, const char *text, int fd, const struct sockaddr_un *to)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.space = {0}};
	struct iovec iov = {(char *)text, strlen(text)};
	struct msghdr msg = {.msg_name = (void *)to,
		.msg_namelen = to ? sizeof(*to) : 0,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
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
	if (strncmp(target, "fd:", 3) == 0 && pass(atoi(target + 3), "\n", fd, NULL) && errno != EPERM)
		fail("pass");
	if (strncmp(target, "fd:", 3) == 0)
		return;
	const char *path = strcmp(target, "notify") == 0 ? getenv("NOTIFY_SOCKET")
													 : strchr(target, ':') + 1;
	int type = strcmp(target, "notify") == 0 ? SOCK_DGRAM
		: *target == 'd'                     ? SOCK_DGRAM
		: strncmp(target, "stream", 6) == 0  ? SOCK_STREAM
											 : SOCK_SEQPACKET;
	int through = socket(AF_UNIX, type, 0);
	if (!path || through < 0)
		fail("socket");
	strncpy(a.sun_path, path, sizeof(a.sun_path) - 1);
	if (type != SOCK_DGRAM && connect(through, (struct sockaddr *)&a, sizeof(a)))
		fail(path);
	/* SO_PASSRIGHTS = 0 */
	if (pass(through, "STATUS=strange\nREADY=1", fd, type == SOCK_DGRAM ? &a : NULL) &&
		errno != EPERM)
		fail("pass");
	close(through);
}

int main(int argc, char **argv)
{
	const struct kind *kind = NULL;
	for (size_t i = 0; argc >= 4 && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(argv[1], kinds[i].name) == 0)
			kind = &kinds[i];
	if (!kind)
		return 64;
	bool stopped = strcmp(argv[2], "stopped") == 0;
	if (stopped)
		stop_server(argv[3]);
	else if (kind->first)
		kind->first();
	int count = stopped ? -1 : argc > 4 ? atoi(argv[4]) : 1;
	for (int i = 0; count == 0 || i < count; i++) {
		pid_t pid = fork(); /* at its end nothing lingers, and then PID 1 has the last reference */
		if (pid == 0) {
			int fd = kind->open();
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
