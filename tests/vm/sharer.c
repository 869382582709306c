/* SPDX-License-Identifier: MIT
 * Services that take all there is of what the kernel has one bound of for the whole machine: which,
 * says its standard input. It stays theirs until they end. */
#include "base/errname.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

/* Signals that wait for who has blocked them, and timers count as such. */
static long take_signals(void)
{
	long n = 0;
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	while (sigqueue(getpid(), SIGRTMIN + 1, (union sigval){0}) == 0)
		n++;
	return n;
}

/* Memory that is locked by who is not charged for his own pages: kilobytes. */
static long take_locks(void)
{
	for (long n = 0;; n++) {
		int id = shmget(IPC_PRIVATE, 256 * 1024, IPC_CREAT | 0600);
		if (id < 0 || shmctl(id, SHM_LOCK, NULL) < 0)
			return n * 256;
	}
}

static long take_terminals(void)
{
	long n = 0;
	while (open("/dev/ptmx", O_RDWR | O_NOCTTY) >= 0)
		n++;
	return n;
}

static long take_instances(void)
{
	long n = 0;
	while (inotify_init1(IN_CLOEXEC) >= 0)
		n++;
	return n;
}

static const struct {
	const char *word;
	long (*take)(void);
} words[] = {
	{"inotify", take_instances},
	{"signals", take_signals},
	{"locks", take_locks},
	{"terminals", take_terminals},
};

static long take(const char *word)
{
	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(word, words[i].word) == 0)
			return words[i].take();
	return -1;
}

int main(void)
{
	char word[32] = "";
	if (scanf("%31s", word) != 1)
		return 9;
	long n = take(word);
	printf("%s %ld end by %s\n", word, n, err_name(-errno));
	fflush(stdout);
	for (;;)
		pause();
}
