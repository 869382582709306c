/* SPDX-License-Identifier: MIT
 * System calls made one by one, each by a child of its own, for the tests of filters and
 * capabilities: calls LABEL=NUMBER,ARGUMENT,… … An argument is a number, @ for some zeroed memory,
 * @TEXT for a text; NUMBER may be a name, and int80:NUMBER or x32:NUMBER (x86's other entries;
 * ABSENT elsewhere). For each a line "LABEL RESULT": ALLOWED, the errno's name, or SIGSYS. At
 * the end "end", and then it stays. */
#include "base/errname.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NO_SUCH_ENTRY 255 /* no errno */

static char memory[4096];

static long argument(char **rest)
{
	char *word = *rest ? strsep(rest, ",") : NULL;
	if (!word || !*word)
		return 0;
	if (word[0] == '@')
		return (long)(word[1] ? word + 1 : memory);
	return (long)strtoull(word, NULL, 0);
}

#ifdef SYS_open
#define OLD(name, at) SYS_##name, 0
#else
#define OLD(name, at) SYS_##at, 1
#endif
#ifdef SYS_mmap2
#define MMAP SYS_mmap2
#else
#define MMAP SYS_mmap
#endif
#define CALL(name) \
	{ \
#name, SYS_##name, 0 \
	}

/* Newer architectures have the -at form alone: then the working directory goes before the other
 * arguments. */
static const struct {
	const char *name;
	long number;
	int at;
} calls[] = {{"open", OLD(open, openat)}, {"chmod", OLD(chmod, fchmodat)},
	{"mkdir", OLD(mkdir, mkdirat)}, {"mmap", MMAP, 0}, CALL(getpid), CALL(mount), CALL(ptrace),
	CALL(io_uring_setup), CALL(fchmodat), CALL(openat2), CALL(mprotect), CALL(shmat), CALL(unshare),
	CALL(setns), CALL(clone3), CALL(socket), CALL(socketpair), CALL(sched_setscheduler),
	CALL(sched_setattr), CALL(personality), CALL(ioctl), CALL(uname), CALL(swapon), CALL(getppid),
	CALL(umask), CALL(sync), CALL(write), CALL(lseek),
#ifdef SYS_dup2
	CALL(dup2),
#endif
	CALL(writev), CALL(dup3), CALL(close), CALL(close_range), CALL(fcntl), CALL(pwrite64),
	CALL(sendfile)};

static long number_of(const char *word, int *at)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (strcmp(word, calls[i].name) == 0) {
			*at = calls[i].at;
			return calls[i].number;
		}
	return strtol(word, NULL, 0);
}

#if defined(__x86_64__)
static long int80(long number, long a, long b, long c)
{
	long result;
	__asm__ volatile("int $0x80"
					 : "=a"(result)
					 : "a"(number), "b"(a), "c"(b), "d"(c)
					 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

static int other_entry(const char *word, const long *a)
{
	long result;
	if (strncmp(word, "int80:", 6) == 0)
		result = int80(strtol(word + 6, NULL, 0), a[0], a[1], a[2]);
	else if ((result = syscall(0x40000000 + strtol(word + 4, NULL, 0), a[0], a[1], a[2], a[3], a[4],
				  a[5])) < 0)
		result = -errno;
	return result < 0 ? (int)-result : 0;
}
#else
static int other_entry(const char *word, const long *a)
{
	(void)word;
	(void)a;
	return NO_SUCH_ENTRY;
}
#endif

static int child(char *call)
{
	char *rest = call;
	char *word = strsep(&rest, ",");
	long a[7];
	int at = 0;
	for (int i = 0; i < 6; i++)
		a[i] = argument(&rest);
	if (strchr(word, ':'))
		return other_entry(word, a);
	long number = number_of(word, &at);
	if (at) {
		memmove(a + 1, a, 5 * sizeof(*a));
		a[0] = -100; /* AT_FDCWD */
	}
	return syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]) < 0 ? errno : 0;
}

static void one(char *word)
{
	char *label = strsep(&word, "=");
	int status = 0;
	pid_t pid = fork();
	if (pid == 0)
		_exit(child(word));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		printf("%s failed\n", label);
	else if (WIFSIGNALED(status))
		printf("%s %s\n", label, sig_name(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == NO_SUCH_ENTRY)
		printf("%s ABSENT\n", label);
	else
		printf("%s %s\n", label, WEXITSTATUS(status) ? err_name(WEXITSTATUS(status)) : "ALLOWED");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	printf("securebits %d\n", prctl(PR_GET_SECUREBITS));
	for (int i = 1; i < argc; i++)
		one(argv[i]);
	puts("end");
	fflush(stdout);
	for (;;)
		pause();
}
