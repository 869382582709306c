/* SPDX-License-Identifier: MIT
 * The services of test_08_cgroup.py: each does without end what a limit is to hold, and says
 * what it sees. probe-cgroup WORD [ARGUMENT] */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/errname.h"

#define BLOCK 4096
#define MEGABYTE (1 << 20)

static void say(const char *what, int result)
{
	printf("%s %s\n", what, result >= 0 ? "ALLOWED" : err_name(errno));
	fflush(stdout);
}

static void wait_for_ever(void)
{
	for (;;)
		pause();
}

static void spin(const char *argument)
{
	(void)argument;
	for (volatile unsigned long n = 0;; n++)
		;
}

/* Where it runs, many times, with a load that the scheduler would like to spread. */
static void where(const char *argument)
{
	int own = atoi(argument), here = 0, elsewhere = 0;
	cpu_set_t other;
	CPU_ZERO(&other);
	CPU_SET(!own, &other);
	say("move", sched_setaffinity(0, sizeof(other), &other));
	for (int i = 0; i < 2000; i++) {
		for (volatile int k = 0; k < 20000; k++)
			;
		if (sched_getcpu() == own)
			here++;
		else
			elsewhere++;
		if (i % 50 == 0)
			usleep(1000);
	}
	printf("samples here %d elsewhere %d\n", here, elsewhere);
	fflush(stdout);
	wait_for_ever();
}

/* Past the page cache, one operation after the other, over 32 MB. */
static void direct(const char *path, int writes, size_t size)
{
	int fd = open(path, (writes ? O_WRONLY : O_RDONLY) | O_DIRECT);
	void *buf = aligned_alloc(BLOCK, size);
	say("open", fd);
	memset(buf, 0, size);
	/* Each process its own 32 MB: BFQ joins those that read the same. */
	for (off_t at = 0; fd >= 0; at = (at + (off_t)size) % (32 * MEGABYTE))
		if ((writes ? pwrite(fd, buf, size, at) : pread(fd, buf, size, at)) < 0)
			break;
	say("end", -1);
	wait_for_ever();
}

static void reading(const char *path)
{
	direct(path, 0, BLOCK);
}

static void writing(const char *path)
{
	direct(path, 1, BLOCK);
}

static void streaming(const char *path)
{
	direct(path, 0, 16 * BLOCK);
}

/* "PATH MEGABYTES-FROM MEGABYTES": through the page cache; once or again and again. */
static void cache(const char *argument, int again)
{
	static char buf[65536];
	char path[64];
	int from, count;
	if (sscanf(argument, "%63s %d %d", path, &from, &count) != 3)
		exit(64);
	int fd = open(path, O_RDONLY);
	say("open", fd);
	posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM); /* no reading ahead into a neighbour's part */
	do {
		for (int i = 0; i < count * 16; i++)
			if (pread(fd, buf, sizeof(buf), ((off_t)from << 20) + (off_t)i * (off_t)sizeof(buf)) <
				0)
				exit(1);
		puts("read");
		fflush(stdout);
	} while (again);
	wait_for_ever();
}

static void keeping(const char *argument)
{
	cache(argument, 0);
}

static void pressing(const char *argument)
{
	cache(argument, 1);
}

/* Memory that only the kernel has: full pipes, 64 kB each. So many, one each 20 ms. */
static void pipes(const char *argument)
{
	static char buf[65536];
	int made = 0;
	for (; made < atoi(argument); made++) {
		int fd[2];
		if (pipe2(fd, O_NONBLOCK) < 0 || write(fd[1], buf, sizeof(buf)) < 0)
			break;
		usleep(20000);
	}
	printf("pipes %d\n", made);
	fflush(stdout);
	wait_for_ever();
}

static void eat(int megabytes)
{
	for (int i = 0; i < megabytes; i++)
		memset(malloc(MEGABYTE), i + 1, MEGABYTE);
}

static void on_term(int sig)
{
	(void)sig;
	say("asked to stop:", 0);
	_exit(0);
}

