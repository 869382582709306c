/* SPDX-License-Identifier: MIT
 * The services of the VM tests, one for each way a service can behave: probe WORD [ARGUMENT].
 * Static, no shell needed. */
#include "base/errname.h"
#include "ctl/proto.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/fs.h>
#include <mqueue.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void wait_for_ever(void)
{
	for (;;)
		pause();
}

static void on_term(int sig)
{
	(void)sig;
	_exit(0);
}

static int tell_with(const char *text, int flags)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (!path || fd < 0)
		return -1;
	strncpy(a.sun_path, path, sizeof(a.sun_path) - 1);
	ssize_t n = sendto(fd, text, strlen(text), flags, (struct sockaddr *)&a, sizeof(a));
	close(fd);
	return n < 0 ? -1 : 0;
}

static int tell(const char *text)
{
	return tell_with(text, 0);
}

static int do_notify(const char *argument)
{
	sleep((unsigned)atoi(argument));
	if (tell("STATUS=probe says hello\nREADY=1"))
		return 9;
	wait_for_ever();
	return 0;
}

/* As a command of a list: what it says of itself, and that the service is ready. */
static int do_say(const char *argument)
{
	char text[128];
	snprintf(text, sizeof(text), "STATUS=%s\nREADY=1", argument);
	printf("said %s\n", argument);
	return tell(text) ? 9 : 0;
}

/* A word that it may have from a daemon of systemd's. */
static int do_extend(const char *argument)
{
	(void)argument;
	if (tell("EXTEND_TIMEOUT_USEC=5000000\nSTATUS=well\nREADY=1"))
		return 9;
	wait_for_ever();
	return 0;
}

/* A message of so many bytes, READY=1 at its end, and if that was not heard a short one. */
static int do_ready_long(const char *argument)
{
	static char text[8192];
	int n = snprintf(text, sizeof(text), "STATUS=%0*d\nREADY=1", atoi(argument) - 15, 0);
	if (n != atoi(argument) || tell(text) < 0)
		return 1;
	if (n > 4096)
		tell("READY=1");
	wait_for_ever();
	return 0;
}

/* Its helper says that it is ready and ends at once: nobody may be left to ask when the message
 * is read. */
static int do_ready_helper(const char *argument)
{
	(void)argument;
	pid_t helper = fork();
	if (helper == 0)
		_exit(tell("READY=1") ? 1 : 0);
	wait_for_ever();
	return 0;
}

/* As many processes as that, each of which says all that is believed of a service, and is gone. */
static int do_forge(const char *argument)
{
	int status = 0;
	for (int i = 0; i < atoi(argument) && status == 0; i++) {
		pid_t pid = fork();
		if (pid == 0)
			_exit(tell("READY=1\nSTATUS=of a stranger\nWATCHDOG=1") ? errno : 0);
		waitpid(pid, &status, 0);
	}
	printf("forged: %s\n", status ? err_name(WEXITSTATUS(status)) : "sent");
	return 0;
}

/* Nothing but messages, as fast as they are taken; the time of the others must not suffer. */
static int do_flood(const char *argument)
{
	(void)argument;
	if (tell("READY=1"))
		return 1;
	for (;;)
		tell("STATUS=flood");
	return 0;
}

/* Ready at once; feeds its watchdog so many times, then hangs. */
static int do_watchdog(const char *argument)
{
	const char *usec = getenv("WATCHDOG_USEC");
	if (!usec || tell("READY=1"))
		return 9;
	for (int i = atoi(argument); i > 0; i--) {
		usleep((useconds_t)(atol(usec) / 3));
		tell("WATCHDOG=1");
	}
	wait_for_ever();
	return 0;
}

static long monotonic_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Ready at once; feeds its watchdog every 50 ms, and writes down how punctual it was, for it is
 * killed without a word: when it last fed it, and the longest time between two feeds. A full
 * queue is one that PID 1 has not read: it has what it needs. */
