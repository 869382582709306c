/* SPDX-License-Identifier: MIT
 * The small device: see box.h. Nothing of the host is within its reach: its root is a file system
 * of its own (PID 1 remounts it at the end), its /proc/sys is read-only, and it is the first
 * process of its own namespaces. */
#include "pid1/box.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONTROL_MS 6000 /* until bulkctl can reach PID 1 */
#define SETTLED_MS 6000
#define COMMAND_MS 6000
#define END_MS 8000
#define NOT_RUNNING 3 /* bulkctl status SERVICE */

#define ALL \
	"OptionalWalls = user time landlock selinux seccomp memory cpu cpuset io pids devices ip\n"

/* What a short life comes to: boot, readiness, exits, starts and stops, power-off. */
static void live_plain(char *text, size_t cap);
/* What else PID 1 has at hand for a service, and for the machine. */
static void live_wide(char *text, size_t cap);
/* Nothing but the shell on the console. */
static void live_rescue(char *text, size_t cap);

const struct box_life box_lives[BOX_LIVES] = {
	{.name = "plain",
		.cmdline = "bulkhead.log=debug",
		.settled = "start limit",
		.live = live_plain,
		.refusing = 5,
		.service =
			{
				{"note",
					"[Service]\nType = notify\nExecStart = /usr/bin/life notify\nRestart = no\n" ALL},
				{"plain",
					"[Service]\nType = notify\nExecStart = /usr/bin/life notify\nRestart = no\n" ALL},
				{"once",
					"[Service]\nType = oneshot\nExecStart = /usr/bin/life exit 3\nEnabled = no\nRestart = no\n" ALL},
				{"again",
					"[Service]\nExecStart = /usr/bin/life exit 7\nRestart = on-failure\nRestartSec = 5ms\nStartLimitBurst = 2\nStartLimitIntervalSec = 1h\n" ALL},
				{"pre",
					"[Service]\nType = notify\nExecStartPre = /usr/bin/life exit 0\nExecStart = /usr/bin/life notify\nExecStopPost = /usr/bin/life exit 0\nRestart = no\n" ALL},
			}},
	{.name = "wide",
		.cmdline = "bulkhead.log=debug",
		.settled = "does not hold",
		.live = live_wide,
		.refusing = 6,
		.init = "[Watchdog]\nDevice = /dev/null\nTimeoutSec = 30s\nRebootTimeoutSec = 60s\n",
		.fstab = "tmpfs /mnt tmpfs size=64k 0 0\n",
		.service =
			{
				{"calls",
					"[Service]\nExecStart = /usr/bin/life serve\nRestart = no\n" ALL
					"[Socket]\nListenStream = /run/calls\nListenFIFO = /mnt/fifo\nActivate = on-demand\n"},
				{"dirs",
					"[Service]\nType = notify\nExecStart = /usr/bin/life notify /run/dirs/file\nRuntimeDirectory = dirs\nRestart = no\n" ALL},
				{"asks",
					"[Service]\nType = notify\nExecStart = /usr/bin/life notify\nConditionPathExists = /usr/bin/life\nConditionFirstBoot = yes\nRestart = no\n" ALL},
				{"skips",
					"[Service]\nExecStart = /usr/bin/life notify\nConditionPathExists = /nowhere\nRestart = no\n" ALL},
				{"line",
					"[Service]\nNotificationFD = 3\nExecStart = /usr/bin/life line\nRestart = no\n" ALL},
				{"nest",
					"[Service]\nType = notify\nWatchdogSec = 60s\nExecStart = /usr/bin/life nest\nRestart = no\n" ALL},
			}},
	{.name = "rescue",
		.cmdline = "bulkhead.log=debug rescue",
		.settled = "",
		.live = live_rescue,
		.refusing = 1,
		.init = "[Boot]\nRescueShell = open\n",
		.service = {{"note", "[Service]\nExecStart = /usr/bin/life notify\n" ALL}}},
};

static const struct box_life *life;
/* our directory: root, dev and cgroup are mounted in it, in our own mount namespace */
static char work[512];
static int console_fd = -1;
static struct box_result *shared;

