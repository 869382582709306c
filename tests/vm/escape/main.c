/* SPDX-License-Identifier: MIT
 * escape [list | outside | victim | NAME...]: runs every probe (or those named) and prints a line
 * for each:
 *   NAME BLOCKED|ESCAPED|BROKEN how
 */
#include "escape.h"
#include "base/errname.h"
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

/* a processor that is emulated takes its time to ask after every number a process may have */
#define SECONDS 90
#define INHERITED_MAX 1024

static const struct probe *const topics[] = {mount_probes, process_probes, file_probes,
	kernel_probes, abi_probes, memory_probes, network_probes, ipc_probes, power_probes,
	resource_probes, NULL};

struct outcome {
	int escaped;
	char how[200];
};

static struct outcome outcome;
bool inherited[INHERITED_MAX]; /* descriptors that were open when this program began */

int blocked(const char *what)
{
	snprintf(outcome.how, sizeof(outcome.how), "%s: %s", what, err_name(errno));
	return 1;
}

int blocked_by(const char *what, const char *why)
{
	snprintf(outcome.how, sizeof(outcome.how), "%s: %s", what, why);
	return 1;
}

int escaped(const char *what)
{
	snprintf(outcome.how, sizeof(outcome.how), "%s", what);
	outcome.escaped = 1;
	return 0;
}

int gate(const char *what, long result)
{
	if (result < 0 && (errno == EPERM || errno == EACCES || errno == ENOSYS))
		return blocked(what);
	char text[120];
	snprintf(text, sizeof(text), "%s: %s", what, result < 0 ? err_name(errno) : "done");
	return escaped(text);
}

int unless(const char *what, long result)
{
	return result < 0 ? blocked(what) : escaped(what);
}

int fork_patiently(void)
{
	pid_t pid;
	for (int turn = 0; (pid = fork()) < 0 && errno == EAGAIN && turn < 200; turn++)
		usleep(20000);
	return pid;
}

void apart(void)
{
	if (unshare(CLONE_NEWNS) == 0)
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

int run_again(const char *path, const char *word)
{
	char *argv[] = {(char *)"escape", (char *)word, NULL};
	int status, err[2] = {0, 0};
	if (pipe2(err, O_CLOEXEC))
		return -errno;
	pid_t pid = fork();
	if (pid == 0) {
		execv(path, argv);
		ssize_t n = write(err[1], &errno, sizeof(errno));
		_exit(n < 0);
	}
	close(err[1]);
	int why = 0;
	ssize_t n = read(err[0], &why, sizeof(why));
	close(err[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	if (n == sizeof(why))
		return -why;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = write(fd, text, strlen(text));
	int saved = errno;
	close(fd);
	errno = saved;
	return n < 0 ? -1 : 0;
}

int read_some(const char *path, char *buf, size_t cap)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, buf, cap - 1);
	int saved = errno;
	close(fd);
	errno = saved;
	if (n >= 0)
		buf[n] = '\0';
	return (int)n;
}

static void in_child(const struct probe *p, int fd)
{
	setpgid(0, 0);
	p->run();
	ssize_t n = write(fd, &outcome, sizeof(outcome));
	_exit(n != sizeof(outcome));
}

enum answer { HEARD, ENDED, HUNG };

static enum answer hear(int fd, struct outcome *o)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	if (poll(&p, 1, SECONDS * 1000) != 1)
		return HUNG;
	return read(fd, o, sizeof(*o)) == sizeof(*o) ? HEARD : ENDED;
}

/* Without a word: what ended it. A signal counts as a wall only where one is meant to. */
static const char *judge_end(const struct probe *p, int status, struct outcome *o)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (sig)
		snprintf(o->how, sizeof(o->how), "killed by %s", sig_name(sig));
	else
		snprintf(o->how, sizeof(o->how), "exit status %d without a word", WEXITSTATUS(status));
	return sig == SIGSYS || sig == SIGKILL || (p->flags & FAULTS && sig == SIGSEGV) ? "BLOCKED"
																					: "BROKEN";
}

static void try(const struct probe *p)
{
	struct outcome o = {0};
	int pair[2], status = 0;
	pid_t pid = pipe2(pair, O_CLOEXEC) ? -1 : fork_patiently();
	if (pid < 0) {
		printf("%s BROKEN no process: %s\n", p->name, err_name(errno));
		return;
	}
	if (pid == 0)
		in_child(p, pair[1]);
	close(pair[1]);
	enum answer answer = hear(pair[0], &o);
	close(pair[0]);
	kill(-pid, SIGKILL); /* and whatever it left behind */
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	const char *word = answer == HEARD ? o.escaped ? "ESCAPED" : "BLOCKED"
		: answer == ENDED              ? judge_end(p, status, &o)
									   : "BROKEN";
	printf("%s %s %s\n", p->name, word, answer == HUNG ? "it hung" : o.how);
	fflush(stdout);
}

static bool wanted(const struct probe *p, char **names)
{
	for (char **n = names; *n; n++)
		if (strcmp(*n, p->name) == 0)
			return true;
	return !*names;
}

static int list(void)
{
	for (int t = 0; topics[t]; t++)
		for (const struct probe *p = topics[t]; p->name; p++)
			printf("%s\t%s\t%s\n", p->name,
				p->flags & OUTSIDE           ? "outside"
					: p->flags & INSIDE_ONLY ? "inside-only"
											 : "",
				p->tries);
	return 0;
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	for (int fd = 3; fd < INHERITED_MAX; fd++)
		inherited[fd] = fcntl(fd, F_GETFD) >= 0;
	if (strcmp(word, "list") == 0)
		return list();
	if (strcmp(word, "victim") == 0)
		return victim_main();
	if (strncmp(word, "--", 2) == 0)
		return again_main(word + 2);
	bool outside = strcmp(word, "outside") == 0;
	for (int t = 0; topics[t]; t++)
		for (const struct probe *p = topics[t]; p->name; p++)
			if (wanted(p, argv + 1 + outside) && !(outside && p->flags & INSIDE_ONLY))
				try(p);
	puts("end of the probes");
	return 0;
}
