/* SPDX-License-Identifier: MIT
 * The boot: see boot.h. */
#include "pid1/boot.h"
#include "base/count.h"
#include "base/errname.h"
#include "base/feature.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "engine/readiness.h"
#include "pid1/boot/bounds.h"
#include "pid1/boot/command_line.h"
#include "pid1/boot/data.h"
#include "pid1/boot/planfile.h"
#include "pid1/boot/rescue.h"
#include "pid1/boot/setup.h"
#include "pid1/console.h"
#include "pid1/container.h"
#include "pid1/control/control.h"
#include "pid1/crash.h"
#include "pid1/descriptors.h"
#include "pid1/errand.h"
#include "pid1/service/group.h"
#include "pid1/loop.h"
#include "pid1/service/reap.h"
#include "pid1/recover.h"
#include "pid1/selinux/policy.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include "walls/cgroup/cgroup.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define RELABEL_MS 30000u
#define NICE (-20)

/* Descriptors below LOWEST_FD are spoken for: a child's 0 to 7 are put there, and nothing of
 * ours may be in the way. */
static void reserve_low(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int any = null >= 0 ? null : open("/", O_PATH | O_CLOEXEC);
	for (int fd = 0; fd < LOWEST_FD; fd++)
		if (fd != any)
			dup3(any, fd, O_CLOEXEC);
}

/* Where /dev has no console there may be one among what the initramfs has left open. In a container
 * it may be a pipe. */
static int inherited_console(void)
{
	bool wanted = access("/dev/console", F_OK) < 0 && (isatty(2) || container_here());
	int fd = wanted ? fcntl(2, F_DUPFD_CLOEXEC, LOWEST_FD) : -1;
	int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
	if (flags >= 0)
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	return fd;
}

static void empty_state(struct pid1 *s)
{
	int32_t *const own[] = {&s->plan_fd, &s->epoll_fd, &s->signal_fd, &s->control_fd, &s->log_fd,
		&s->watchdog_fd, &s->console_fd, &s->kmsg_fd, &s->cgroup_root, &s->null_fd, &s->drain_fd,
		&s->drain_pidfd, &s->hunt_fd, &s->hunt_pidfd, &s->reload.plan_fd};
	for (unsigned i = 0; i < COUNT(own); i++)
		*own[i] = -1;
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++)
		s->client[i].fd = -1;
	s->doing.kind = ACT_KIND_COUNT;
}

/* The block is private to PID 1: in a memfd of its own, or, where there is none (no memory), in
 * plain memory that a crash loses. */
static struct pid1 *new_state(void)
{
	static struct pid1 fallback;
	int fd;
	struct pid1 *s = crash_make_block(&fd);
	s = s ? s : &fallback;
	empty_state(s);
	crash_inherit(s);
	s->magic = STATE_MAGIC;
	s->layout = STATE_LAYOUT;
	s->state_fd = fd;
	return s;
}

/* Before whatever waits for a processor, however many and however heavy they are: who feeds the
 * watchdog may not be late. Its children begin as if it were not so. Before the policy is loaded,
 * which has no word for it; an execve keeps it. */
static void come_first(void)
{
	if (getpriority(PRIO_PROCESS, 0) == NICE)
		return;
	if (sys_sched_setscheduler(SCHED_OTHER | SCHED_RESET_ON_FORK) == 0)
		setpriority(PRIO_PROCESS, 0, NICE);
}

static void raise_limit(void)
{
	struct rlimit r = {HIGHEST_FD, HIGHEST_FD};
	prlimit(0, RLIMIT_NOFILE, &r, NULL);
}

/* Returns true if nothing but a rescue shell may be started. */
static bool load_policy(struct pid1 *s)
{
	char cmdline[4096];
	struct policy_result r = {0};
	int again = 0;
	if (container_here())
		return false;
	if (sys_read_file(AT_FDCWD, "/proc/cmdline", cmdline, sizeof(cmdline)) < 0)
		cmdline[0] = 0;
	s->selinux = policy_load(cmdline, &again, &r);
	if (again) {
		console_say(s, SAY_INFO, "selinux: ", r.text, NULL);
		char *argv[] = {(char *)"init", NULL};
		char *envp[] = {NULL};
		if (s->console_fd >= 0)
			dup2(s->console_fd, 2); /* inherited_console() */
		execve("/sbin/init", argv, envp);
		execve("/proc/self/exe", argv, envp);
		console_say(s, SAY_ERROR, "selinux: cannot execute /sbin/init again: ", err_name(errno),
			NULL);
		return s->selinux == POLICY_ENFORCING;
	}
	if (r.must_stop ||
		(r.outcome != POLICY_ALREADY && r.outcome != POLICY_NO_KERNEL &&
			r.outcome != POLICY_NO_CONFIG && r.outcome != POLICY_LOADED))
		console_say(s, r.must_stop ? SAY_ERROR : SAY_NOTICE, "selinux: ", r.text, NULL);
	return r.must_stop;
}

