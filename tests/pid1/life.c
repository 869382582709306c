/* SPDX-License-Identifier: MIT
 * The services of PID 1 in the box: life WORD. Each says first what its walls are. Static, without
 * a shell. */
#include "pid1/box.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static void on_term(int sig)
{
	static const char text[] = "life ends\n";
	(void)sig;
	_exit(write(1, text, sizeof(text) - 1) < 0);
}

static void status_lines(void)
{
	static const char *const words[] = {"Uid:", "Gid:", "Groups:", "Cap",
		"NoNewPrivs:", "Seccomp:", "SigBlk:", "SigIgn:", "Umask:"};
	char line[512];
	FILE *f = fopen("/proc/self/status", "re");
	while (f && fgets(line, sizeof(line), f))
		for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (strncmp(line, words[i], strlen(words[i])) == 0)
				printf("walls %s", line);
	if (f)
		fclose(f);
}

/* Where, and with which options. */
static void mount_lines(void)
{
	char line[1024], where[512], options[256];
	FILE *f = fopen("/proc/self/mountinfo", "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*d %*d %*s %*s %511s %255s", where, options) == 2)
			printf("walls mount %s %s\n", where, options);
	if (f)
		fclose(f);
}

static void names_in(const char *path)
{
	struct dirent **list;
	int n = scandir(path, &list, NULL, alphasort);
	printf("walls %s", path);
	for (int i = 0; i < n; i++)
		printf(" %s", list[i]->d_name);
	printf("\n");
}

static void say_walls(const char *word)
{
	struct utsname u;
	uname(&u);
	printf("walls host %s pid %d group %d\n", u.nodename, (int)getpid(),
		open("/sys/fs/cgroup", O_RDONLY | O_CLOEXEC) >= 0);
	status_lines();
	mount_lines();
	names_in("/dev");
	names_in("/proc/self/fd");
	printf("life begins %s\n", word);
	for (int i = 1; i <= BOX_LINES; i++)
		printf("life line %d\n", i);
}

static int send_message(const char *text, int pass)
{
	const char *path = getenv("NOTIFY_SOCKET");
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.space = {0}};
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct iovec iov = {(char *)text, strlen(text)};
	struct msghdr msg = {.msg_name = &a,
		.msg_namelen = sizeof(a),
		.msg_iov = &iov,
		.msg_iovlen = 1};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (!path || fd < 0)
		return 9;
	strncpy(a.sun_path, path, sizeof(a.sun_path) - 1);
	if (pass >= 0) {
		msg.msg_control = control.space;
		msg.msg_controllen = sizeof(control.space);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &pass, sizeof(pass));
	}
	if (pass >= 0 && sendmsg(fd, &msg, 0) < 0 && errno == EPERM)
		pass = -1; /* SO_PASSRIGHTS (Linux 6.16): the kernel refuses it for PID 1 */
	else if (pass >= 0)
		return 0;
	msg.msg_control = NULL;
	msg.msg_controllen = 0;
	return sendmsg(fd, &msg, 0) == (ssize_t)iov.iov_len ? 0 : 9;
}

/* Until it ends, a signal ends it. */
static int rest(int status)
{
	while (status == 0)
		pause();
	return status;
}

static int notify(const char *file)
{
	if (file && open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) < 0)
		return 8;
	return rest(send_message("STATUS=well\nEXTEND_TIMEOUT_USEC=1\nREADY=1", -1));
}

/* Its readiness is its last word. */
static int brief(const char *unused)
{
	(void)unused;
	return send_message("READY=1", -1);
}

/* Others' kernels could keep PID 1 with what comes along. */
static int nest(const char *unused)
{
	(void)unused;
	int err = send_message("STATUS=with a descriptor", 1);
	return rest(err ? err : send_message("WATCHDOG=1\nREADY=1", 1));
}

/* It never says that it is ready. */
static int mute(const char *unused)
{
	(void)unused;
	return rest(0);
}

static int deaf(const char *unused)
{
	(void)unused;
	signal(SIGTERM, SIG_IGN);
	return rest(send_message("READY=1", -1));
}

/* Ready, and from then on it says no more than that it lived once. */
static int hang(const char *unused)
{
	(void)unused;
	return rest(send_message("WATCHDOG=1\nREADY=1", -1));
}

/* As a daemon that goes to the background. */
static int leave_child(const char *unused)
{
	(void)unused;
	return fork() == 0 ? rest(0) : 0;
}

