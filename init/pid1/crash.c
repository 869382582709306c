/* SPDX-License-Identifier: MIT
 * Crash and re-execution: see crash.h. */
#include "pid1/crash.h"
#include "base/count.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/span.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "pid1/console.h"
#include "pid1/container.h"
#include "pid1/descriptors.h"
#include "pid1/errand.h"
#include "pid1/reboot.h"
#include "pid1/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
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

void crash_child_stack(const void *stack, size_t size)
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

static void execute_anew(const struct pid1 *s)
{
	char text[CRASH_WORDS][24];
	const uint64_t numbers[CRASH_WORDS] = {0, 0, (uint32_t)s->state_fd, s->recoveries,
		s->quick_crashes, s->recovered_ms};
	char *argv[CRASH_WORDS + CONTAINER_WORDS + 1] = {(char *)"init", (char *)CRASH_ARGUMENT};
	char *const *envp = container_environment(), *const *word = container_words();
	for (int i = 2; i < CRASH_WORDS; i++) {
		struct fmt f;
		fmt_init(&f, text[i], sizeof(text[i]));
		fmt_u64(&f, numbers[i]);
		argv[i] = text[i];
	}
	for (int i = CRASH_WORDS; container_here() && *word && i < CRASH_WORDS + CONTAINER_WORDS; i++)
		argv[i] = *word++;
	for (int fd = LOWEST_FD; fd < HIGHEST_FD; fd++)
		fcntl(fd, F_SETFD, 0);
	execve("/proc/self/exe", argv, envp);
	execve(PROGRAM, argv, envp);
}

/* Blocked signals stay pending over the execve, and wait for the next life. */
int crash_execute(const struct pid1 *s)
{
	sigset_t all, before;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	execute_anew(s);
	int err = -errno;
	for (int fd = LOWEST_FD; fd < HIGHEST_FD; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
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

bool crash_distrusts(const struct pid1 *s)
{
	return s->quick_crashes >= DISTRUST && now_ms() - s->recovered_ms < QUICK_MS;
}

static void reboot_instead(struct pid1 *s)
{
	errand_run(s, errand_sync, NULL, SYNC_MS);
	reboot_machine(s);
}

/* Also when the execve failed: a reboot is better than a kernel panic. */
static void begin_anew(struct pid1 *s)
{
	s->recoveries++;
	if (s->quick_crashes < QUICK_CRASHES)
		execute_anew(s);
	reboot_instead(s);
}

_Noreturn void crash_anew(struct pid1 *s)
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

void crash_ready(void)
{
	taking_over = 0;
}

void crash_arm(struct pid1 *s, bool takes_over)
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

void crash_hear(char *const words[])
{
	uint64_t v[CRASH_WORDS - CRASH_COUNTS];
	for (unsigned i = 0; i < COUNT(v); i++)
		if (num_u64(span_of(words[i]), UINT64_MAX, &v[i]) < 0)
			return;
	inherited.recoveries = (uint32_t)v[0];
	inherited.quick_crashes = (uint32_t)v[1];
	inherited.recovered_ms = v[2];
}

void crash_inherit(struct pid1 *s)
{
	s->recovered_ms = inherited.recovered_ms;
	s->recoveries = inherited.recoveries;
	s->quick_crashes = inherited.quick_crashes;
}

void crash_count_loss(struct pid1 *s)
{
	count_crash(s);
	if (s->quick_crashes < QUICK_CRASHES)
		return;
	console_say(s, SAY_ERROR, "its state is lost again and again: restarting the machine", NULL);
	reboot_instead(s);
}

struct pid1 *crash_make_block(int *fd)
{
	struct pid1 *s = MAP_FAILED;
	*fd = descriptor_memfd("state");
	if (*fd >= 0 && ftruncate(*fd, sizeof(*s)) == 0) {
		fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
		s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	}
	if (s != MAP_FAILED)
		return s;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return NULL;
}

struct pid1 *crash_map(int fd)
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