static const char *in_work(const char *path)
{
	static char text[4][1024];
	static unsigned turn;
	char *t = text[turn++ % 4];
	snprintf(t, sizeof(text[0]), "%s/%s", work, path);
	return t;
}

/* ---- its file systems ---- */

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
	if (fd >= 0)
		close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

static bool make_files(void)
{
	bool well = write_text(in_work("root/etc/cmdline"), life->cmdline) == 0;
	if (life->init)
		well &= write_text(in_work("root/etc/bulkhead/init.ini"), life->init) == 0;
	if (life->fstab)
		well &= write_text(in_work("root/etc/fstab"), life->fstab) == 0;
	for (int i = 0; i < BOX_SERVICES && life->service[i].name; i++) {
		char path[128];
		snprintf(path, sizeof(path), "root/etc/bulkhead/services.d/%s.ini", life->service[i].name);
		well &= write_text(in_work(path), life->service[i].file) == 0;
	}
	return well;
}

static bool make_root(const char *build)
{
	char command[4096];
	if (mount("tmpfs", in_work("root"), "tmpfs", 0, "mode=755") < 0)
		return false;
	snprintf(command, sizeof(command),
		"set -e; umask 022; cd %s/root; b=%s; mkdir -p bin proc sys dev run sbin tmp mnt var/lib usr/bin usr/lib/bulkhead etc/bulkhead/services.d;"
		"cp $b/init sbin/; cp $b/bulkctl $b/pid1/life usr/bin/; cp $b/bulkhead-cell $b/bulkhead-log $b/bulkhead-compile usr/lib/bulkhead/;"
		"echo root:x:0:0::/:/bin/sh >etc/passwd; echo root:x:0: >etc/group; printf '# the name of it\\r\\n\\r\\n box\\r\\n' >etc/hostname; ln usr/bin/life bin/sh",
		work, build);
	if (system(command) != 0 || !make_files())
		return false;
	snprintf(command, sizeof(command),
		"%s/bulkhead-compile --strict --root %s/root --output %s/root/usr/lib/bulkhead/plan", build,
		work, work);
	return (life->no_plan || system(command) == 0) &&
		mount(NULL, in_work("root"), NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0;
}

static bool make_devices(void)
{
	static const struct {
		const char *name;
		unsigned major, minor;
	} nodes[] = {{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8},
		{"urandom", 1, 9}, {"tty", 5, 0},
		/* what PID 1 would say there it says on the console too (bulkhead.log=debug) */
		{"kmsg", 1, 3}};
	char path[64];
	if (mount("tmpfs", in_work("dev"), "tmpfs", 0, "mode=755") < 0)
		return false;
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		snprintf(path, sizeof(path), "dev/%s", nodes[i].name);
		if (mknod(in_work(path), S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)) < 0 ||
			chmod(in_work(path), 0666) < 0)
			return false;
	}
	if (mkfifo(in_work("dev/console"), 0600) < 0)
		return false;
	console_fd = open(in_work("dev/console"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
	fcntl(console_fd, F_SETPIPE_SZ, 1 << 20);
	return console_fd >= 0;
}

static bool make_groups(void)
{
	return mount("cgroup2", in_work("cgroup"), "cgroup2", 0, NULL) == 0 &&
		snprintf(NULL, 0, "%d", getpid()) > 0;
}

static const char *group(const char *below)
{
	char path[128];
	snprintf(path, sizeof(path), "cgroup/bulkhead-pid1-%d%s", (int)getpid(), below);
	return in_work(path);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	if (type == FTW_DP)
		rmdir(path);
	return 0;
}

static void remove_groups(const char *top)
{
	nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *box_lacks(const char *build)
{
	char program[512];
	if (geteuid() != 0)
		return "needs root";
	if (*build != '/' ||
		snprintf(program, sizeof(program), "%s/pid1/life", build) >= (int)sizeof(program))
		return "the build directory is not an absolute path";
	return access(program, X_OK) < 0 ? "tests/pid1/life is not built" : NULL;
}

const char *box_prepare(const char *build)
{
	const char *lacks = box_lacks(build);
	if (lacks)
		return lacks;
	/* in our own mount namespace: nothing of it is left, however we end */
	snprintf(work, sizeof(work), "%.400s/pid1/box", build);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || (mkdir(work, 0755) < 0 && errno != EEXIST) ||
		unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("tmpfs", work, "tmpfs", 0, "mode=755") < 0)
		return "no mount namespace";
	mkdir(in_work("root"), 0755);
	mkdir(in_work("dev"), 0755);
	mkdir(in_work("cgroup"), 0755);
	if (!make_groups())
		return "no cgroup2";
	/* of a process that had our number and was killed before it could tidy up */
	remove_groups(group(""));
	if (mkdir(group(""), 0755) < 0)
		return "no group of its own in cgroup2";
	return make_devices() ? NULL : "its devices can't be made";
}

bool box_use(const char *build, const struct box_life *which)
{
	if (life)
		umount2(in_work("root"), MNT_DETACH);
	life = which;
	return make_root(build) && (!life->no_kmsg || unlink(in_work("dev/kmsg")) == 0);
}

const char *box_place(void)
{
	return work;
}

void box_forget(void)
{
	remove_groups(group(""));
	umount2(work, MNT_DETACH);
}

/* ---- PID 1 ---- */

static void must(bool well)
{
	if (!well)
		_exit(99);
}

/* What the manager of a container does before it executes process 1. */
static void contain(char *argv[], size_t cap, char *envp[])
{
	static char words[256], caps[64];
	size_t n = 1;
	if (!life->container)
		return;
	envp[0] = (char *)"container=test";
	snprintf(words, sizeof(words), "%s", life->container);
	for (char *word = strtok(words, " \n"); word && n + 1 < cap; word = strtok(NULL, " \n"))
		argv[n++] = word;
	snprintf(caps, sizeof(caps), "%s", life->without ? life->without : "");
	for (char *word = strtok(caps, " \n"); word; word = strtok(NULL, " \n"))
		must(prctl(PR_CAPBSET_DROP, atoi(word), 0, 0, 0) == 0);
}

static void become_init(const char *procs, const char *root)
{
	char *argv[8] = {(char *)"init"}, *envp[2] = {NULL};
	sigset_t none;
	must(getpid() == 1 && write_text(procs, "0") == 0 && unshare(CLONE_NEWCGROUP) == 0);
	must(mount(in_work("dev"), in_work("root/dev"), NULL, MS_BIND, NULL) == 0);
	must(mount("proc", in_work("root/proc"), "proc", 0, NULL) == 0);
	must(mount(in_work("root/proc/sys"), in_work("root/proc/sys"), NULL, MS_BIND, NULL) == 0);
	must(mount(NULL, in_work("root/proc/sys"), NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) == 0);
	must(
		mount(in_work("root/etc/cmdline"), in_work("root/proc/cmdline"), NULL, MS_BIND, NULL) == 0);
	/* It would reset the host. */
	must(access(in_work("root/proc/sysrq-trigger"), F_OK) < 0 ||
		mount(in_work("root/etc/cmdline"), in_work("root/proc/sysrq-trigger"), NULL, MS_BIND,
			NULL) == 0);
	must(chdir(root) == 0 && syscall(SYS_pivot_root, ".", ".") == 0 &&
		umount2(".", MNT_DETACH) == 0 && chdir("/") == 0);
	setsid();
	must(syscall(SYS_close_range, 0, ~0u, 0) == 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_DFL);
	contain(argv, sizeof(argv) / sizeof(*argv), envp);
	must(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
	execve("/sbin/init", argv, envp);
	_exit(98);
}

pid_t box_begin(void)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC;
	char procs[1024], root[1024];
	int status;
	memset(shared, 0, sizeof(*shared));
	mkdir(group("/box"), 0755);
	snprintf(procs, sizeof(procs), "%s", group("/box/cgroup.procs"));
	snprintf(root, sizeof(root), "%s", in_work("root"));
	pid_t pid = (pid_t)syscall(SYS_clone,
		CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | SIGCHLD, NULL,
		NULL, NULL, NULL);
	if (pid == 0)
		become_init(procs, root);
	if (pid < 0 || waitpid(pid, &status, __WALL) != pid)
		return -1;
	if (!WIFSTOPPED(status)) {
		printf("# the box does not stand: step %d\n", status);
		return -1;
	}
	ptrace(PTRACE_SETOPTIONS, pid, NULL, options);
	ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	return pid;
}

/* ---- the conductor ---- */

static long now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void nap(void)
{
	usleep(3000);
}

/* What bulkctl says, in out (of cap bytes). */
static void bulkctl(char *out, size_t cap, const char *a, const char *b, const char *c)
{
	int fd[2], status;
	size_t n = 0;
	long until = now_ms() + COMMAND_MS;
	if (pipe2(fd, O_CLOEXEC) < 0)
		return;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(fd[1], 1);
		dup2(fd[1], 2);
		execl("/usr/bin/bulkctl", "bulkctl", a, b, c, (char *)NULL);
		_exit(127);
	}
	close(fd[1]);
	struct pollfd p = {.fd = fd[0], .events = POLLIN};
	while (n + 1 < cap && now_ms() < until && poll(&p, 1, (int)(until - now_ms())) > 0) {
		ssize_t got = read(fd[0], out + n, cap - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	out[n] = 0;
	close(fd[0]);
	kill(pid, now_ms() < until ? 0 : SIGKILL);
	waitpid(pid, &status, 0);
}

/* Numbers that are others in each run. */
static void blank(char *text, const char *key)
{
	for (char *at = text; (at = strstr(at, key));) {
		at += strlen(key);
		memmove(at, at + strcspn(at, ",}"), strlen(at + strcspn(at, ",}")) + 1);
	}
}

/* From the text of each line on. */
static void strip(char *log)
{
	char *to = log;
	for (char *line = log; *line;) {
		size_t n = strcspn(line, "\n") + 1;
		char *text = memmem(line, n, "walls ", 6);
		text = text ? text : memmem(line, n, "life ", 5);
		if (text) {
			size_t m = n - (size_t)(text - line);
			memmove(to, text, m);
			to += m;
		}
		line += line[n - 1] ? n : n - 1;
	}
	*to = 0;
}

static bool has_ended(int pidfd, int ms)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	return poll(&p, 1, ms) > 0;
}

/* In a copy of its mounts, so that what is in /run is there after its end too. */
static bool enter(pid_t init, int pidfd)
{
	char path[64];
	struct stat st;
	long until = now_ms() + CONTROL_MS;
	bool there = false;
	snprintf(path, sizeof(path), "/proc/%d/root/run/bulkhead/control", (int)init);
	while (!there && now_ms() < until && !has_ended(pidfd, 0)) {
		there = stat(path, &st) == 0;
		nap();
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)init);
	int ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNS) < 0 || unshare(CLONE_NEWNS) < 0)
		_exit(1);
	return there;
}