static int work_relabel(const void *unused)
{
	struct policy_result r = {0};
	(void)unused;
	int err = policy_relabel(&r);
	if (err < 0)
		errand_tell(r.text, NULL);
	return err;
}

/* What is mounted may be on a disk that does not answer. */
static void relabel(struct pid1 *s)
{
	char text[ERRAND_TOLD];
	if (!s->selinux)
		return;
	int err = errand_run_told(s, work_relabel, NULL, RELABEL_MS, text, sizeof(text));
	if (err < 0)
		console_say(s, SAY_ERROR, "selinux: ", text[0] ? text : err_name(err), NULL);
}

static uint64_t seed(void)
{
	uint64_t v = 0;
	if (getrandom(&v, sizeof(v), GRND_NONBLOCK) != (ssize_t)sizeof(v))
		v = now_ms() * 2654435761u;
	return v | 1;
}

/* Sockets, logs and what a service may write lie there: without it none can start, and each would
 * be tried again for ever. */
static bool make_run(struct pid1 *s)
{
	if (mkdir("/run/bulkhead", 0755) == 0 || mkdir("/run/bulkhead", 0755) == 0 || errno == EEXIST)
		return true;
	console_say(s, SAY_ERROR, "/run/bulkhead: ", err_name(errno), ": no service can start", NULL);
	return false;
}

static void open_sockets(struct pid1 *s)
{
	s->control_fd = control_open(s);
	if (s->control_fd < 0)
		console_say(s, SAY_ERROR, "control socket: ", err_name(s->control_fd),
			": bulkctl cannot reach PID 1", NULL);
	watch_add(s, s->control_fd, EPOLLIN, WATCH_CONTROL, 0);
	int err = readiness_places();
	if (err < 0)
		console_say(s, SAY_ERROR, "readiness sockets: ", err_name(err), NULL);
}

static void open_watchdog(struct pid1 *s, const struct plan *p)
{
#if CONFIG_WATCHDOG
	if (!container_here())
		watchdog_open(s, p);
#else
	if (plan_header(p)->machine.watchdog_ms)
		console_say(s, SAY_ERROR,
			"watchdog: " FEATURE_WITHOUT " CONFIG_WATCHDOG: the device runs without a watchdog",
			NULL);
#endif
}

static void open_cgroups(struct pid1 *s)
{
	uint32_t enabled = 0;
	s->cgroup_root = group_open_root();
	int err = s->cgroup_root < 0 ? s->cgroup_root : group_leave_root(s->cgroup_root);
	if (err == 0)
		err = cgroup_enable(s->cgroup_root, CG_CPU | CG_MEMORY | CG_PIDS | CG_IO | CG_CPUSET,
			&enabled);
	if (err < 0)
		console_say(s, SAY_ERROR, "cgroup: ", err_name(err), ": no service can be given its limits",
			NULL);
	if (enabled & CG_MEMORY && !container_here())
		setup_raise_bounds(s);
}

/* The read-only root's plan says what is laid over it; what is seen through that says the rest. */
static void look_through(struct pid1 *s, struct plan *plan, bool again)
{
	setup_load_modules(s, plan);
	if (!data_boot(s, plan, again))
		return;
	planfile_drop(s, plan);
	planfile_load(s, plan);
	setup_load_modules(s, plan);
	rescue_learn(s, plan); /* of accounts, too, what is seen through it */
}

/* Asked for by a word where there is to be no rescue shell: a device that rebooted over it would
 * meet the word again. */
static bool rescue_is_asked(struct pid1 *s)
{
	bool asked;
	int err = command_line_read();
	const char *bad = command_line_rescue(&asked);
	const char *refusal = asked ? rescue_refusal(s) : NULL;
	if (err < 0)
		console_say(s, SAY_ERROR, "kernel command line: ", err_name(err), ": ignored as a whole",
			NULL);
	if (bad)
		console_say(s, SAY_ERROR, "kernel command line: ", bad, "= ignored: neither 0 nor 1", NULL);
	if (refusal)
		console_say(s, SAY_ERROR, "kernel command line: no rescue: ", refusal,
			"; starting normally", NULL);
	return asked && !refusal;
}

/* must: nothing may run. RescueShell is the firmware's word, from the root as it is before
 * anything is laid over it; nothing is compiled where nothing may run. */