static int do_pings(const char *path)
{
	long last = monotonic_ms(), longest = 0;
	char text[64];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || tell("READY=1"))
		return 9;
	for (;;) {
		usleep(50000);
		long now = monotonic_ms();
		if (tell_with("WATCHDOG=1", MSG_DONTWAIT) && errno != EAGAIN)
			return 8;
		longest = now - last > longest ? now - last : longest;
		last = now;
		int n = snprintf(text, sizeof(text), "%10ld %10ld\n", last, longest);
		if (pwrite(fd, text, (size_t)n, 0) != n)
			return 7;
	}
}

/* Holds a file system still (FIFREEZE): who writes to it sleeps where no signal reaches, until
 * it is let go. */
static int do_still(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || ioctl(fd, FIFREEZE, 0) < 0 ? errno : 0;
}

static int do_unstill(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || ioctl(fd, FITHAW, 0) < 0 ? errno : 0;
}

/* Writes to a file for ever. */
static int do_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return errno;
	for (;;) {
		if (pwrite(fd, "x", 1, 0) != 1)
			return errno;
		usleep(10000);
	}
}

/* The same from a group of this name below its own. */
static int do_watchdog_below(const char *argument)
{
	char path[128];
	FILE *f;
	snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", argument);
	if (mkdir(path, 0755))
		return 7;
	snprintf(path, sizeof(path), "/sys/fs/cgroup/%s/cgroup.procs", argument);
	if (!(f = fopen(path, "w")) || fprintf(f, "0") < 0 || fclose(f))
		return 8;
	return do_watchdog("1000000");
}

static int do_ready_fd(const char *argument)
{
	sleep(1);
	if (write(atoi(argument), "\n", 1) != 1)
		return 9;
	wait_for_ever();
	return 0;
}

static int do_stubborn(const char *argument)
{
	(void)argument;
	signal(SIGTERM, SIG_IGN);
	puts("stubborn");
	fflush(stdout);
	wait_for_ever();
	return 0;
}

/* Whoever waits for it is stopped, again and again; then it ends. */
static int do_stop_reaper(const char *argument)
{
	pid_t reaper = getppid();
	(void)argument;
	sleep(1); /* it has told of the start */
	if (fork() == 0)
		for (;; usleep(1000))
			kill(reaper, SIGSTOP);
	printf("the reaper: %s\n", kill(reaper, SIGSTOP) ? err_name(errno) : "stopped");
	return 3;
}

static int do_exit(const char *argument)
{
	printf("leaving with %s\n", argument);
	return atoi(argument);
}

static int do_lines(const char *argument)
{
	for (int i = 0; i < atoi(argument); i++)
		printf("line %d\n", i);
	fflush(stdout);
	wait_for_ever();
	return 0;
}

/* A hundred a second. */
static int do_count(const char *argument)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 0; i < atoi(argument); i++) {
		printf("line %d\n", i);
		usleep(10000);
	}
	wait_for_ever();
	return 0;
}

/* "WRITE LINE": lines of LINE bytes, each with its number where there is room for one, in writes
 * of WRITE bytes, without pause. */
static int do_pour(const char *argument)
{
	static char bytes[1 << 20];
	size_t part = 1, length = 2, size = 0;
	unsigned long number = 0;
	if (sscanf(argument, "%zu %zu", &part, &length) != 2 || length < 2 || length > 1000 ||
		part > sizeof(bytes) / 2)
		return 9;
	for (;;) {
		for (size = 0; size < part; size += length) {
			memset(bytes + size, 'a', length);
			if (length > 12)
				snprintf(bytes + size, 12, "%010lu ", ++number), bytes[size + 11] = 'a';
			bytes[size + length - 1] = '\n';
		}
		for (size_t at = 0; at < size; at += part)
			if (write(1, bytes + at, part < size - at ? part : size - at) < 0)
				return 1;
	}
}

/* A grandchild in a session of its own, that its parent knows nothing of. */
static int do_orphan(const char *argument)
{
	(void)argument;
	if (fork() == 0) {
		setsid();
		if (fork() == 0)
			wait_for_ever();
		_exit(0);
	}
	wait_for_ever();
	return 0;
}