static bool has_settled(const char *text)
{
	return text[0] == '[' && !strstr(text, "\"starting") && !strstr(text, "\"waiting\"") &&
		!strstr(text, "\"preparing\"") && !strstr(text, "\"restarting\"") &&
		strstr(text, life->settled);
}

static void settle(char *text, size_t cap)
{
	long until = now_ms() + SETTLED_MS;
	do {
		usleep(15000); /* each question makes PID 1 call */
		bulkctl(text, cap, "status", "--json", NULL);
	} while (!has_settled(text) && now_ms() < until);
}

static void live_plain(char *text, size_t cap)
{
	settle(text, cap);
	bulkctl(text, cap, "start", "once", NULL);
	bulkctl(text, cap, "stop", "plain", NULL);
	bulkctl(text, cap, "reload", "--apply", NULL);
	bulkctl(text, cap, "start", "plain", NULL);
	bulkctl(text, cap, "stop", "pre", NULL);
}

/* Until it is up, or has failed. */
static void call(char *text, size_t cap)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/run/calls"};
	long until = now_ms() + SETTLED_MS;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool called = fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	if (called)
		poll(&p, 1, SETTLED_MS); /* it hangs up */
	close(fd);
	do {
		usleep(15000);
		bulkctl(text, cap, "status", "--json", NULL);
	} while (called && !has_settled(text) && now_ms() < until);
}

