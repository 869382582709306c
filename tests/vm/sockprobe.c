/* SPDX-License-Identifier: MIT
 * Both ends of [Socket] in the VM tests. The service's: sockprobe serve TEXT [once], which says
 * what it was handed and answers whoever calls. The caller's, from the root shell: sockprobe
 * call|send KIND ADDRESS TEXT. Static, no shell needed. */
#include "base/errname.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#define FIRST 3
#define MOST 32

static int number(const char *name)
{
	const char *text = getenv(name);
	return text ? atoi(text) : -1;
}

static int option(int fd, int level, int name)
{
	int v = -1;
	socklen_t n = sizeof(v);
	return getsockopt(fd, level, name, &v, &n) < 0 ? -1 : v;
}

static const char *label(int fd)
{
	static char text[200];
	ssize_t n = fgetxattr(fd, "security.selinux", text, sizeof(text) - 1);
	if (n < 0)
		return err_name(errno);
	text[n] = 0;
	return text;
}

/* ---- the service's end ---- */

static const char *kind(int fd)
{
	struct stat st;
	fstat(fd, &st);
	if (S_ISFIFO(st.st_mode))
		return "fifo";
	switch (
		option(fd, SOL_SOCKET, SO_DOMAIN) == AF_NETLINK ? -2 : option(fd, SOL_SOCKET, SO_TYPE)) {
	case -2:
		return "netlink";
	case SOCK_STREAM:
		return "stream";
	case SOCK_DGRAM:
		return "datagram";
	case SOCK_SEQPACKET:
		return "seqpacket";
	default:
		return "?";
	}
}

static void say_one(int fd, const char *name, size_t n)
{
	char device[IFNAMSIZ] = "";
	socklen_t size = sizeof(device);
	struct tcp_info info = {0};
	socklen_t info_size = sizeof(info);
	getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, &size);
	/* of one that listens: the longest queue, in tcpi_sacked */
	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &info_size);
	printf(
		"fd %d name %.*s kind %s listens %d backlog %u reuseport %d freebind %d device %s nonblock %d cloexec %d label %s\n",
		fd, (int)n, name, kind(fd), option(fd, SOL_SOCKET, SO_ACCEPTCONN), info.tcpi_sacked,
		option(fd, SOL_SOCKET, SO_REUSEPORT), option(fd, IPPROTO_IP, IP_FREEBIND),
		*device ? device : "-", (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0, fcntl(fd, F_GETFD),
		label(fd));
}

