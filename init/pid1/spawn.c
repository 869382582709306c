/* SPDX-License-Identifier: MIT
 * clone3 and exec: see spawn.h. The child shares PID 1's memory until its exec (CLONE_VM |
 * CLONE_VFORK), so it does nothing but arrange its descriptors. */
#include "pid1/spawn.h"
#include "base/channel.h"
#include "base/count.h"
#include "base/errname.h"
#include "base/feature.h"
#include "base/fmt.h"
#include "base/report.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "engine/receive.h"
#include "pid1/conditions.h"
#include "pid1/group.h"
#include "pid1/logs.h"
#include "pid1/network.h"
#include "pid1/notify.h"
#include "pid1/crash.h"
#include "pid1/sockets.h"
#include "pid1/stay.h"
#include "pid1/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/ttydefaults.h>
#include <termios.h>
#include <unistd.h>

#define HANDED CELL_FD_FIRST_FREE /* descriptors of the child */
_Static_assert(CELL_MAX_SOCKETS == PLAN_MAX_SOCKETS && HANDED <= LOWEST_FD,
	"what a child is handed does not reach into PID 1's own");

/* RLIMIT_NOFILE's upper bound of whatever is started; LimitNOFILE says otherwise */
#define CHILD_FDS 4096
_Static_assert(LOG_FDS <= CHILD_FDS, "bulkhead-log has a descriptor for each service");

struct child {      /* what the child needs, in PID 1's memory */
	int fd[HANDED]; /* which of PID 1's becomes number i; -1 = closed */
	int handed;     /* so many of them; what is above is closed anyway */
	const char *path;
	const char *argv[8];
	bool unblock;  /* signals */
	bool terminal; /* it leads a session on what it has for descriptor 0 */
	int err;       /* of its execve */
	char number[3][12];
};

static char child_stack[8192] __attribute__((aligned(16)));

static void child_fail(int report, const char *step, int err, const char *detail)
{
	struct report r = {.kind = REPORT_FAILED, .value = err};
	struct fmt f;
	fmt_init(&f, r.step, sizeof(r.step));
	fmt_str(&f, step);
	fmt_init(&f, r.detail, sizeof(r.detail));
	fmt_str(&f, detail);
	if (report >= 0 && write(report, &r, sizeof(r)) != (ssize_t)sizeof(r))
		sys_exit(126);
	sys_exit(127);
}

/* As a program expects it, whoever had it before: lines, with echo and signals, and not stopped
 * (termios(3)). Its speed and its handshake are the kernel command line's. */
static void make_terminal_sane(void)
{
	static const cc_t keys[NCCS] = {[VINTR] = CTRL('C'),
		[VQUIT] = CTRL('\\'),
		[VERASE] = 0x7f,
		[VKILL] = CTRL('U'),
		[VEOF] = CTRL('D'),
		[VMIN] = 1,
		[VSTART] = CTRL('Q'),
		[VSTOP] = CTRL('S'),
		[VSUSP] = CTRL('Z')};
	struct termios t;
	if (sys_ioctl(0, TCGETS, &t) < 0)
		return; /* no terminal, which the shell will say */
	t.c_iflag = BRKINT | ICRNL | IXON | IMAXBEL;
	t.c_oflag = OPOST | ONLCR;
	t.c_cflag |= CREAD;
	t.c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
	memcpy(t.c_cc, keys, sizeof(keys));
	sys_ioctl(0, TCSETS, &t);
	/* TCOON alone starts what TCOOFF has stopped, and not Ctrl-S */
	sys_ioctl(0, TCXONC, (void *)TCOOFF);
	sys_ioctl(0, TCXONC, (void *)TCOON);
}