static void live_wide(char *text, size_t cap)
{
	settle(text, cap);
	call(text, cap);
	bulkctl(text, cap, "stop", "dirs", NULL);
	bulkctl(text, cap, "start", "dirs", NULL);
	bulkctl(text, cap, "stop", "calls", NULL);
	bulkctl(text, cap, "stop", "line", NULL);
	bulkctl(text, cap, "stop", "dirs", NULL);
	if (access("/run/dirs/file", F_OK) == 0)
		snprintf(shared->log[0], sizeof(shared->log[0]), "life left a file\n");
}

static void live_rescue(char *text, size_t cap)
{
	long until = now_ms() + SETTLED_MS;
	while (access("/run/shell", F_OK) < 0 && now_ms() < until)
		nap();
	bulkctl(text, cap, "status", "--json", NULL);
	if (access("/run/shell", F_OK) == 0)
		snprintf(shared->log[0], sizeof(shared->log[0]), "life has a shell\n");
}

static void conduct(pid_t init)
{
	static char text[16384];
	int pidfd = (int)syscall(SYS_pidfd_open, init, 0);
	if (enter(init, pidfd)) {
		life->live(text, sizeof(text));
		bulkctl(shared->state, sizeof(shared->state), "status", "--json", NULL);
		bulkctl(text, sizeof(text), "poweroff", NULL, NULL);
	}
	if (!has_ended(pidfd, END_MS / 4))
		syscall(SYS_pidfd_send_signal, pidfd, SIGUSR2, NULL, 0);
	has_ended(pidfd, END_MS);
	for (int i = 0; i < BOX_SERVICES && life->service[i].name; i++) {
		size_t n = strlen(shared->log[i]);
		bulkctl(shared->log[i] + n, sizeof(shared->log[i]) - n, "logs", "-n1000",
			life->service[i].name);
	}
}

