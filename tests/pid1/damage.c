/* SPDX-License-Identifier: MIT
 * Random bytes in the state of a PID 1 that runs (as box.c has it), and then a crash signal: it
 * goes on with its services, or starts them anew, so that bulkctl is answered and can end it, or it
 * restarts the machine. It never hangs. Each run has other bytes elsewhere; then each word of the
 * block's head in turn, its socket's name, and numbers of descriptors that were closed just before
 * the crash: with those it must go on with its services.
 *
 * damage O [RUNS [SEED]]
 */
#include "pid1/box.h"
#include "pid1/descriptors.h"
#include "pid1/state.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DAMAGE 256
#define READY_MS 20000
#define ANSWER_MS 45000 /* a restart that waits for its disks, on a loaded machine */
#define LIVES_MS 50     /* with what was hit, before the signal */

enum way { BLOCK, SCATTERED, FEW, WORD, NAMES, STALE };

/* What it has for its few services and clients; the rest of the block is nobody's. */
static const struct part {
	size_t from, size;
} parts[] = {
	{0, offsetof(struct pid1, core)},
	{offsetof(struct pid1, core),
		offsetof(struct core, service) + (BOX_SERVICES + 1) * sizeof(struct core_service)},
	{offsetof(struct pid1, runtime), (BOX_SERVICES + 1) * sizeof(struct runtime)},
	{offsetof(struct pid1, client), sizeof(struct client) * CONFIG_MAX_CLIENTS},
};
#define PARTS (sizeof(parts) / sizeof(*parts))
#define WORDS (offsetof(struct pid1, core) / 4)

static struct box_result is;
static long survived, restarted, violations;
static char where[64]; /* it was hit */

/* PID 1's own, by its name. */
static int open_state(pid_t init)
{
	char path[64], link[64];
	for (int fd = 0; fd < 4096; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)init, fd);
		ssize_t n = readlink(path, link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = 0;
		if (strncmp(link, "/memfd:state", 12) == 0)
			return open(path, O_RDWR | O_CLOEXEC);
	}
	return -1;
}

static bool put(int fd, size_t at, size_t n)
{
	unsigned char bytes[DAMAGE];
	for (size_t i = 0; i < n; i++)
		bytes[i] = (unsigned char)rand();
	return pwrite(fd, bytes, n, (off_t)at) == (ssize_t)n;
}

static size_t place_in(const struct part *part, size_t n)
{
	return part->from + (size_t)rand() % (part->size - n);
}

/* The control socket, or with it all that lies beside it. */
static bool remove_names(pid_t init, bool all)
{
	char command[128];
	snprintf(where, sizeof(where), all ? "/run/bulkhead removed" : "the control socket removed");
	snprintf(command, sizeof(command), "rm -rf /proc/%d/root/run/bulkhead%s", (int)init,
		all ? "" : "/control");
	return system(command) == 0;
}

/* Fields for a descriptor without which it can go on. */
static const size_t stale[] = {offsetof(struct pid1, control_fd), offsetof(struct pid1, log_fd),
	offsetof(struct pid1, watchdog_fd), offsetof(struct pid1, console_fd),
	offsetof(struct pid1, kmsg_fd)};
#define STALE_COUNT (sizeof(stale) / sizeof(*stale))
#define STALE_NUMBERS 3 /* as many as the next life opens before it looks at the state */

/* The number that one of its next descriptors gets. */
static int32_t next_number(pid_t init, size_t further)
{
	char path[64];
	int32_t fd = LOWEST_FD;
	for (; fd < HIGHEST_FD; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)init, (int)fd);
		if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && further-- == 0)
			break;
	}
	return fd;
}

static bool make_stale(pid_t init, size_t at, size_t further)
{
	int32_t number = next_number(init, further);
	int fd = open_state(init);
	bool done = fd >= 0 && pwrite(fd, &number, sizeof(number), (off_t)at) == sizeof(number);
	if (fd >= 0)
		close(fd);
	snprintf(where, sizeof(where), "descriptor %d at %zu", (int)number, at);
	return done;
}