/* As a script that waits for a daemon: the signal that ends it ends it at once. With a word its
 * child is deaf. */
static int wrap(const char *word)
{
	signal(SIGTERM, word ? SIG_IGN : on_term);
	if (fork() == 0)
		return rest(0);
	signal(SIGTERM, SIG_DFL);
	return rest(0);
}

/* It is another process in each moment, and deaf. */
static int hop(const char *unused)
{
	(void)unused;
	signal(SIGTERM, SIG_IGN);
	for (int i = 0; i < 30; i++) {
		if (fork())
			continue;
		while (fork() == 0)
			;
		_exit(0);
	}
	return rest(0);
}

/* A second start ends well. */
static int fail_once(const char *file)
{
	return open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644) < 0 ? notify(NULL) : 7;
}

/* With a word, a line that is too long comes first. */
static int line(const char *word)
{
	static char text[5000];
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	if (word && write(3, text, sizeof(text)) < 0)
		return 9;
	return rest(write(3, "\n", 1) == 1 ? 0 : 9);
}

/* Each that calls is hung up on. */
static int serve(const char *unused)
{
	(void)unused;
	for (int fd; (fd = accept(3, NULL, NULL)) >= 0; close(fd))
		printf("life is called\n");
	return 9;
}

/* The second half of its line never comes. */
static int stop_short(const char *unused)
{
	(void)unused;
	printf("life stops short");
	return 7;
}

/* It goes on writing, in numbered lines. */
static int talk(const char *unused)
{
	(void)unused;
	int err = send_message("READY=1", -1);
	for (int i = 1; err == 0; i++, usleep(10000))
		printf("life talks %d\n", i);
	return err;
}

static volatile sig_atomic_t told;

static void on_hup(int sig)
{
	told = sig;
}

/* It reads its configuration anew when it is told, and says so, but with a word does not end. */
static int refresh(const char *word)
{
	char text[64];
	struct timespec t;
	signal(SIGHUP, on_hup);
	int err = send_message("READY=1", -1);
	while (err == 0) {
		while (!told)
			usleep(5000);
		told = 0;
		printf("life is told\n");
		clock_gettime(CLOCK_MONOTONIC, &t);
		snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu",
			(unsigned long long)t.tv_sec * 1000000u + (unsigned long long)t.tv_nsec / 1000u);
		err = send_message(text, -1);
		if (!word)
			err |= send_message("READY=1", -1);
	}
	return err;
}

static int leave(const char *status)
{
	printf("life exits %s\n", status ? status : "0");
	return status ? atoi(status) : 0;
}

static char **arguments;
extern char **environ;

/* What it was given: each argument and variable on a line. */
static int vars(const char *unused)
{
	(void)unused;
	for (char **at = arguments + 2; *at; at++)
		printf("life argument [%s]\n", *at);
	for (char **at = environ; *at; at++)
		printf("life variable [%s]\n", *at);
	printf("life has said all\n");
	return rest(0);
}

/* On the console, for box.c to see. */
static int shell(void)
{
	return rest(mkdir("/run/shell", 0755) < 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *word;
		int (*live)(const char *);
	} lives[] = {{"notify", notify}, {"nest", nest}, {"line", line}, {"serve", serve},
		{"exit", leave}, {"mute", mute}, {"deaf", deaf}, {"hang", hang}, {"fork", leave_child},
		{"once", fail_once}, {"brief", brief}, {"short", stop_short}, {"wrap", wrap}, {"hop", hop},
		{"talk", talk}, {"refresh", refresh}, {"vars", vars}};
	const char *word = argc > 1 ? argv[1] : "";
	sigset_t term;
	arguments = argv;
	if (strcmp(argv[0], "sh") == 0)
		return shell();
	sigemptyset(&term);
	sigaddset(&term, SIGTERM); /* not before it has said what it has to say */
	sigprocmask(SIG_BLOCK, &term, NULL);
	signal(SIGTERM, on_term);
	setvbuf(stdout, NULL, _IOLBF, 0);
	say_walls(word);
	sigprocmask(SIG_UNBLOCK, &term, NULL);
	for (unsigned i = 0; i < sizeof(lives) / sizeof(*lives); i++)
		if (strcmp(word, lives[i].word) == 0)
			return lives[i].live(argc > 2 ? argv[2] : NULL);
	return 10;
}