static int do_eat(const char *argument)
{
	size_t step = 1 << 20;
	for (int i = 0; i < atoi(argument); i++) {
		char *p = malloc(step);
		if (!p)
			return 8;
		memset(p, i + 1, step);
	}
	return 0;
}

static int do_fork(const char *argument)
{
	int made = 0;
	for (int i = 0; i < atoi(argument); i++) {
		pid_t pid = fork();
		if (pid == 0)
			wait_for_ever();
		made += pid > 0;
	}
	printf("made %d\n", made);
	fflush(stdout);
	wait_for_ever();
	return 0;
}

/* As many processes, each with all the files that it can open: how many that are, and what has
 * kept how many processes from more. */
static int do_files(const char *argument)
{
	int told[2], one[2], n = 0, full = 0, elsewhere = 0;
	long sum = 0;
	struct rlimit all;
	if (pipe(told) || getrlimit(RLIMIT_NOFILE, &all))
		return 9;
	all.rlim_cur = all.rlim_max;
	setrlimit(RLIMIT_NOFILE, &all);
	for (int i = 0; i < atoi(argument); i++) {
		pid_t pid = fork();
		n += pid > 0;
		if (pid)
			continue;
		for (one[0] = 0; open("/dev/null", O_RDONLY) >= 0; one[0]++)
			;
		one[1] = errno;
		if (write(told[1], one, sizeof(one)) < 0)
			return 9;
		wait_for_ever();
	}
	for (int i = 0; i < n && read(told[0], one, sizeof(one)) == sizeof(one); i++) {
		sum += one[0];
		full += one[1] == EMFILE;
		elsewhere += one[1] != EMFILE;
	}
	printf("files %ld own %d other %d\n", sum, full, elsewhere);
	fflush(stdout);
	wait_for_ever();
	return 0;
}

static void say_list(const char *what, const char *directory)
{
	DIR *d = opendir(directory);
	struct dirent *e;
	printf("%s", what);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			printf(" %s", e->d_name);
	printf("%s\n", d ? "" : " unreadable");
	if (d)
		closedir(d);
}

static void say_try(const char *what, long result)
{
	printf("%s %s\n", what, result >= 0 ? "ALLOWED" : err_name(errno));
}

static int try_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (fd >= 0)
		close(fd);
	return fd;
}

/* What the walls look like from the inside. */
/* A POSIX message queue of its own: made, written to, read. */
static long try_queue(void)
{
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 8};
	char word[8] = "";
	mqd_t q = mq_open("/canary", O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr);
	if (q == (mqd_t)-1 || mq_send(q, "word", 5, 0) < 0 ||
		mq_receive(q, word, sizeof(word), NULL) != 5)
		return -1;
	return strcmp(word, "word") == 0 ? mq_unlink("/canary") : -1;
}

static int do_look(const char *argument)
{
	char host[65] = "";
	gethostname(host, sizeof(host) - 1);
	printf("argument %s\nids %d %d\nhostname %s\nnnp %d\nseccomp %d\npid %d\n", argument,
		(int)getuid(), (int)getgid(), host, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
		prctl(PR_GET_SECCOMP, 0, 0, 0, 0), (int)getpid());
	say_list("dev", "/dev");
	say_list("proc", "/proc");
	say_list("sys", "/sys");
	say_list("tmp", "/tmp");
	say_list("fds", "/proc/self/fd");
	struct if_nameindex *n = if_nameindex();
	printf("interfaces");
	for (struct if_nameindex *i = n; i && i->if_name; i++)
		printf(" %s", i->if_name);
	puts("");
	say_try("write-root", try_write("/canary"));
	say_try("write-etc", try_write("/etc/canary"));
	say_try("write-tmp", try_write("/tmp/canary"));
	say_try("queue", try_queue());
	say_try("mount", syscall(SYS_mount, "x", "/tmp", "tmpfs", 0, NULL));
	say_try("unshare-user", syscall(SYS_unshare, 0x10000000));
	say_try("ptrace", syscall(SYS_ptrace, 16, 1, 0, 0));
	say_try("bpf", syscall(SYS_bpf, 0, NULL, 0));
	say_try("packet-socket", socket(AF_PACKET, SOCK_RAW, 0));
	say_try("clone3", syscall(SYS_clone3, NULL, 0));
	puts("end");
	fflush(stdout);
	wait_for_ever();
	return 0;
}

