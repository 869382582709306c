/* SPDX-License-Identifier: MIT
 * Running and judging a cell: see cell_box.h. PID 1's part is played by a clone3 with the
 * namespaces of the plan and the descriptors of base/report.h; the service's output and the reports
 * are read until both end.
 */
#include "unit/cell_box.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000

static char cell_path[4096];

/* ---- writing the plan ---- */

static uint8_t plan_buf[1 << 16] __attribute__((aligned(8)));
static char string_buf[1 << 14];
static struct plan_writer writer;

static void defaults(struct plan_in_work *t)
{
	*t = (struct plan_in_work){
		.w = &writer,
		.service = {.type = TYPE_SIMPLE,
			.kill_signal = SIGTERM,
			.notification_fd = -1,
			.start_ms = 10000,
			.stop_ms = 10000,
			.clone_flags = CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET},
		.namespaces = {.own = NS_DEFAULT, .id_base = ID_BASE, .id_count = 0x10000},
		.filesystem = {.flags = FS_PRIVATE_TMP,
			.proc = PROC_SUBSET_PID | PROC_HIDE,
			.sysfs = VIEW_HIDDEN,
			.tunables = VIEW_HIDDEN},
		.capabilities = {.flags = CAPS_NO_NEW_PRIVS},
		.identity = {.uid = 1000,
			.gid = 1000,
			.kernel_uid = ID_BASE + 1000,
			.kernel_gid = ID_BASE + 1000,
			.umask = 022},
	};
	t->service.name = plan_write_text(t->w, "unit");
	t->namespaces.hostname = plan_write_text(t->w, "walled");
}

struct plan_list box_one_text(struct plan_in_work *t, const char *text)
{
	plan_str s = plan_write_text(t->w, text);
	return plan_write_list(t->w, &s, sizeof(s), 1);
}

static void add_command(struct plan_in_work *t)
{
	const char *words[] = {"sh", "-c", t->script};
	plan_str text[3];
	struct plan_command c = {.path = plan_write_text(t->w, "/bin/sh")};
	for (int i = 0; i < 3; i++)
		text[i] = plan_write_text(t->w, words[i]);
	c.argv = plan_write_list(t->w, text, sizeof(*text), 3);
	if (!t->service.exec[EXEC_START].count)
		t->service.exec[EXEC_START] = plan_write_list(t->w, &c, sizeof(c), 1);
	t->service.environment = box_one_text(t, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
}

static void write_wall(struct plan_in_work *t, unsigned wall, const void *bytes, size_t size)
{
	if (PLAN_WALLS_MAY_BE_OFF >> wall & 1 || (wall == WALL_SECCOMP && t->no_seccomp_blob))
		return;
	t->service.wall[wall] = plan_write_blob(&writer, bytes, size);
}

static int write_plan(const struct test *test)
{
	static const struct plan_machine machine = {.default_group = UINT32_MAX};
	struct plan_in_work t;
	plan_write_begin(&writer, plan_buf, sizeof(plan_buf), string_buf, sizeof(string_buf), 1);
	defaults(&t);
	t.script = test->script ? test->script : "echo up";
	if (test->change)
		test->change(&t);
	add_command(&t);
#define WRITE_WALL(NAME, name) write_wall(&t, WALL_##NAME, &t.name, sizeof(t.name));
	PLAN_WALLS(WRITE_WALL)
	plan_write_service(&writer, 0, &t.service);
	size_t size = plan_write_end(&writer, &machine, plan_native_arch(), 0);
	int fd = memfd_create("plan", MFD_CLOEXEC);
	if (size == 0 || fd < 0 || write(fd, plan_buf, size) != (ssize_t)size)
		return -1;
	return fcntl(fd, F_DUPFD_CLOEXEC, 20);
}

/* ---- running it ---- */

static struct {
	int fd[7];
} handed;

static bool traced, cleans;
static const long *masked;

static void add_filter(const struct sock_filter *f, unsigned short n)
{
	const struct sock_fprog prog = {.len = n, .filter = (struct sock_filter *)(uintptr_t)f};
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0)
		_exit(98);
}

/* An older kernel, by a filter; x86_64's and arm64's own ABI alone calls from here. One without
 * mount_setattr does not know close_range's flag either, which came just before. */
