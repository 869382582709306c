/* SPDX-License-Identifier: MIT
 * System calls made one by one, each by a child of its own, for the tests of filters and capabilities: calls LABEL=NUMBER,ARGUMENT,… …
 * An argument is a number, @ for some zeroed memory, @TEXT for a text; NUMBER may be int80:NUMBER or x32:NUMBER (x86's other entries). For each a line
 * "LABEL RESULT": ALLOWED, the errno's name, or SIGSYS. At the end "end", and then it stays. */
#include "base/errname.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

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

#if defined(__x86_64__)
static long int80(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}
#else
static long int80(long number, long a, long b, long c)
{
	return number | a | b | c ? -ENOSYS : 0;
}
#endif

static int child(char *call)
{
	char *rest = call;
	char *number = strsep(&rest, ",");
	long a[6], result;

	for (int i = 0; i < 6; i++)
		a[i] = argument(&rest);
	if (strncmp(number, "int80:", 6) == 0) {
		result = int80(strtol(number + 6, NULL, 0), a[0], a[1], a[2]);
		return result < 0 ? (int)-result : 0;
	}
	long base = strncmp(number, "x32:", 4) == 0 ? 0x40000000 : 0;
	result = syscall(base + strtol(base ? number + 4 : number, NULL, 0), a[0], a[1], a[2], a[3], a[4], a[5]);
	return result < 0 ? errno : 0;
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