static int do_read(const char *argument)
{
	int fd = open(argument, O_RDONLY);
	printf("uid %d read %s: %s\n", (int)getuid(), argument, fd >= 0 ? "ALLOWED" : err_name(errno));
	fflush(stdout);
	wait_for_ever();
	return 0;
}

/* So many connections to PID 1 that never say a word. */
static int do_connect(const char *argument)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/run/bulkhead/control"};
	for (int i = 0; i < atoi(argument); i++) {
		int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd >= 0)
			connect(fd, (struct sockaddr *)&a, sizeof(a));
	}
	sleep(6);
	return 0;
}

/* Sends PID 1 the request of this number and says what came back: the answer's value, and
 * whether a descriptor came with it. */
static int do_request(const char *argument)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = PROTO_SOCKET};
	struct proto_request request = {.version = PROTO_VERSION, .verb = (uint32_t)atoi(argument)};
	struct proto_reply reply = {0};
	char control[64];
	struct iovec iov = {&reply, sizeof(reply)};
	struct msghdr m = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) ||
		send(fd, &request, sizeof(request), 0) < 0 || recvmsg(fd, &m, 0) < 0)
		return 9;
	printf("value %d, %s\n", reply.value,
		CMSG_FIRSTHDR(&m) ? "with a descriptor" : "no descriptor");
	return 0;
}

/* The same for ever, and none of them goes by itself. */
static int do_crowd(const char *argument)
{
	for (;;) {
		pid_t pid = fork();
		if (pid == 0)
			_exit(do_connect(argument));
		if (pid > 0)
			usleep(500000);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

/* Runs a command line as somebody without any right. */
static int do_as_nobody(const char *argument)
{
	if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
		return 9;
	execl("/usr/bin/sh", "sh", "-c", argument, (char *)NULL);
	return 9;
}

static int do_stay(const char *argument)
{
	printf("%s\n", argument);
	fflush(stdout);
	wait_for_ever();
	return 0;
}

/* Class and priority of a process's disk requests: ioprio_get(2). */
static int do_ioprio(const char *argument)
{
	long io = syscall(SYS_ioprio_get, 1, atoi(argument));
	printf("%ld %ld\n", io >> 13, io & 7);
	return io < 0;
}

static const struct {
	const char *word;
	int (*run)(const char *);
} words[] = {
	{"notify", do_notify},
	{"say", do_say},
	{"ready-helper", do_ready_helper},
	{"ready-long", do_ready_long},
	{"forge", do_forge},
	{"flood", do_flood},
	{"watchdog", do_watchdog},
	{"watchdog-below", do_watchdog_below},
	{"pings", do_pings},
	{"still", do_still},
	{"unstill", do_unstill},
	{"write", do_write},
	{"ready-fd", do_ready_fd},
	{"stubborn", do_stubborn},
	{"extend", do_extend},
	{"stop-reaper", do_stop_reaper},
	{"exit", do_exit},
	{"lines", do_lines},
	{"count", do_count},
	{"pour", do_pour},
	{"orphan", do_orphan},
	{"eat", do_eat},
	{"fork", do_fork},
	{"files", do_files},
	{"look", do_look},
	{"read", do_read},
	{"stay", do_stay},
	{"ioprio", do_ioprio},
	{"as-nobody", do_as_nobody},
	{"connect", do_connect},
	{"request", do_request},
	{"crowd", do_crowd},
};

int main(int argc, char **argv)
{
	signal(SIGTERM, on_term);
	for (unsigned i = 0; argc > 1 && i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(argv[1], words[i].word) == 0)
			return words[i].run(argc > 2 ? argv[2] : "0");
	fputs("probe: unknown word\n", stderr);
	return 64;
}