static void mask_calls(void)
{
	for (int i = 0; i < BOX_MASKED && masked[i]; i++) {
		const struct sock_filter f[] = {
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)masked[i], 0, 1),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		};
		const struct sock_filter flags[] = {
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 3),
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
			BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLOSE_RANGE_CLOEXEC, 0, 1),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		};
		add_filter(f, COUNT(f));
		if (masked[i] == SYS_mount_setattr)
			add_filter(flags, COUNT(flags));
	}
}

static void child_main(void *arg)
{
	static char *argv[] = {"bulkhead-cell", "0", "1", "0", NULL},
				*envp[] = {"SECRET=of-pid-1", NULL};
	static char *clean[] = {"bulkhead-cell", CELL_CLEAN, "0", NULL};
	(void)arg;
	for (int i = 0; i < 7; i++)
		if (handed.fd[i] < 0)
			close(i);
		else
			dup2(handed.fd[i], i);
	signal(SIGPIPE, SIG_IGN);
	if (traced)
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	mask_calls();
	execve(cell_path, cleans ? clean : argv, envp);
	_exit(99);
}

static int high(int fd)
{
	int up = fcntl(fd, F_DUPFD_CLOEXEC, 20);
	close(fd);
	return up;
}

static void take_report(struct result *r, int fd)
{
	struct report one;
	while (r->reports < COUNT(r->report) && read(fd, &one, sizeof(one)) == (ssize_t)sizeof(one))
		r->report[r->reports++] = one;
}

static bool take_output(struct result *r, size_t *n, int fd)
{
	ssize_t got = read(fd, r->output + *n, sizeof(r->output) - 1 - *n);
	*n += got > 0 ? (size_t)got : 0;
	r->output[*n] = '\0';
	return got > 0;
}

static size_t look_at_reaper(char *into, size_t cap, long pid)
{
	char path[40];
	snprintf(path, sizeof(path), "/proc/%ld/status", pid);
	int n = sys_read_file(AT_FDCWD, path, into, cap);
	return n < 0 ? 0 : (size_t)n;
}

static int collect(struct result *r, int out, int report, int pidfd, long pid, int sig)
{
	struct pollfd p[2] = {{.fd = out, .events = POLLIN}, {.fd = report, .events = POLLIN}};
	size_t n = 0;
	while (p[0].fd >= 0 || p[1].fd >= 0) {
		if (poll(p, 2, PATIENCE_MS) <= 0) {
			sys_pidfd_send_signal(pidfd, SIGKILL);
			return -1;
		}
		if (p[0].revents && !take_output(r, &n, out))
			p[0].fd = -1;
		if (p[1].revents & POLLIN)
			take_report(r, report);
		else if (p[1].revents)
			p[1].fd = -1;
		if (sig && r->reports && strstr(r->output, "READY")) {
			n += look_at_reaper(r->output + n, sizeof(r->output) - n, pid);
			sys_pidfd_send_signal(pidfd, sig);
			sig = 0;
		}
	}
	return 0;
}

int box_cell(const struct test *test, struct result *r)
{
	static char stack[65536] __attribute__((aligned(16)));
	int out[2], report[2], notify[2], pidfd = -1, plan = write_plan(test);
	memset(r, 0, sizeof(*r));
	if (plan < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(report, O_CLOEXEC) < 0 ||
		pipe2(notify, O_CLOEXEC) < 0)
		return -1;
	fcntl(report[0], F_SETFL, O_NONBLOCK);
	handed.fd[0] = high(open("/dev/null", O_RDWR));
	handed.fd[1] = handed.fd[2] = high(out[1]);
	handed.fd[CELL_FD_PLAN] = plan;
	handed.fd[CELL_FD_REPORT] = high(report[1]);
	handed.fd[CELL_FD_CGROUP] = high(open("/", O_PATH));
	handed.fd[CELL_FD_NOTIFY] = high(notify[1]);
	uint64_t pids = strstr(test->name, "[host pid]") ? 0 : CLONE_NEWPID;
	struct clone_args args = {.flags = pids | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET |
			CLONE_PIDFD,
		.pidfd = (uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)stack,
		.stack_size = sizeof(stack)};
	traced = test->trace != NULL;
	cleans = test->clean;
	masked = test->masked;
	long pid = sys_clone3(&args, sizeof(args), child_main, NULL);
	for (int i = 0; i < 7; i++)
		if (i != 2)
			close(handed.fd[i]);
	if (pid > 0 && test->trace)
		test->trace(pid);
	int err = pid < 0 ? -1 : collect(r, out[0], report[0], pidfd, pid, test->signal);
	if (pid > 0) {
		waitpid((pid_t)pid, &r->status, 0);
		take_report(r, report[0]);
	}
	if (read(notify[0], notify, 0) == 0 && fcntl(notify[0], F_SETFL, O_NONBLOCK) == 0) {
		char ready[8] = "";
		if (read(notify[0], ready, sizeof(ready) - 1) > 0)
			strcat(r->output, "<notified>");
	}
	close(out[0]);
	close(report[0]);
	close(notify[0]);
	close(pidfd);
	return err;
}

