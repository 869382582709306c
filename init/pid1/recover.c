/* SPDX-License-Identifier: MIT
 * Crash and re-execution: see recover.h. */
#include "pid1/recover.h"
#include "base/count.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/span.h"
#include "base/sys.h"
#include "engine/receive.h"
#include "pid1/ask.h"
#include "pid1/clean.h"
#include "pid1/console.h"
#include "pid1/control.h"
#include "pid1/descriptors.h"
#include "pid1/discard.h"
#include "pid1/doubt.h"
#include "pid1/errand.h"
#include "pid1/group.h"
#include "pid1/loop.h"
#include "pid1/mains.h"
#include "pid1/reap.h"
#include "pid1/shutdown.h"
#include "pid1/sockets.h"
#include "pid1/spawn.h"
#include "pid1/stay.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define QUICK_MS 60000u  /* crashes closer together than this count as one misfortune */
#define QUICK_CRASHES 8u /* so many of them: reboot, for the bootloader to fall back */
#define DISTRUST 3u      /* so many: it may be what lies before us that we crash over */
#define SYNC_MS 10000    /* what the disks may take before that */
#define PROGRAM "/sbin/init"

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP};

static struct pid1 *state; /* for the handler: it has no argument of ours */
static volatile sig_atomic_t taking_over;
static char handler_stack[16384] __attribute__((aligned(16)));
/* the stack of a child that shares our memory until its exec */
static uintptr_t child_low, child_high;

void recover_child_stack(const void *stack, size_t size)
{
	child_low = (uintptr_t)stack;
	child_high = child_low + size;
}

/* Neither its pid (1 in a namespace of its own) nor its memory (ours) tells the child from us, but
 * the stack it stands on does. We ourselves may be hit while it runs: the signal is then
 * delivered when clone3 returns. */
static bool is_child(const ucontext_t *context)
{
#if defined __x86_64__
	uintptr_t sp = (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
#elif defined __aarch64__
	uintptr_t sp = (uintptr_t)context->uc_mcontext.sp;
#elif defined __arm__
	uintptr_t sp = (uintptr_t)context->uc_mcontext.arm_sp;
#else
#error "where is the stack pointer of this architecture?"
#endif
	return sp >= child_low && sp <= child_high;
}

static void execute_anew(struct pid1 *s)
{
	char text[RECOVER_WORDS][24];
	const uint64_t numbers[RECOVER_WORDS] = {0, 0, (uint32_t)s->state_fd, s->recoveries,
		s->quick_crashes, s->recovered_ms};
	char *argv[RECOVER_WORDS + 1] = {(char *)"init", (char *)RECOVER_ARGUMENT};
	char *envp[] = {NULL};
	for (int i = 2; i < RECOVER_WORDS; i++) {
		struct fmt f;
		fmt_init(&f, text[i], sizeof(text[i]));
		fmt_u64(&f, numbers[i]);
		argv[i] = text[i];
	}
	for (int fd = LOWEST_FD; fd < HIGHEST_FD; fd++)
		fcntl(fd, F_SETFD, 0);
	execve("/proc/self/exe", argv, envp);
	execve(PROGRAM, argv, envp);
}

/* The kernel's own say what is wrong with the program (si_code > 0), and so does abort(3). */
static bool was_sent(const siginfo_t *info)
{
	return info->si_code <= 0 && info->si_pid != getpid();
}

static void count_crash(struct pid1 *s)
{
	uint64_t now = now_ms();
	s->quick_crashes = now - s->recovered_ms < QUICK_MS ? s->quick_crashes + 1 : 1;
	s->recovered_ms = now;
}

bool recover_distrusts(const struct pid1 *s)
{
	return s->quick_crashes >= DISTRUST && now_ms() - s->recovered_ms < QUICK_MS;
}

static int work_sync(const void *unused)
{
	(void)unused;
	sync();
	return 0;
}

static void reboot_instead(struct pid1 *s)
{
	errand_run(s, work_sync, NULL, SYNC_MS);
	shutdown_restart(s);
}

/* Also when the execve failed: a reboot is better than a kernel panic. */
static void begin_anew(struct pid1 *s)
{
	s->recoveries++;
	if (s->quick_crashes < QUICK_CRASHES)
		execute_anew(s);
	reboot_instead(s);
}

_Noreturn void recover_anew(struct pid1 *s)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	count_crash(s);
	for (;;)
		begin_anew(s);
}