static int say_all(void)
{
	const char *names = getenv("LISTEN_FDNAMES");
	int count = number("LISTEN_FDS");
	printf("pid %s fds %d\n", number("LISTEN_PID") == (int)getpid() ? "right" : "WRONG", count);
	for (int i = 0; i < count; i++) {
		size_t n = names ? strcspn(names, ":") : 0;
		say_one(FIRST + i, names ? names : "-", n);
		names = names && names[n] ? names + n + 1 : NULL;
	}
	for (int fd = FIRST + (count > 0 ? count : 0); fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("more %d\n", fd);
	struct if_nameindex *list = if_nameindex();
	printf("interfaces");
	for (struct if_nameindex *i = list; i && i->if_name; i++)
		printf(" %s", i->if_name);
	puts("\nend");
	fflush(stdout);
	return count;
}

static void printable(const char *what, const char *text, ssize_t n)
{
	printf("%s ", what);
	for (ssize_t i = 0; i < n; i++)
		putchar(text[i] >= 32 && text[i] < 127 ? text[i] : '.');
	putchar('\n');
	fflush(stdout);
}

static void answer(int fd, const char *text)
{
	char question[512], reply[600];
	const char *what = kind(fd);
	ssize_t n;
	if (option(fd, SOL_SOCKET, SO_ACCEPTCONN) != 1) {
		n = read(fd, question, sizeof(question));
		printable(what, question, n);
		return;
	}
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	if (client < 0) {
		printf("accept %s\n", err_name(errno));
		fflush(stdout);
		return;
	}
	n = read(client, question, sizeof(question));
	int size = snprintf(reply, sizeof(reply), "%s: %.*s", text, (int)(n > 0 ? n : 0), question);
	if (write(client, reply, (size_t)size) != size)
		printf("write %s\n", err_name(errno));
	close(client);
	printable(what, question, n);
}

static void on_term(int sig)
{
	(void)sig;
	_exit(0);
}

static int do_serve(char **argument)
{
	struct pollfd p[MOST];
	int count = say_all();
	bool once = argument[1] && strcmp(argument[1], "once") == 0;
	signal(SIGTERM, on_term);
	for (int i = 0; i < count && i < MOST; i++)
		p[i] = (struct pollfd){.fd = FIRST + i, .events = POLLIN};
	for (;;) {
		if (poll(p, (nfds_t)(count < 0 ? 0 : count), -1) <= 0)
			continue;
		for (int i = 0; i < count; i++)
			if (p[i].revents) {
				answer(p[i].fd, argument[0]);
				if (once)
					return 0;
			}
	}
}

/* The same, and says by a newline there that it is ready. */
static int do_ready(char **argument)
{
	if (write(atoi(argument[0]), "\n", 1) != 1)
		printf("ready %s\n", err_name(errno));
	return do_serve(argument + 1);
}

/* Somebody who does not take what waits for it. */
static int do_refuse(char **argument)
{
	printf("leaving with %s\n", argument[0]);
	return atoi(argument[0]);
}

/* ---- the caller's end ---- */

static socklen_t address_of(const char *text, struct sockaddr_storage *a);

/* Makes a connection of the socket it was handed, fills it with what nobody reads, lets it
 * linger and leaves the last reference to PID 1. */
static int do_linger(char **argument)
{
	static const char junk[65536];
	const struct linger l = {1, 600};
	struct sockaddr_storage a;
	socklen_t n = address_of(argument[0], &a);
	bool good = shutdown(FIRST, SHUT_RDWR) == 0 && connect(FIRST, (struct sockaddr *)&a, n) == 0 &&
		setsockopt(FIRST, SOL_SOCKET, SO_LINGER, &l, sizeof(l)) == 0;
	while (good && send(FIRST, junk, sizeof(junk), MSG_DONTWAIT) > 0)
		;
	printf(good && errno == EAGAIN ? "unsent bytes\n" : "%s\n", err_name(errno));
	return 0;
}

static socklen_t address_of(const char *text, struct sockaddr_storage *a)
{
	struct sockaddr_un *un = (struct sockaddr_un *)a;
	struct sockaddr_in *four = (struct sockaddr_in *)a;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)a;
	const char *port = strrchr(text, ':');
	char host[64] = "";
	memset(a, 0, sizeof(*a));
	if (*text == '/' || *text == '@') {
		un->sun_family = AF_UNIX;
		memcpy(un->sun_path + (*text == '@'), text + (*text == '@'), strlen(text) - (*text == '@'));
		return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(text) + (*text == '/'));
	}
	if (*text == '[') {
		memcpy(host, text + 1, (size_t)(port - text) - 2);
		*six = (struct sockaddr_in6){.sin6_family = AF_INET6,
			.sin6_port = htons((uint16_t)atoi(port + 1))};
		inet_pton(AF_INET6, host, &six->sin6_addr);
		return sizeof(*six);
	}
	memcpy(host, text, (size_t)(port - text));
	*four = (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port + 1))};
	inet_pton(AF_INET, host, &four->sin_addr);
	return sizeof(*four);
}

static int connected(const char *kind_word, const char *address)
{
	struct sockaddr_storage a;
	socklen_t n = address_of(address, &a);
	int type = strcmp(kind_word, "stream") == 0 ? SOCK_STREAM
		: strcmp(kind_word, "datagram") == 0    ? SOCK_DGRAM
												: SOCK_SEQPACKET;
	int fd = socket(a.ss_family, type | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, n) == 0)
		return fd;
	printf("%s\n", err_name(errno));
	exit(1);
}

static int do_send(char **argument)
{
	int fd = strcmp(argument[0], "fifo") == 0 ? open(argument[1], O_WRONLY | O_NONBLOCK)
											  : connected(argument[0], argument[1]);
	if (fd >= 0 && write(fd, argument[2], strlen(argument[2])) >= 0)
		return 0;
	printf("%s\n", err_name(errno));
	return 1;
}

static int do_call(char **argument)
{
	char reply[600];
	int fd = connected(argument[0], argument[1]);
	if (write(fd, argument[2], strlen(argument[2])) < 0) {
		printf("%s\n", err_name(errno));
		return 1;
	}
	ssize_t n = read(fd, reply, sizeof(reply));
	printf("%.*s\n", (int)(n > 0 ? n : 0), reply);
	return n <= 0;
}

static int do_label(char **argument)
{
	char text[200] = "";
	if (lgetxattr(argument[0], "security.selinux", text, sizeof(text) - 1) < 0)
		printf("%s\n", err_name(errno));
	else
		puts(text);
	return 0;
}

static const struct {
	const char *word;
	int (*run)(char **);
	int arguments;
} words[] = {{"serve", do_serve, 1}, {"ready", do_ready, 2}, {"refuse", do_refuse, 1},
	{"linger", do_linger, 1}, {"send", do_send, 3}, {"call", do_call, 3}, {"label", do_label, 1}};

int main(int argc, char **argv)
{
	for (unsigned i = 0; argc > 1 && i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(argv[1], words[i].word) == 0 && argc - 2 >= words[i].arguments)
			return words[i].run(argv + 2);
	fputs("sockprobe: unknown word\n", stderr);
	return 64;
}
