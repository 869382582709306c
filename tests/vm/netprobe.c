/* SPDX-License-Identifier: MIT
 * The services of the network's VM tests: netprobe WORD [ARGUMENTS]. Static, no shell needed. */
#include "base/errname.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void __attribute__((noreturn)) stay(void)
{
	fflush(stdout);
	for (;;)
		pause();
}

static const char *said(int result)
{
	return result < 0 ? err_name(errno) : "ok";
}

static socklen_t address_of(const char *text, const char *port, struct sockaddr_storage *a)
{
	struct sockaddr_in *four = (struct sockaddr_in *)a;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)a;
	uint16_t number = htons((uint16_t)atoi(port));
	memset(a, 0, sizeof(*a));
	if (strchr(text, ':')) {
		*six = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = number};
		inet_pton(AF_INET6, text, &six->sin6_addr);
		return sizeof(*six);
	}
	*four = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = number};
	inet_pton(AF_INET, text, &four->sin_addr);
	return sizeof(*four);
}

/* serve PORT TEXT: a page for everybody who asks, over IPv4 and IPv6. */
static int do_serve(char **argument)
{
	struct sockaddr_storage a;
	char page[256], question[1024];
	socklen_t n = address_of("::", argument[0], &a);
	int on = 1, fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&a, n) < 0 || listen(fd, 8) < 0) {
		printf("serve: %s\n", said(-1));
		return 9;
	}
	snprintf(page, sizeof(page), "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n%s\n",
		strlen(argument[1]) + 1, argument[1]);
	puts("serving");
	fflush(stdout);
	for (;;) {
		int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (client < 0)
			continue;
		if (read(client, question, sizeof(question)) > 0 && write(client, page, strlen(page)) < 0)
			puts("gone");
		close(client);
	}
}

/* fetch ADDRESS PORT: the page's last line, again until there is one. */
static int do_fetch(char **argument)
{
	static const char question[] = "GET / HTTP/1.0\r\n\r\n";
	struct sockaddr_storage a;
	socklen_t size = address_of(argument[0], argument[1], &a);
	for (int turn = 0; turn < 50; turn++, usleep(200000)) {
		char page[512] = "";
		int fd = socket(a.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		int err = connect(fd, (struct sockaddr *)&a, size);
		ssize_t n = err == 0 && write(fd, question, sizeof(question) - 1) > 0
			? recv(fd, page, sizeof(page) - 1, MSG_WAITALL)
			: -1;
		if (turn % 10 == 0 && n <= 0)
			printf("fetch: %s\n", said(-1));
		close(fd);
		if (n > 0) {
			const char *body = strstr(page, "\r\n\r\n");
			printf("fetched %s", body ? body + 4 : page);
			stay();
		}
	}
	return 9;
}

static void show(void)
{
	char text[64];
	struct if_nameindex *all = if_nameindex();
	struct ifaddrs *list = NULL;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (struct if_nameindex *i = all; i && i->if_index; i++) {
		struct ifreq r = {0};
		strncpy(r.ifr_name, i->if_name, IFNAMSIZ - 1);
		ioctl(fd, SIOCGIFFLAGS, &r);
		printf("interface %s %s\n", i->if_name, r.ifr_flags & IFF_UP ? "up" : "down");
	}
	getifaddrs(&list);
	for (struct ifaddrs *a = list; a; a = a->ifa_next) {
		if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET)
			printf("address %s %s\n", a->ifa_name,
				inet_ntop(AF_INET, &((struct sockaddr_in *)a->ifa_addr)->sin_addr, text,
					sizeof(text)));
		if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET6)
			printf("address %s %s\n", a->ifa_name,
				inet_ntop(AF_INET6, &((struct sockaddr_in6 *)a->ifa_addr)->sin6_addr, text,
					sizeof(text)));
	}
	close(fd);
}

/* show WORD: its interfaces and addresses, said at once, without waiting (for ExecStartPre and
 * the like) or with (anything but "once"). */
static int do_show(char **argument)
{
	printf("%s\n", argument[0]);
	show();
	fflush(stdout);
	if (strcmp(argument[0], "once") == 0)
		return 0;
	stay();
}

static int set_flags(const char *name, int flags)
{
	struct ifreq r = {.ifr_flags = (short)flags};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	strncpy(r.ifr_name, name, IFNAMSIZ - 1);
	int err = ioctl(fd, SIOCSIFFLAGS, &r), kept = errno;
	close(fd);
	errno = kept;
	return err;
}

/* admin INTERFACE: what power it has over its own network, and how far it is from anybody
 * else's. */
static int do_admin(char **argument)
{
	printf("down %s\n", said(set_flags(argument[0], 0)));
	printf("up %s\n", said(set_flags(argument[0], IFF_UP)));
	printf("raw %s\n", said(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP)));
	int fd = open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC);
	printf("reaper's %s\n", said(fd));
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	printf("setns %s\n", said(fd < 0 ? fd : setns(fd, CLONE_NEWNET)));
	printf("sysctl %s\n", said(open("/proc/sys/net/ipv4/ip_forward", O_WRONLY | O_CLOEXEC)));
	show();
	stay();
}

/* clock: monotonic time in ms, twice. */
static int do_clock(char **argument)
{
	struct timespec t;
	(void)argument;
	clock_gettime(CLOCK_MONOTONIC, &t);
	printf("monotonic %lld\n", (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000);
	stay();
}

int main(int argc, char *argv[])
{
	static const struct {
		const char *name;
		int (*run)(char **);
		int arguments;
	} words[] = {{"serve", do_serve, 2}, {"fetch", do_fetch, 2}, {"show", do_show, 1},
		{"admin", do_admin, 1}, {"clock", do_clock, 0}};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (argc > 1 && strcmp(argv[1], words[i].name) == 0 && argc == words[i].arguments + 2)
			return words[i].run(argv + 2);
	return 64;
}
