/* SPDX-License-Identifier: MIT
 * /init of the bench's guest. It prepares the root, leaves a monitor behind that runs only when
 * nobody else wants to, notes the time and becomes the init that is measured. The monitor waits
 * until every service has stamped the board, then reads memory and walls from outside, kills a
 * service a few times, and asks for the power-off. What it finds goes to the serial line as "@ key
 * value..." (run reads it). The console is the null device: at the line's 115200 baud, its output
 * would be the larger part of what is measured.
 */
#include "board.h"
#include "monitor.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 20
#define PATIENCE_S 600
#define SETTLE_MS 2000
#define SECOND_NS 1000000000ull

static volatile struct stamp *board;
static int line; /* the serial line */
static struct config config = {.init = "/sbin/init",
	.poweroff = "/sbin/poweroff",
	.serial = "/dev/ttyS0",
	.kills = 4};

uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
}

static void nap(unsigned ms)
{
	struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
	nanosleep(&t, NULL);
}

void say(const char *format, ...)
{
	char text[2048] = "@ ";
	va_list args;
	va_start(args, format);
	int n = vsnprintf(text + 2, sizeof(text) - 3, format, args);
	va_end(args);
	if (n < 0)
		return;
	size_t len = strlen(text);
	text[len++] = '\n';
	if (write(line, text, len) < 0)
		_exit(1);
}

static void give_up(const char *what)
{
	say("fail %s: %s", what, strerror(errno));
	reboot(RB_POWER_OFF);
	_exit(1);
}

/* ---- before init ---- */

static void read_config(void)
{
	static char text[1024];
	if (slurp("/bench/config", text, sizeof(text)) < 0)
		give_up("/bench/config");
	for (char *rest = text, *entry; (entry = strsep(&rest, "\n"));) {
		char *value = strchr(entry, '=');
		if (!value)
			continue;
		*value++ = '\0';
		if (!strcmp(entry, "services"))
			config.services = atoi(value);
		else if (!strcmp(entry, "kills"))
			config.kills = atoi(value);
		else if (!strcmp(entry, "costs"))
			config.costs = atoi(value);
		else if (!strcmp(entry, "trace"))
			config.trace = atoi(value);
		else if (!strcmp(entry, "init"))
			config.init = value;
		else if (!strcmp(entry, "serial"))
			config.serial = value;
		else if (!strcmp(entry, "poweroff"))
			config.poweroff = value;
	}
}

/* A line that cannot be opened has nobody to be told of it: the machine goes off, and the run
 * says that it did so unasked. */