/* Every signal is blocked in here, and stays so until the next life has this handler again. */
static void on_crash(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	if (is_child(context))
		sys_exit(125);
	if (was_sent(info) && taking_over)
		return;
	if (!was_sent(info))
		count_crash(state);
	begin_anew(state);
}

void recover_ready(void)
{
	taking_over = 0;
}

void recover_arm(struct pid1 *s, bool takes_over)
{
	stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof(handler_stack)};
	struct sigaction sa = {.sa_sigaction = on_crash,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
	sigset_t unblock;
	state = s;
	taking_over = takes_over;
	sigfillset(&sa.sa_mask);
	sigaltstack(&stack, NULL);
	sigemptyset(&unblock);
	for (unsigned i = 0; i < COUNT(crash_signals); i++) {
		sigaction(crash_signals[i], &sa, NULL);
		sigaddset(&unblock, crash_signals[i]);
	}
	sigprocmask(SIG_UNBLOCK, &unblock, NULL);
}

/* How often it has crashed lately outlives a state that cannot be taken over: a boot that
 * crashes each time must end in a reboot too. */
static struct {
	uint64_t recovered_ms;
	uint32_t recoveries, quick_crashes;
} inherited;

void recover_hear(char *const words[])
{
	uint64_t v[RECOVER_WORDS - RECOVER_COUNTS];
	for (unsigned i = 0; i < COUNT(v); i++)
		if (num_u64(span_of(words[i]), UINT64_MAX, &v[i]) < 0)
			return;
	inherited.recoveries = (uint32_t)v[0];
	inherited.quick_crashes = (uint32_t)v[1];
	inherited.recovered_ms = v[2];
}

void recover_inherit(struct pid1 *s)
{
	s->recovered_ms = inherited.recovered_ms;
	s->recoveries = inherited.recoveries;
	s->quick_crashes = inherited.quick_crashes;
}

void recover_count_loss(struct pid1 *s)
{
	count_crash(s);
	if (s->quick_crashes < QUICK_CRASHES)
		return;
	console_say(s, SAY_ERROR, "its state is lost again and again: restarting the machine", NULL);
	reboot_instead(s);
}

struct pid1 *recover_map(int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0 || st.st_size != (off_t)sizeof(struct pid1))
		return NULL;
	struct pid1 *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (s == MAP_FAILED)
		return NULL;
	if (s->magic == STATE_MAGIC && s->layout == STATE_LAYOUT) {
		inherited.recovered_ms = s->recovered_ms;
		inherited.recoveries = s->recoveries;
		inherited.quick_crashes = s->quick_crashes;
		return s;
	}
	munmap(s, sizeof(*s));
	return NULL;
}

/* ---- taking over ---- */

/* Nobody's to claim any more: kept already, or opened in this life. */
static uint8_t known[HIGHEST_FD];

/* Before this life opens anything: the state may have a number whose descriptor was closed just
 * before the crash, and what is opened now may get that number. */
static void note_descriptors(void)
{
	for (int fd = LOWEST_FD; fd < HIGHEST_FD; fd++)
		known[fd] = fcntl(fd, F_GETFD) < 0;
}

/* A descriptor of the old life: valid ones are ours again, others are gone. */
static void keep(int32_t *fd)
{
	if (*fd < LOWEST_FD || *fd >= HIGHEST_FD || known[*fd] || fcntl(*fd, F_SETFD, FD_CLOEXEC) < 0)
		*fd = -1;
	else
		known[*fd] = 1;
}