/* A child that takes too much, and a parent that would live on. */
static void hungry_child(const char *argument)
{
	int status = 0;
	signal(SIGTERM, on_term);
	if (fork() == 0) {
		eat(atoi(argument));
		_exit(0);
	}
	wait(&status);
	printf("child ended by %d\n", WTERMSIG(status));
	fflush(stdout);
	wait_for_ever();
}

static void hold(const char *argument)
{
	eat(atoi(argument));
	puts("holding");
	fflush(stdout);
	wait_for_ever();
}

static int send_to(const char *address)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(9)};
	int is_six = inet_pton(AF_INET6, address, &six.sin6_addr);
	int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	inet_pton(AF_INET, address, &four.sin_addr);
	int r = (int)(is_six ? sendto(fd, "x", 1, 0, (struct sockaddr *)&six, sizeof(six))
						 : sendto(fd, "x", 1, 0, (struct sockaddr *)&four, sizeof(four)));
	int err = errno;
	close(fd);
	errno = err;
	return r;
}

/* Whether a datagram to ourselves arrives: both programs have a say. */
static int round_trip(const char *address)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t n = sizeof(a);
	char c;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	inet_pton(AF_INET, address, &a.sin_addr);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
		getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		return -1;
	if (sendto(fd, "x", 1, 0, (struct sockaddr *)&a, n) < 0)
		return -1;
	usleep(100000);
	return (int)recv(fd, &c, 1, 0);
}

static void packets(const char *argument)
{
	(void)argument;
	say("loopback", round_trip("127.0.0.1"));
	say("loopback-2", round_trip("127.0.0.2"));
	say("gateway", send_to("10.0.2.2"));
	say("elsewhere", send_to("192.0.2.1"));
	say("six", send_to("::1"));
	wait_for_ever();
}

static void nodes(const char *argument)
{
	char *copy = strdup(argument), *rest = NULL;
	for (char *path = strtok_r(copy, ",", &rest); path; path = strtok_r(NULL, ",", &rest)) {
		char what[64];
		snprintf(what, sizeof(what), "%s r", path);
		say(what, open(path, O_RDONLY | O_NONBLOCK));
		snprintf(what, sizeof(what), "%s w", path);
		say(what, open(path, O_WRONLY | O_NONBLOCK));
	}
	wait_for_ever();
}

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

/* Its own group, divided. */
static void divide(const char *argument)
{
	(void)argument;
	say("mkdir", mkdir("/sys/fs/cgroup/all", 0755));
	say("own-limit", put("/sys/fs/cgroup/memory.max", "max"));
	say("outside", open("/sys/fs/cgroup/../cgroup/warden/cgroup.procs", O_RDONLY));
	say("first", put("/sys/fs/cgroup/all/cgroup.procs", "1"));
	say("self", put("/sys/fs/cgroup/all/cgroup.procs", "0"));
	say("enable", put("/sys/fs/cgroup/cgroup.subtree_control", "+pids"));
	say("mkdir-2", mkdir("/sys/fs/cgroup/few", 0755));
	say("limit", put("/sys/fs/cgroup/few/pids.max", "1"));
	say("deep", mkdir("/sys/fs/cgroup/few/deeper", 0755));
	if (fork() == 0) {
		put("/sys/fs/cgroup/few/cgroup.procs", "0");
		say("fork", fork());
		_exit(0);
	}
	wait(NULL);
	wait_for_ever();
}

static const struct {
	const char *word;
	void (*run)(const char *);
} words[] = {
	{"spin", spin},
	{"where", where},
	{"reading", reading},
	{"writing", writing},
	{"streaming", streaming},
	{"keeping", keeping},
	{"pressing", pressing},
	{"pipes", pipes},
	{"hungry-child", hungry_child},
	{"hold", hold},
	{"packets", packets},
	{"nodes", nodes},
	{"divide", divide},
};

int main(int argc, char **argv)
{
	for (unsigned i = 0; argc > 1 && i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(argv[1], words[i].word) == 0)
			words[i].run(argc > 2 ? argv[2] : "0");
	fputs("probe-cgroup: unknown word\n", stderr);
	return 64;
}
