/* SPDX-License-Identifier: MIT
 * One life of PID 1 in the small device (box.h), for test_*.py: stand O DIR. DIR has the device's
 * files: cmdline, *.ini (its services), init/init.ini, fstab; where it has a file no-plan, PID 1
 * has the plan compiled at boot; with no-kmsg there is no /dev/kmsg, and with no-group-kill no
 * cgroup.kill. With a file container, which has PID 1's arguments, it is process 1 of one, and
 * `without` has the numbers of capabilities that nobody has there. It says in lines where the
 * device stands, which process PID 1 is, and how that ended. It goes when its standard input ends.
 */
#include "pid1/box.h"
#include "pid1/calls.h"
#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/reg.h>
#include <sys/wait.h>
#include <unistd.h>

static struct box_life life;
static struct box_result waste;

/* The whole file, or NULL: there is none. */
static char *text_of(const char *dir, const char *name)
{
	char path[1024], *text = NULL;
	size_t cap = 0;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "re");
	if (f && getdelim(&text, &cap, 0, f) < 0)
		text = NULL;
	if (f)
		fclose(f);
	return text;
}

static bool read_services(const char *dir)
{
	char pattern[1024];
	glob_t found;
	snprintf(pattern, sizeof(pattern), "%s/*.ini", dir);
	if (glob(pattern, 0, NULL, &found) != 0 || found.gl_pathc > BOX_SERVICES)
		return false;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *name = strrchr(found.gl_pathv[i], '/') + 1;
		life.service[i].file = text_of(dir, name);
		name[strlen(name) - strlen(".ini")] = 0;
		life.service[i].name = name;
	}
	return true;
}

static bool has(const char *dir, const char *name)
{
	char path[1024];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

static bool read_life(const char *dir)
{
	life.cmdline = text_of(dir, "cmdline");
	life.init = text_of(dir, "init/init.ini");
	life.fstab = text_of(dir, "fstab");
	life.container = text_of(dir, "container");
	life.without = text_of(dir, "without");
	life.no_plan = has(dir, "no-plan");
	life.no_kmsg = has(dir, "no-kmsg");
	life.no_group_kill = has(dir, "no-group-kill");
	return life.cmdline && read_services(dir);
}

/* Until PID 1 has ended: its wait status. Signals reach it as they come. */
static int follow(pid_t init)
{
	int status;
	bool inside = false;
	while (waitpid(init, &status, __WALL) == init && WIFSTOPPED(status)) {
		bool call = WSTOPSIG(status) == (SIGTRAP | 0x80);
		bool exec = status >> 16 == PTRACE_EVENT_EXEC;
		if (call && (inside = !inside)) {
			long number = ptrace(PTRACE_PEEKUSER, init, sizeof(long) * ORIG_RAX, NULL);
			call_confine(init, number);
			if (life.no_group_kill)
				call_hides(init, number, "cgroup.kill");
		}
		ptrace(PTRACE_SYSCALL, init, NULL, call || exec ? 0L : (long)WSTOPSIG(status));
	}
	return status;
}

int main(int argc, char **argv)
{
	const char *lacks = argc == 3 ? box_prepare(argv[1]) : "usage: stand O DIR";
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!lacks && (!read_life(argv[2]) || !box_use(argv[1], &life)))
		lacks = "its root can't be made";
	pid_t init = lacks ? -1 : box_begin();
	if (init < 0) {
		printf("lacks %s\n", lacks ? lacks : "a process that is PID 1");
		return 1;
	}
	printf("place %s\ninit %d\n", box_place(), (int)init);
	int status = follow(init);
	printf("ended %s\n", WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "by itself");
	while (getchar() != EOF)
		;
	box_end(&waste);
	box_forget();
	return 0;
}