static void keep_runtime(struct runtime *r)
{
	for (int k = 0; k < 2; k++) {
		/* which process it is of would be on trust: mains_watch opens it anew */
		r->slot[k].pidfd = -1;
		keep(&r->slot[k].report);
		keep(&r->slot[k].ready);
	}
	keep(&r->group);
	keep(&r->events);
	keep(&r->log_read);
	keep(&r->log_write);
	keep(&r->notify);
	keep(&r->network);
	keep(&r->asked_fd);
	r->why[sizeof(r->why) - 1] = 0;
}

/* What PID 1 is reached by, what resets the machine and what each start needs is asked what it is:
 * a spoilt number may be another's. */
static void doubt_own(struct pid1 *s)
{
	int32_t watchdog = s->watchdog_fd;
	int root = group_open_root();
	if (root < 0)
		keep(&s->cgroup_root);
	else
		s->cgroup_root = root;
	if (!control_is_listener(s->control_fd))
		s->control_fd = -1;
	s->watchdog_fd = -1;
	if (watchdog >= 0)
		watchdog_adopt(s, watchdog);
}

/* A number that nobody knows. What cannot be kept is closed with the rest. */
static void adopt_unknown(struct pid1 *s, const struct plan *p, int32_t fd)
{
	int32_t kept = fd;
	if (!control_adopt(s, p, fd) && !watchdog_adopt(s, fd))
		return;
	keep(&kept);
	if (kept >= 0)
		return;
	if (s->control_fd == fd)
		s->control_fd = -1;
	if (s->watchdog_fd == fd)
		s->watchdog_fd = -1;
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++)
		if (s->client[i].fd == fd)
			s->client[i].fd = -1;
}

static void keep_all(struct pid1 *s, const struct plan *p)
{
	int32_t *const own[] = {&s->state_fd, &s->plan_fd, &s->control_fd, &s->log_fd, &s->watchdog_fd,
		&s->console_fd, &s->kmsg_fd, &s->null_fd};
	s->hunt_fd = s->hunt_pidfd = -1;
	doubt_own(s);
	/* another child does it again: what is taken for its pipe is not to be read on trust */
	s->drain_fd = s->drain_pidfd = -1;
	for (unsigned i = 0; i < COUNT(own); i++)
		keep(own[i]);
	for (uint32_t i = 0; i < s->core.count && i < CONFIG_MAX_SERVICES; i++)
		keep_runtime(&s->runtime[i]);
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++)
		keep(&s->client[i].fd);
	for (uint32_t i = 0; i < CONFIG_MAX_SOCKETS; i++)
		keep(&s->listener[i].fd);
	for (int32_t fd = LOWEST_FD; fd < HIGHEST_FD; fd++)
		if (!known[fd])
			adopt_unknown(s, p, fd);
	discard_unknown(s, known, LOWEST_FD, HIGHEST_FD);
}

/* The kernel names no child of ours there: the number is not to be believed. */
static void find_process(struct slot *sl)
{
	if (!doubt_is_child(sl->pid))
		sl->pid = 0;
	if (sl->pid > 0)
		return;
	*sl = (struct slot){.pid = 0, .pidfd = -1, .report = sl->report, .ready = sl->ready};
}

static void rewatch_service(struct pid1 *s, uint32_t i)
{
	struct runtime *r = &s->runtime[i];
	for (uint32_t k = 0; k < 2; k++) {
		find_process(&r->slot[k]);
		mains_watch(s, i, k);
		watch_add(s, r->slot[k].report, EPOLLIN, WATCH_REPORT, i << 1 | k);
		watch_add(s, r->slot[k].ready, EPOLLIN, WATCH_READY, i << 1 | k);
	}
	watch_add(s, r->events, EPOLLPRI | EPOLLET, WATCH_EMPTY, i);
	if (!r->take_ms)
		watch_add(s, r->notify, EPOLLIN, WATCH_NOTIFY, i);
}

/* A request that has been obeyed may still lie there. */
static void rewatch_client(struct pid1 *s, struct client *c, uint32_t i)
{
	struct sender from;
	char unused;
	bool writes = c->state == CLIENT_LISTING || c->state == CLIENT_ENDING;
	if (c->state != CLIENT_READING)
		receive_message(c->fd, &unused, sizeof(unused), &from);
	watch_add(s, c->fd, writes ? EPOLLOUT : EPOLLIN | EPOLLRDHUP, WATCH_CLIENT, i);
}

