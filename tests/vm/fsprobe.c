/* SPDX-License-Identifier: MIT
 * What a service's view of the files is, told from inside: fsprobe VERB[:ARGUMENT]... prints one
 * line "[[VERB ARGUMENT RESULT]]" each. Static. */
#include "base/errname.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *outcome(long r)
{
	return r >= 0 ? "ALLOWED" : err_name(errno);
}

static void say(const char *verb, const char *argument, const char *result)
{
	printf("[[%s %s %s]]\n", verb, argument, result);
	fflush(stdout);
}

static void do_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	say("write", path, fd < 0 ? outcome(-1) : outcome(write(fd, "x", 1)));
	close(fd);
}

static void do_read(const char *path)
{
	char buf[200] = "";
	int fd = open(path, O_RDONLY);
	long n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);
	if (n >= 0)
		buf[strcspn(buf, "\n")] = '\0';
	say("read", path, n < 0 ? outcome(n) : buf[0] ? buf : "EMPTY");
	close(fd);
}

static void do_list(const char *path)
{
	char text[3000] = "";
	DIR *d = opendir(path);
	struct dirent *e;
	if (!d) {
		say("list", path, outcome(-1));
		return;
	}
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ", e->d_name);
	closedir(d);
	say("list", path, text);
}

static void do_stat(const char *path)
{
	char text[100];
	struct stat st;
	if (stat(path, &st) < 0) {
		say("stat", path, outcome(-1));
		return;
	}
	snprintf(text, sizeof(text), "%o %d %d", st.st_mode, (int)st.st_uid, (int)st.st_gid);
	say("stat", path, text);
}

/* A copy of this program, or another way to it, which prints the ids it runs with. */
static void do_exec(const char *path)
{
	char word[300];
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		snprintf(word, sizeof(word), "ids:%s", path);
		execl(path, path, word, "quiet", (char *)NULL);
		say("exec", path, outcome(-1));
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (status)
		say("exec", path, "DIED");
}

static void do_ids(const char *argument)
{
	char text[60];
	snprintf(text, sizeof(text), "uid=%d euid=%d", (int)getuid(), (int)geteuid());
	say("ids", *argument ? argument : "-", text);
}

static void do_env(const char *name)
{
	const char *value = getenv(name);
	say("env", name, value ? value : "UNSET");
}

static void do_mounts(const char *argument)
{
	char line[2000];
	FILE *f = fopen("/proc/self/mountinfo", "r");
	while (f && fgets(line, sizeof(line), f)) {
		char at[500], how[200], type[100], text[1000];
		char *end = strstr(line, " - ");
		if (end && sscanf(line, "%*s %*s %*s %*s %499s %199s", at, how) == 2 &&
			sscanf(end, " - %99s", type) == 1) {
			snprintf(text, sizeof(text), "%s %s", how, type);
			say("mount", at, text);
		}
	}
	if (f)
		fclose(f);
	say("mounts", *argument ? argument : "-", "end");
}

static void do_stay(const char *argument)
{
	say("stay", argument, "");
	fflush(stdout);
	for (;;)
		pause();
}

/* Two processes of different users: which does the second see? */
static void do_users(const char *argument)
{
	int ready[2];
	char c, path[40];
	if (pipe(ready))
		return;
	pid_t other = fork();
	if (other == 0) {
		c = setgid(33) || setuid(33) ? 'n' : 'y';
		if (write(ready[1], &c, 1) == 1)
			pause();
		_exit(0);
	}
	if (read(ready[0], &c, 1) != 1 || c != 'y') {
		say("users", argument, "no change of ids");
		return;
	}
	pid_t looker = fork();
	if (looker == 0) {
		snprintf(path, sizeof(path), "/proc/%d/stat", (int)other);
		say("users", argument,
			setgid(34) || setuid(34) ? "no change of ids of its own" : outcome(access(path, F_OK)));
		_exit(0);
	}
	waitpid(looker, NULL, 0);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
}

static void do_pts(const char *argument)
{
	int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	const char *name = fd < 0 || unlockpt(fd) ? NULL : ptsname(fd);
	int other = name ? open(name, O_RDWR | O_NOCTTY) : -1;
	say("pts", *argument ? argument : "-", other < 0 ? outcome(-1) : name);
}

/* PATH,PATH: swaps the two for ever. */
static void do_swap(const char *paths)
{
	char one[300], *two;
	snprintf(one, sizeof(one), "%s", paths);
	two = strchr(one, ',');
	if (!two)
		return;
	*two++ = '\0';
	say("swap", paths, outcome(syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, two, 2)));
	for (;;)
		syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, two, 2);
}

static void do_as(const char *id)
{
	say("as", id, outcome(setgid((gid_t)atoi(id)) || setuid((uid_t)atoi(id)) ? -1 : 0));
}

static const struct {
	const char *word;
	void (*run)(const char *);
} words[] = {
	{"write", do_write},
	{"read", do_read},
	{"list", do_list},
	{"stat", do_stat},
	{"exec", do_exec},
	{"ids", do_ids},
	{"env", do_env},
	{"mounts", do_mounts},
	{"users", do_users},
	{"stay", do_stay},
	{"pts", do_pts},
	{"swap", do_swap},
	{"as", do_as},
};

int main(int argc, char **argv)
{
	for (int n = 1; n < argc; n++) {
		char *argument = strchr(argv[n], ':');
		if (argument)
			*argument++ = '\0';
		for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (strcmp(argv[n], words[i].word) == 0)
				words[i].run(argument ? argument : "");
	}
	if (argc < 2 || strcmp(argv[argc - 1], "quiet") != 0)
		say("end", "-", "-");
	return 0;
}