/* ---- judging ---- */

static unsigned number;

unsigned box_number(void)
{
	return ++number;
}

static bool complain(const struct result *r, const char *what, const char *about)
{
	printf("# %s%s\n", what, about);
	for (unsigned i = 0; i < r->reports; i++)
		printf("# report: kind %u value %d step '%s' detail '%s'\n", r->report[i].kind,
			r->report[i].value, r->report[i].step, r->report[i].detail);
	printf("# status %#x, output:\n", (unsigned)r->status);
	for (const char *line = r->output; *line;
		 line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n'))
		printf("#   %.*s\n", (int)strcspn(line, "\n"), line);
	return false;
}

static bool judge_failure(const struct test *t, const struct result *r)
{
	const struct report *f = &r->report[0];
	if (r->reports != 1 || f->kind != REPORT_FAILED)
		return complain(r, "expected one report of a failure", "");
	if (strcmp(f->step, t->failed_step) != 0 || f->value != t->failed_errno)
		return complain(r, "expected another step or errno: ", t->failed_step);
	if (t->failed_detail && !strstr(f->detail, t->failed_detail))
		return complain(r, "expected in the detail: ", t->failed_detail);
	if (r->output[0])
		return complain(r, "the service ran all the same", "");
	return true;
}

static bool judge_run(const struct test *t, const struct result *r)
{
	const struct report *first = r->report;
	uint32_t absent = first->kind == REPORT_ABSENT ? (uint32_t)(first++)->value : 0;
	if (r->reports != 2u + (absent != 0) || first[0].kind != REPORT_STARTED ||
		first[1].kind != REPORT_EXITED)
		return complain(r, "expected STARTED and EXITED", "");
	if (absent != t->absent)
		return complain(r, "something else is missing in the kernel than expected", "");
	if (first[0].value <= 1)
		return complain(r, "no pid of the service", "");
	if (first[1].value != t->exit_status)
		return complain(r, "another exit status", "");
	for (size_t i = 0; i < COUNT(t->seen) && t->seen[i]; i++)
		if (!strstr(r->output, t->seen[i]))
			return complain(r, "not seen: ", t->seen[i]);
	for (size_t i = 0; i < COUNT(t->unseen) && t->unseen[i]; i++)
		if (strstr(r->output, t->unseen[i]))
			return complain(r, "should not be seen: ", t->unseen[i]);
	return true;
}

unsigned box_run(const struct test *t)
{
	static struct result r;
	bool good;
	number++;
	if (box_cell(t, &r) < 0)
		good = complain(&r, "it did not run to its end", "");
	else
		good = t->failed_step ? judge_failure(t, &r) : judge_run(t, &r);
	printf("%sok %u - %s\n", good ? "" : "not ", number, t->name);
	return !good;
}

unsigned box_skip(const struct test *t, const char *why)
{
	printf("ok %u - %s # SKIP %s\n", ++number, t->name, why);
	return 0;
}

bool box_find_cell(void)
{
	ssize_t n = readlink("/proc/self/exe", cell_path, sizeof(cell_path) - 64);
	char *slash = n > 0 ? strrchr(cell_path, '/') : NULL;
	if (!slash)
		return false;
	strcpy(slash, "/../bulkhead-cell");
	return access(cell_path, X_OK) == 0;
}

/* Tried by a child, which keeps it. */
bool box_has_mdwe(void)
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0)
		_exit(prctl(65 /* PR_SET_MDWE */, 1ul, 0ul, 0ul, 0ul) < 0);
	return waitpid(pid, &status, 0) == pid && status == 0;
}