static void open_line(void)
{
	line = open(config.serial, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (line < 0)
		reboot(RB_POWER_OFF);
}

/* pivot_root(2) refuses the kernel's first root; a bind mount of it over itself is an ordinary
 * one, as a disk's would be. */
static void prepare_root(void)
{
	mkdir("/.root", 0755);
	if (mount("/", "/.root", NULL, MS_BIND, NULL) || chdir("/.root") ||
		mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		_exit(1);
	mount("dev", "/dev", "devtmpfs", 0, "mode=755");
	open_line();
	unlink("/dev/console");
	mknod("/dev/console", S_IFCHR | 0600, makedev(1, 3));
	int null = open("/dev/console", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
}

static void map_board(void)
{
	int fd = open(BOARD_PATH, O_RDWR | O_CLOEXEC);
	board = mmap(NULL, BOARD_SLOTS * sizeof(struct stamp), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_POPULATE, fd, 0);
	if (fd < 0 || board == MAP_FAILED)
		give_up(BOARD_PATH);
	close(fd);
}

/* ---- beside init ---- */

static int count_up(void)
{
	int up = 0;
	for (int i = 1; i <= config.services; i++)
		up += board[i].ns != 0;
	return up;
}

static void wait_for_all(void)
{
	uint64_t end = now_ns() + PATIENCE_S * SECOND_NS;
	while (count_up() < config.services && now_ns() < end)
		nap(POLL_MS);
	say("up %d %d", count_up(), config.services);
	if (count_up() == config.services)
		return;
	report_processes();
	give_up("not every service came up");
}

static void report_boot(void)
{
	uint64_t first = UINT64_MAX, last = 0;
	for (int i = 1; i <= config.services; i++) {
		first = board[i].ns < first ? board[i].ns : first;
		last = board[i].ns > last ? board[i].ns : last;
	}
	say("start %llu", (unsigned long long)board[0].ns);
	say("first %llu", (unsigned long long)(first - board[0].ns));
	say("last %llu", (unsigned long long)(last - board[0].ns));
}

/* What the kernel has recorded since trace_event= on its command line: whole, as text. */
static void send_trace(void)
{
	static char buf[1 << 16];
	ssize_t n;
	mkdir("/.trace", 0700);
	if (mount("trace", "/.trace", "tracefs", 0, NULL))
		give_up("tracefs");
	int on = open("/.trace/tracing_on", O_WRONLY | O_CLOEXEC);
	if (on < 0 || write(on, "0", 1) != 1)
		give_up("tracing_on");
	int from = open("/.trace/trace", O_RDONLY | O_CLOEXEC),
		to = open("/dev/ttyS1", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	while ((n = read(from, buf, sizeof(buf))) > 0)
		for (ssize_t done = 0, part; done < n; done += part)
			if ((part = write(to, buf + done, (size_t)(n - done))) < 0)
				give_up("/dev/ttyS1");
	close(on);
	close(from);
	close(to);
}

/* From the kill to the first instruction of the next process: once after a long life, then
 * straight after each restart. */
static void measure_restarts(void)
{
	int slot = config.services;
	for (int k = 0; k < config.kills; k++) {
		int pid = find_service(slot);
		uint64_t before = board[slot].starts, at = now_ns(), end = at + 30 * SECOND_NS;
		if (!pid || kill(pid, SIGKILL)) {
			say("fail no process of service %d to kill", slot);
			return;
		}
		while (board[slot].starts == before && now_ns() < end)
			nap(1);
		if (board[slot].starts == before) {
			say("fail service %d did not come back in 30 s", slot);
			return;
		}
		say("restart %llu", (unsigned long long)(board[slot].ns - at));
	}
}

/* What system calls cost without a filter, and in the services that have one. */
static void report_costs(void)
{
	uint64_t end = now_ns() + PATIENCE_S * SECOND_NS;
	if (config.costs == 0)
		return;
	if (fork() == 0) {
		struct sched_param usual = {0};
		sched_setscheduler(0, SCHED_OTHER, &usual);
		execl("/bench/cost", "/bench/cost", "512", NULL);
		_exit(127);
	}
	for (int run = 0; run <= config.costs; run++) {
		volatile struct stamp *s = board + COST_SLOT + run * COST_KINDS;
		while (s[COST_KINDS - 1].starts == 0 && now_ns() < end)
			nap(POLL_MS);
		say("cost %d %llu %llu %llu", run, (unsigned long long)s[0].ns, (unsigned long long)s[1].ns,
			(unsigned long long)s[2].ns);
	}
}

/* Nobody is left at the end to say when it was, but the kernel's last line has its own time:
 * this mark relates the two clocks. */
static void mark_clocks(uint64_t request)
{
	char text[64];
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC),
		n = snprintf(text, sizeof(text), "<0>bench mark %llu\n", (unsigned long long)now_ns());
	if (fd < 0 || write(fd, text, (size_t)n) != n)
		say("fail /dev/kmsg: %s", strerror(errno));
	close(fd);
	say("request %llu", (unsigned long long)request);
}

static void ask_for_poweroff(void)
{
	uint64_t at = now_ns() + SECOND_NS / 2;
	struct timespec t = {(time_t)(at / SECOND_NS), (long)(at % SECOND_NS)};
	mark_clocks(at);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
	if (fork() == 0) {
		execl(config.poweroff, config.poweroff, NULL);
		_exit(127);
	}
	nap(60000);
	say("fail no power-off in 60 s");
	report_processes();
	reboot(RB_POWER_OFF);
}

static void monitor(uint64_t free_before)
{
	struct sched_param idle = {0};
	sched_setscheduler(0, SCHED_IDLE, &idle);
	wait_for_all();
	if (config.trace)
		send_trace();
	nap(SETTLE_MS);
	report_costs();
	report_boot();
	say("system %lld", (long long)(free_before - memory_free_kb()));
	report_processes();
	report_walls(config.services);
	measure_restarts();
	nap(SETTLE_MS);
	ask_for_poweroff();
}

int main(void)
{
	read_config();
	prepare_root();
	map_board();
	mount("proc", "/proc", "proc", 0, NULL);
	sync();
	nap(5000); /* the kernel's own late work */
	uint64_t free_before = memory_free_kb();
	umount("/proc");
	if (fork() == 0) {
		monitor(free_before);
		_exit(0);
	}
	nap(5); /* the monitor sleeps by then */
	char *const argv[] = {(char *)config.init, NULL};
	char *const envp[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "TERM=dumb", NULL};
	board[0].ns = now_ns();
	execve(config.init, argv, envp);
	give_up(config.init);
	return 1;
}