static void child_main(void *arg)
{
	static char *const none_at_all[] = {NULL};
	static char *const on_a_terminal[] = {(char *)"HOME=/",
		(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", (char *)"TERM=linux", (char *)"PS1=rescue# ",
		NULL};
	struct child *c = arg;
	struct rlimit nofile = {1024, CHILD_FDS}; /* PID 1's own is larger */
	sigset_t none, tick;
	for (int i = 0; i < c->handed; i++)
		if (c->fd[i] < 0)
			close(i);
		else if (dup2(c->fd[i], i) < 0)
			child_fail(c->fd[CELL_FD_REPORT], "descriptors", errno, "dup2");
	setrlimit(RLIMIT_NOFILE, &nofile);
	sigemptyset(&none);
	sigemptyset(&tick);
	sigaddset(&tick, SIGALRM); /* PID 1's own (stay.h) */
	/* A cell keeps them blocked until it can pass them on: what comes before is not lost. */
	sigprocmask(c->unblock ? SIG_SETMASK : SIG_BLOCK, c->unblock ? &none : &tick, NULL);
	if (c->terminal) {
		setsid();
		sys_ioctl(0, TIOCSCTTY, NULL); /* without it there is no Ctrl-C, and a shell all the same */
		make_terminal_sane();
	}
	execve(c->path, (char *const *)c->argv, c->terminal ? on_a_terminal : none_at_all);
	c->err = errno;
	child_fail(c->fd[CELL_FD_REPORT], "exec", errno, c->path);
}

static long run_child(struct clone_args *args, struct child *c)
{
	args->stack = (uint64_t)(uintptr_t)child_stack;
	args->stack_size = sizeof(child_stack);
	args->exit_signal = SIGCHLD;
	args->flags |= CLONE_VM | CLONE_VFORK | (args->pidfd ? CLONE_PIDFD : 0);
	crash_child_stack(child_stack, sizeof(child_stack));
	return sys_clone3(args, sizeof(*args), child_main, c);
}

/* Runs a program that is no service, on these three descriptors. Its pidfd, which is the caller's,
 * or -errno; its pid is in *pid before it runs. */
static int run_tool(struct child *c, const char *const *argv, const int on[3], int32_t *pid)
{
	int pidfd = -1;
	struct clone_args args = {.flags = CLONE_PARENT_SETTID, .parent_tid = (uint64_t)(uintptr_t)pid};
	c->handed = CELL_FD_SOCKETS;
	c->unblock = true;
	for (int i = 0; i < CELL_FD_SOCKETS; i++)
		c->fd[i] = i <= 2 ? on[i] : -1;
	for (unsigned i = 0; argv[i] && i + 1 < COUNT(c->argv); i++)
		c->argv[i] = argv[i];
	args.pidfd = (uint64_t)(uintptr_t)&pidfd;
	long r = run_child(&args, c);
	return r < 0 ? (int)r : pidfd;
}

int spawn_tool(const char *path, const char *const *argv, int out, int err, int32_t *pid)
{
	struct child c = {.path = path};
	return run_tool(&c, argv, (const int[3]){-1, out, err}, pid);
}

int spawn_on_terminal(const char *path, const char *const *argv, int terminal, int32_t *pid)
{
	struct child c = {.path = path, .terminal = true};
	int r = run_tool(&c, argv, (const int[3]){terminal, terminal, terminal}, pid);
	if (r >= 0)
		close(r); /* its end is told by SIGCHLD */
	if (r >= 0 && !c.err)
		return 0;
	*pid = 0;
	return r < 0 ? r : -c.err;
}

static void number(char *buf, size_t cap, uint32_t v)
{
	struct fmt f;
	fmt_init(&f, buf, cap);
	fmt_u64(&f, v);
}

/* One of bulkhead-cell's other tasks. Its end is told by SIGCHLD, also if it has come to
 * nothing. */
static int run_task(struct pid1 *s, const char *task, uint32_t service, int network, int out,
	int32_t *pid)
{
	struct child c = {.fd = {s->null_fd, out, out, s->plan_fd, -1, -1, -1, -1, network},
		.handed = CELL_FD_SOCKETS,
		.path = CELL_PROGRAM,
		.unblock = true};
	struct clone_args args = {.flags = CLONE_PARENT_SETTID, .parent_tid = (uint64_t)(uintptr_t)pid};
	number(c.number[0], sizeof(c.number[0]), service);
	c.argv[0] = "bulkhead-cell";
	c.argv[1] = task;
	c.argv[2] = c.number[0];
	long r = run_child(&args, &c);
	if (r > 0 && !c.err)
		return 0;
	*pid = 0;
	return r < 0 ? (int)r : -c.err;
}

int spawn_return_netdevs(struct pid1 *s, uint32_t service, int network, int out, int32_t *pid)
{
	return run_task(s, CELL_GIVE_BACK, service, network, out, pid);
}

int spawn_clean(struct pid1 *s, uint32_t service, int32_t *pid)
{
	return s->plan_fd < 0 ? -EBADF : run_task(s, CELL_CLEAN, service, -1, s->null_fd, pid);
}

/* ---- a service ---- */

static void fail(struct pid1 *s, const struct plan *p, const struct core_action *a,
	const char *step, int err, const char *detail)
{
	post_failed(s, p, a->service, a->slot, step, err, detail);
}

bool spawn_may_begin(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	const struct plan_service *ps = plan_service(p, a->service);
	struct runtime *r = &s->runtime[a->service];
	uint32_t absent = 0; /* the cell tells it too */
	const char *lacks = plan_lacks(ps, &absent);
	char why[96];
	if (lacks) {
		struct fmt f;
		fmt_init(&f, why, sizeof(why));
		fmt_strs(&f, FEATURE_WITHOUT " ", lacks, NULL);
		fail(s, p, a, "plan", -EOPNOTSUPP, why);
		return false;
	}
	int held = CONFIG_CONDITIONS && !r->checked ? conditions_ask(s, p, a) : 1;
	if (held == 0)
		post_event(s, p, EV_SKIPPED, a->service, a->slot, 0);
	else if (held < 0 && held != -EINPROGRESS)
		fail(s, p, a, "condition", held, "no process can be started to check it");
	if (held <= 0)
		return false;
	r->checked = 1;
	return true;
}

static int make_group(struct pid1 *s, const struct plan *p, const struct core_action *a, bool *join)
{
	struct wall_why why = {.optional = plan_service(p, a->service)->optional_walls};
	int err = group_prepare(s, p, a->service, join, &why);
	if (err < 0)
		fail(s, p, a, "cgroup", err, why.text);
	return err;
}

/* Those of [Socket]; the commands that end a service do with what there is. False: they do not
 * stand, or not yet, and the action comes again. */
static bool make_sockets(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	struct wall_why why = {.optional = plan_service(p, a->service)->optional_walls};
	int err = CONFIG_SOCKETS && (a->list == EXEC_PRE || a->list == EXEC_START)
		? sockets_prepare(s, p, a, &why)
		: 0;
	if (err < 0 && err != -EINPROGRESS)
		fail(s, p, a, "socket", err, why.text);
	return err == 0;
}

static int make_readiness_socket(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	struct wall_why why = {.optional = plan_service(p, a->service)->optional_walls};
	int err = notify_prepare(s, p, a->service, a->slot == SLOT_MAIN, &why);
	if (err < 0)
		fail(s, p, a, "readiness socket", err, why.text);
	return err;
}

struct pipes {
	int report[2];
	int ready[2];
};

static void close_pipes(const struct pipes *pp)
{
	for (int i = 0; i < 2; i++) {
		if (pp->report[i] >= 0)
			close(pp->report[i]);
		if (pp->ready[i] >= 0)
			close(pp->ready[i]);
	}
}

static int make_pipes(const struct plan_service *ps, uint32_t slot, struct pipes *pp)
{
	*pp = (struct pipes){{-1, -1}, {-1, -1}};
	int err = descriptor_channel(pp->report);
	if (err == 0 && ps->notification_fd >= 0 && slot == SLOT_MAIN)
		err = descriptor_channel(pp->ready); /* no pipe: readiness.h */
	if (err == 0 && pp->ready[0] >= 0)
		err = receive_names_senders(pp->ready[0]);
	if (err)
		close_pipes(pp);
	else if (pp->ready[0] >= 0)
		receive_refuse_descriptors(pp->ready[0]);
	return err;
}

/* For the main process alone; spawn_service has seen to it that they are open. */
static void hand_sockets(const struct pid1 *s, const struct plan *p, const struct core_action *a,
	struct child *c)
{
	int n = CONFIG_SOCKETS && a->list == EXEC_START
		? sockets_hand(s, p, a->service, c->fd + CELL_FD_SOCKETS)
		: 0;
	if (n > 0)
		c->handed += n;
}

static void fill_child(struct pid1 *s, const struct plan_service *ps, const struct core_action *a,
	const struct pipes *pp, struct child *c)
{
	const uint32_t numbers[3] = {a->service, a->list, a->index};
	struct runtime *r = &s->runtime[a->service];
	int out = r->log_write >= 0 && !(ps->flags & SERVICE_LOGGER) ? r->log_write : s->null_fd;
	*c = (struct child){.fd = {s->null_fd, out, out, s->plan_fd, pp->report[1], r->group,
							pp->ready[1], -1, network_of(s, ps)},
		.handed = CELL_FD_SOCKETS,
		.path = CELL_PROGRAM};
	c->argv[0] = "bulkhead-cell";
	for (int i = 0; i < 3; i++) {
		number(c->number[i], sizeof(c->number[i]), numbers[i]);
		c->argv[i + 1] = c->number[i];
	}
}

/* Into its group from its first instruction (Linux 5.7), unless what runs there could hold up the
 * execve that we wait for: then it enters itself. All that a life after a crash needs to go on with
 * the child is in the state before the child runs: the kernel writes its pid there before it lets
 * it go. */
static long start_cell(struct pid1 *s, const struct plan *p, const struct core_action *a,
	const struct pipes *pp, bool join)
{
	const struct plan_service *ps = plan_service(p, a->service);
	struct child c;
	struct slot *slot = &s->runtime[a->service].slot[a->slot];
	struct clone_args args = {.flags = ps->clone_flags | (join ? 0 : CLONE_INTO_CGROUP)};
	fill_child(s, ps, a, pp, &c);
	hand_sockets(s, p, a, &c);
	c.argv[4] = join ? CELL_JOIN : NULL;
	if (ps->flags & SERVICE_LOGGER && a->slot == SLOT_MAIN)
		c.fd[LOG_CHANNEL_FD] = logs_new_channel(s);
	args.cgroup = (uint32_t)s->runtime[a->service].group;
	*slot = (struct slot){.pid = 0, .pidfd = -1, .report = pp->report[0], .ready = pp->ready[0]};
	args.flags |= CLONE_PARENT_SETTID;
	args.parent_tid = (uint64_t)(uintptr_t)&slot->pid;
	long pid = run_child(&args, &c);
	if (c.fd[LOG_CHANNEL_FD] >= 0)
		close(c.fd[LOG_CHANNEL_FD]);
	if (pid < 0)
		*slot = (struct slot){.pid = 0, .pidfd = -1, .report = -1, .ready = -1};
	return pid;
}

static void watch_slot(struct pid1 *s, uint32_t service, uint32_t slot)
{
	struct slot *sl = &s->runtime[service].slot[slot];
	watch_add(s, sl->report, EPOLLIN, WATCH_REPORT, service << 1 | slot);
	if (sl->ready >= 0)
		watch_add(s, sl->ready, EPOLLIN, WATCH_READY, service << 1 | slot);
}

/* EINVAL may mean that the kernel is built without a kind of namespace: then which one is worth
 * more than the call's name. */
static const char *lacking_namespace(uint32_t flags)
{
	static const struct {
		uint32_t flag;
		const char *file, *what;
	} kinds[] = {
		{CLONE_NEWPID, "/proc/self/ns/pid", "this kernel has no PID namespaces"},
		{CLONE_NEWIPC, "/proc/self/ns/ipc", "this kernel has no IPC namespaces"},
		{CLONE_NEWUTS, "/proc/self/ns/uts", "this kernel has no UTS namespaces"},
		{CLONE_NEWNET, "/proc/self/ns/net", "this kernel has no network namespaces"},
	};
	for (unsigned i = 0; i < COUNT(kinds); i++)
		if (flags & kinds[i].flag && access(kinds[i].file, F_OK) < 0 && errno == ENOENT)
			return kinds[i].what;
	return "clone3";
}

void spawn_service(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	const struct plan_service *ps = plan_service(p, a->service);
	struct runtime *r = &s->runtime[a->service];
	struct pipes pp;
	bool join;
	if (!spawn_may_begin(s, p, a))
		return;
	bool opened = make_sockets(s, p, a);
	stay_was(s, STAY_SOCKETS);
	if (!opened)
		return;
	bool grouped = make_group(s, p, a, &join) == 0;
	stay_was(s, STAY_GROUPS);
	if (!grouped)
		return;
	logs_prepare(s, p, a->service);
	stay_was(s, STAY_ELSE);
	bool heard = make_readiness_socket(s, p, a) == 0;
	stay_was(s, STAY_SOCKETS);
	if (!heard)
		return;
	int err = make_pipes(ps, a->slot, &pp);
	if (err) {
		fail(s, p, a, "pipes", err, "");
		return;
	}
	long pid = start_cell(s, p, a, &pp, join);
	stay_was(s, STAY_CHILD);
	if (pid < 0) {
		close_pipes(&pp);
		fail(s, p, a, "namespaces", (int)pid,
			pid == -EINVAL ? lacking_namespace(ps->clone_flags) : "clone3");
		return;
	}
	close(pp.report[1]);
	if (pp.ready[1] >= 0)
		close(pp.ready[1]);
	if (a->slot == SLOT_MAIN) {
		r->why[0] = 0;
		r->absent_cell = 0;
	}
	watch_slot(s, a->service, a->slot);
}