static void rewatch_clients(struct pid1 *s)
{
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++) {
		struct client *c = &s->client[i];
		if (c->state == CLIENT_LEAVING && c->fd >= 0)
			continue;
		if (c->fd < 0 || c->state > CLIENT_ENDING)
			*c = (struct client){.fd = -1, .state = CLIENT_FREE};
		else
			rewatch_client(s, c, i);
	}
}

static void lost(struct pid1 *s, const struct plan *p, uint32_t i, uint16_t k)
{
	if (!core_is_ready(&s->core, i)) {
		spawn_failed(s, p, i, k, "process", -EAGAIN, "lost when PID 1 crashed");
		return;
	}
	console_say(s, SAY_ERROR, plan_text(p, plan_service(p, i)->name),
		": its process was lost when PID 1 crashed", NULL);
	post_event(s, p, EV_EXITED, i, k, SIGKILL);
}

/* Watched again; one that was lost is opened again. */
static void listen_again(struct pid1 *s, const struct plan *p, uint32_t i)
{
	const struct core_service *c = &s->core.service[i];
	const struct core_action again = {.kind = ACT_LISTEN,
		.service = (uint16_t)i,
		.slot = SLOT_MAIN};
	if (c->state == SVC_LISTENING && !(c->todo & TODO_LISTEN) && !ask_waits(s, i))
		loop_carry_out(s, p, &again);
	sockets_remove_left(s, p, i);
}

/* What the core believes and what the loop holds must agree: a process that was about to be
 * started when we crashed does not exist. */
static void reconcile(struct pid1 *s, const struct plan *p, uint32_t i)
{
	struct runtime *r = &s->runtime[i];
	struct core_service *c = &s->core.service[i];
	ask_adopt(s, i);
	for (uint16_t k = 0; k < 2; k++) {
		bool alive = k == SLOT_MAIN ? c->main_alive : c->control_alive;
		if (r->slot[k].pid <= 0) { /* ours were made, but nobody to hold the other ends */
			watch_drop(s, &r->slot[k].report);
			discard_connection(s, &r->slot[k].ready);
		}
		if (!alive || r->slot[k].pid > 0 || ask_waits(s, i) || c->todo & TODO_SPAWN)
			continue;
		if (recover_distrusts(s) || !core_spawn_again(&s->core, i, k))
			lost(s, p, i, k);
	}
	/* cgroup.kill again: it is harmless twice, and lost once is for ever */
	if (c->state == SVC_KILL && !(c->todo & TODO_KILL))
		reap_kill(s, p, i);
	else /* what was given up may have ended while nobody watched */
		reap_check_empty(s, p, i);
	if (CONFIG_SOCKETS)
		listen_again(s, p, i);
	clean_adopt(s, p, i);
}

bool recover_adopt(struct pid1 *s, const struct plan *p)
{
	note_descriptors();
	stay_open();
	stay_begin();
	keep_all(s, p);
	if (s->state_fd < 0 || s->cgroup_root < 0 || !core_adopt(&s->core, p, now_ms()) ||
		loop_open(s) < 0)
		return false;
	doubt_all(s, p);
	watch_add(s, s->control_fd, EPOLLIN, WATCH_CONTROL, 0);
	watch_add(s, s->log_fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP, WATCH_LOG, 0);
	rewatch_clients(s);
	for (uint32_t i = 0; i < s->core.count; i++) {
		watchdog_feed(s);
		rewatch_service(s, i);
	}
	if (s->core.final_done && !s->final_request)
		s->final_request = s->core.final; /* handed out, and not noted before the crash */
	reap_children(s, p);
	for (uint32_t i = 0; i < s->core.count; i++) {
		watchdog_feed(s);
		reconcile(s, p, i);
	}
	if (!recover_distrusts(s))
		loop_redo(s, p);
	s->doing.kind = ACT_KIND_COUNT;
	watchdog_feed(s);
	return true;
}