pid_t box_conduct(pid_t init)
{
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		conduct(init);
		_exit(0);
	}
	return pid;
}

/* bulkctl WORD SERVICE, in a process that is in PID 1's mounts; true if it was content. */
static bool ask(pid_t init, const char *word, const char *service)
{
	char path[64];
	int status = 0;
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)init);
	pid_t pid = fork();
	if (pid == 0) {
		int ns = open(path, O_RDONLY | O_CLOEXEC), null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (ns < 0 || setns(ns, CLONE_NEWNS) < 0)
			_exit(1);
		dup2(null, 1);
		dup2(null, 2);
		alarm(COMMAND_MS / 1000);
		execl("/usr/bin/bulkctl", "bulkctl", word, service, (char *)NULL);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
		(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == NOT_RUNNING);
}

bool box_answers(pid_t init, int ms)
{
	int pidfd = (int)syscall(SYS_pidfd_open, init, 0);
	long until = now_ms() + ms;
	bool well = false;
	while (!well && now_ms() < until && !has_ended(pidfd, 0)) {
		well = ask(init, "status", life->service[0].name);
		if (!well)
			usleep(20000);
	}
	close(pidfd);
	return well;
}

void box_command(pid_t init, const char *word)
{
	ask(init, word, NULL);
}

/* ---- after it ---- */

static void drain(int fd, char *out, size_t cap)
{
	size_t n = 0;
	ssize_t got;
	while (n + 1 < cap && (got = read(fd, out + n, cap - 1 - n)) > 0)
		n += (size_t)got;
	out[n] = 0;
	for (char waste[4096]; read(fd, waste, sizeof(waste)) > 0;)
		;
}

void box_end(struct box_result *r)
{
	*r = *shared;
	blank(r->state, "\"since_ms\":");
	blank(r->state, "\"pid\":");
	blank(r->state, "\"reaper\":");
	blank(r->state, "\"memory\":");
	for (int i = 0; i < BOX_SERVICES; i++)
		strip(r->log[i]);
	drain(console_fd, r->said, sizeof(r->said));
	for (int i = 0; i < 100 && access(group("/box"), F_OK) == 0; i++) {
		remove_groups(group("/box"));
		usleep(i ? 2000 : 0);
	}
}