static bool damage(pid_t init, enum way way, size_t word)
{
	static const unsigned times[] = {[BLOCK] = 1, [SCATTERED] = DAMAGE, [FEW] = 8, [WORD] = 1};
	if (way == NAMES)
		return remove_names(init, word);
	if (way == STALE)
		return make_stale(init, stale[word % STALE_COUNT], word / STALE_COUNT);
	const struct part *part = &parts[(unsigned)rand() % 2 ? 0 : (unsigned)rand() % PARTS];
	size_t n = way == BLOCK ? DAMAGE : way == WORD ? 4 : 1, at = 0;
	int fd = open_state(init);
	bool done = fd >= 0;
	for (unsigned i = 0; done && i < times[way]; i++) {
		at = way == WORD ? word * 4 : place_in(part, n);
		done = put(fd, at, n);
	}
	if (fd >= 0)
		close(fd);
	snprintf(where, sizeof(where), "%u times %zu bytes, last at %zu", times[way], n, at);
	return done;
}

static bool has_ended(pid_t init, int ms)
{
	int pidfd = (int)syscall(SYS_pidfd_open, init, 0);
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	bool ended = pidfd < 0 || poll(&p, 1, ms) > 0;
	if (pidfd >= 0)
		close(pidfd);
	return ended;
}

/* NULL, or what is wrong. */
static const char *judge(pid_t init)
{
	if (box_answers(init, ANSWER_MS)) {
		box_command(init, "poweroff");
		survived++;
		return has_ended(init, ANSWER_MS) ? NULL : "it does not power off";
	}
	restarted++;
	return has_ended(init, 0) ? NULL : "it hangs";
}

static const char *run(enum way way, size_t word)
{
	int status = 0;
	pid_t init = box_begin();
	if (init < 0)
		return "the box does not stand";
	waitpid(init, &status, __WALL); /* at its first call */
	ptrace(PTRACE_DETACH, init, NULL, 0L);
	const char *wrong = box_answers(init, READY_MS) && damage(init, way, word) ? NULL
																			   : "it was not hit";
	usleep((way == STALE ? 0 : LIVES_MS) * 1000);
	kill(init, SIGSEGV);
	wrong = wrong ? wrong : judge(init);
	kill(init, SIGKILL);
	waitpid(init, &status, __WALL);
	if (!wrong &&
		!(WIFSIGNALED(status) && (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGHUP)))
		wrong = "it ended otherwise than by reboot(2)";
	box_end(&is);
	if (!wrong && way == STALE && strstr(is.said, "its state is lost"))
		wrong = "its state was given up";
	return wrong;
}

static void count(const char *wrong)
{
	violations += wrong != NULL;
	if (wrong)
		printf("# %s: %s\n%s\n", where, wrong, is.said);
}

int main(int argc, char **argv)
{
	long runs = argc > 2 ? atol(argv[2]) : 40, tried = 0;
	const char *lacks = argc < 2 ? "usage: damage O [RUNS [SEED]]" : box_prepare(argv[1]);
	if (!lacks && !box_use(argv[1], &box_lives[0]))
		lacks = "its root can't be made";
	setvbuf(stdout, NULL, _IOLBF, 0);
	srand(argc > 3 ? (unsigned)atoi(argv[3]) : 1);
	if (lacks) {
		printf("1..1\nok 1 - damage # SKIP %s\n0 passed, 0 failed, 1 skipped\n", lacks);
		return 0;
	}
	for (; tried < runs; tried++)
		count(run((enum way)(tried % WORD), 0));
	for (size_t word = 0; word < WORDS; word++, tried++)
		count(run(WORD, word));
	for (size_t all = 0; all < 2; all++, tried++)
		count(run(NAMES, all));
	for (size_t i = 0; i < STALE_NUMBERS * STALE_COUNT; i++, tried++)
		count(run(STALE, i));
	box_forget();
	printf(
		"# the state of a running PID 1 hit %ld times: %ld went on, %ld restarted the machine, %ld violations\n",
		tried, survived, restarted, violations);
	printf("%d passed, %d failed\n", violations == 0, violations != 0);
	return violations != 0;
}