static void choose_plan(struct pid1 *s, struct plan *plan, bool must, bool again)
{
	if (!must)
		planfile_load(s, plan);
	else if (!planfile_load_ahead(s, plan))
		planfile_rescue(s, plan);
	rescue_learn(s, plan);
	if (again) /* the former life's goes on running */
		open_watchdog(s, plan);
	if (!must && !rescue_is_asked(s)) {
		look_through(s, plan, again);
	} else if (s->plan_source != PLAN_RESCUE) {
		planfile_drop(s, plan);
		planfile_rescue(s, plan);
	}
}

static int named_group(struct pid1 *s, const struct plan *plan)
{
	char group[CONFIG_MAX_NAME];
	if (s->plan_source == PLAN_RESCUE ||
		!command_line_value("bulkhead.group", group, sizeof(group)))
		return -1;
	int index = plan_find(plan, group);
	if (index < 0)
		console_say(s, SAY_ERROR, "bulkhead.group=", group,
			": there is no such group; starting the default one", NULL);
	return index;
}

static void start_core(struct pid1 *s, struct plan *plan, bool must_rescue, bool again)
{
	choose_plan(s, plan, must_rescue, again);
	int index = named_group(s, plan);
	reap_empty_runtime(s, plan_service_count(plan));
	core_init_group(&s->core, plan,
		index >= 0 ? (uint32_t)index : plan_header(plan)->machine.default_group, now_ms(), seed());
	uint32_t settle_ms = plan_header(plan)->machine.settle_ms;
	s->settle_ms = settle_ms ? now_ms() + settle_ms : CORE_NEVER;
}

/* Once is not enough: without /dev/null no service can be started at all. */
static int open_device(struct pid1 *s, const char *path, int flags)
{
	int fd = descriptor_lift(open(path, flags | O_CLOEXEC));
	if (fd < 0)
		fd = descriptor_lift(open(path, flags | O_CLOEXEC));
	if (fd < 0)
		console_say(s, SAY_ERROR, path, ": ", err_name(fd), NULL);
	return fd < 0 ? -1 : fd;
}

static void open_nodes(struct pid1 *s)
{
	if (s->kmsg_fd < 0 && !container_here())
		s->kmsg_fd = open_device(s, "/dev/kmsg", O_WRONLY | O_NONBLOCK);
	if (s->null_fd < 0)
		s->null_fd = open_device(s, "/dev/null", O_RDWR);
}

struct pid1 *boot_first(struct plan *plan, bool lost)
{
	char level[16];
	umask(0);
	setup_mount_early();
	int console = inherited_console();
	reserve_low();
	raise_limit();
	come_first();
	struct pid1 *s = new_state();
	s->console_fd = console;
	console_open(s, NULL);
	open_nodes(s);
	setup_say_where(s);
	if (lost) {
		console_say(s, SAY_ERROR,
			"PID 1 crashed and its state is lost: every service is killed and started again", NULL);
		crash_count_loss(s);
	}
	crash_arm(s, false);
	int err = loop_open(s);
	if (err < 0)
		console_say(s, SAY_ERROR, "epoll: ", err_name(err), NULL);
	bool rescue = load_policy(s);
	setup_mount_rest(s);
	relabel(s);
	s->debug = command_line_value("bulkhead.log", level, sizeof(level)) &&
		strcmp(level, "debug") == 0;
	open_cgroups(s);
	rescue |= !make_run(s);
	open_sockets(s);
	start_core(s, plan, rescue, lost);
	bounds_mount(s, plan);       /* before fstab, which may mount below them */
	loop_answer_meanwhile(plan); /* fstab may wait for a disk */
	setup_run(s, plan, lost);
	relabel(s); /* the roots of what fstab has mounted */
	loop_answer_meanwhile(NULL);
	open_watchdog(s, plan);
	umask(022);
	s->booted = 1;
	return s;
}

/* Numbers that were spoilt: the descriptors themselves are closed by now. And a socket that
 * somebody has removed. */
static void open_lost(struct pid1 *s, const struct plan *plan)
{
	if (s->console_fd < 0)
		console_open(s, plan_text(plan, plan_header(plan)->machine.console));
	open_nodes(s);
	if (s->control_fd < 0 || access(PROTO_SOCKET, F_OK) < 0) {
		watch_drop(s, &s->control_fd);
		make_run(s);
		open_sockets(s);
	}
	open_watchdog(s, plan);
}

struct pid1 *boot_again(int state_fd, struct plan *plan)
{
	struct pid1 *s = crash_map(state_fd);
	if (!s || !s->booted)
		return NULL;
	reserve_low();
	raise_limit();
	s->state_fd = state_fd;
	crash_arm(s, true);
	umask(022);                 /* it may have crashed while it had another */
	prctl(PR_SET_NAME, "init"); /* it was executed by way of /proc/self/exe */
	if (!planfile_map(s, plan) || !recover_adopt(s, plan))
		return NULL;
	open_lost(s, plan);
	recover_say(s);
	crash_ready();
	return s;
}
