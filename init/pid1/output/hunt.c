/* SPDX-License-Identifier: MIT
 * The search for who holds a pipe: see hunt.h. /proc shows which files a process has open, and
 * where in the kernel each of its threads sleeps; the call itself is shown to debuggers only.
 */
#include "pid1/output/hunt.h"
#include "base/count.h"
#include "base/dirlist.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/span.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "engine/procfs.h"
#include "pid1/console.h"
#include "pid1/errand.h"
#include "pid1/kill.h"
#include "pid1/report.h"
#include "pid1/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WHOLE_MS 3000u /* of a search */
/* of it, for the child: who is the likeliest of those that it has come to by then */
#define CHILD_MS 2500u
#define PROCESS_MS 500u /* and for one process, or many descriptors would keep it from the next */
#define LOOK_MS 20u
#define NOBODY (-1)
#define NOT_FOUND 2 /* runtime.log_held: that nobody is found has been said */

/* What a process of a service has for it that has the pipe open. Who only receives datagrams may
 * have been sent the descriptor unasked; that can be told from a wait for the pipe's lock, not from
 * every way to hold it (splice(2) from such a socket). So the others come first, but it comes. */
enum weight { NOT_OPEN, OPEN, RECEIVES, SLEEPS_APART };

struct found {
	int32_t service;
	int32_t pid;
	uint32_t weight;
	uint32_t tried;
};

struct job {
	const struct pid1 *s;
	const struct plan *p;
	uint32_t owner;
	uint64_t until_ms;
	char link[40]; /* what readlink(2) says of a descriptor of that pipe */
};

/* Which hunt has killed that service since this hold began, 0 = none. */
static uint32_t tried(const struct job *j, uint32_t service)
{
	uint32_t at = j->s->runtime[service].hunted;
	return at > j->s->runtime[j->owner].hunted_before ? at : 0;
}

static bool is_better(const struct found *a, const struct found *b)
{
	if (!b->weight || !a->weight || a->tried == b->tried)
		return a->weight > b->weight;
	return a->tried < b->tried;
}

/* ---- the child ---- */

static bool list_open(struct dirlist *list, int at, const char *path)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		dirlist_start(list, fd);
	return fd >= 0;
}

/* The next name that is a number; NULL at the end, and the directory is closed. */
static const char *list_next(struct dirlist *list)
{
	const char *name;
	while (dirlist_next(list, &name) > 0)
		if (name[0] >= '0' && name[0] <= '9')
			return name;
	close(list->directory);
	return NULL;
}

static bool has_open(int at, const char *path, const struct job *j, uint64_t until_ms)
{
	static struct dirlist fds;
	char text[sizeof(j->link)];
	if (!list_open(&fds, at, path))
		return false;
	for (const char *name; (name = list_next(&fds));) {
		ssize_t n = readlinkat(fds.directory, name, text, sizeof(text));
		bool has = n > 0 && (size_t)n == strlen(j->link) && memcmp(text, j->link, (size_t)n) == 0;
		if (!has && now_ms() < until_ms)
			continue;
		close(fds.directory);
		return has;
	}
	return false;
}

/* Each thread may have a table of its own (unshare(2)), and the first may have ended. */
static bool a_thread_has_open(int process, const struct job *j, uint64_t until_ms)
{
	static struct dirlist threads;
	char path[48];
	if (!list_open(&threads, process, "task"))
		return false;
	for (const char *name; (name = list_next(&threads));) {
		struct fmt f;
		fmt_init(&f, path, sizeof(path));
		fmt_strs(&f, name, "/fd", NULL);
		bool has = has_open(threads.directory, path, j, until_ms);
		if (!has && now_ms() < until_ms)
			continue;
		close(threads.directory);
		return has;
	}
	return false;
}

/* Where whoever waits for something else sleeps, and whoever waits for the pipe's lock himself. */
static bool is_elsewhere(const char *where)
{
	static const char *const known[] = {"0", "pipe_", "__pipe", "anon_pipe_", "ep_poll", "do_epoll",
		"do_poll", "do_sys_poll", "poll_schedule", "do_select", "hrtimer_", "do_nanosleep",
		"common_nsleep", "futex_", "do_wait", "do_sigtimedwait", "sigsuspend", "__do_sys_pause",
		"do_pause"};
	for (unsigned i = 0; i < COUNT(known); i++)
		if (strncmp(where, known[i], strlen(known[i])) == 0)
			return true;
	return !*where;
}

static enum weight sleep_of(const char *where)
{
	if (is_elsewhere(where))
		return OPEN;
	return strncmp(where, "__skb_wait_for_", strlen("__skb_wait_for_")) == 0 ? RECEIVES
																			 : SLEEPS_APART;
}

static enum weight weigh(int process)
{
	static struct dirlist threads;
	char path[48], where[64];
	enum weight most = OPEN;
	if (!list_open(&threads, process, "task"))
		return most;
	for (const char *name; (name = list_next(&threads));) {
		struct fmt f;
		fmt_init(&f, path, sizeof(path));
		fmt_strs(&f, name, "/wchan", NULL);
		enum weight w = sys_read_file(threads.directory, path, where, sizeof(where)) > 0
			? sleep_of(where)
			: OPEN;
		most = w > most ? w : most;
	}
	return most;
}

static bool may_be(const struct job *j, int pid, int service)
{
	return service >= 0 && (uint32_t)service != j->owner &&
		!(plan_service(j->p, (uint32_t)service)->flags & SERVICE_LOGGER) &&
		procfs_end(pid) != PROCFS_DIES;
}

static void judge_process(const struct job *j, int proc, const char *name, bool threads,
	struct found *best)
{
	uint64_t pid = 0, until = now_ms() + PROCESS_MS;
	if (num_u64((struct span){name, strlen(name)}, INT32_MAX, &pid) < 0)
		return;
	int service = procfs_service(j->p, (int)pid);
	if (!may_be(j, (int)pid, service))
		return;
	int process = openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return;
	until = until < j->until_ms ? until : j->until_ms;
	bool is = threads ? a_thread_has_open(process, j, until) : has_open(process, "fd", j, until);
	const struct found found = {service, (int32_t)pid, is ? weigh(process) : NOT_OPEN,
		tried(j, (uint32_t)service)};
	close(process);
	if (is_better(&found, best))
		*best = found;
}

static int search(const struct job *j, bool threads, struct found *best)
{
	static struct dirlist processes;
	if (!list_open(&processes, AT_FDCWD, "/proc"))
		return -errno;
	for (const char *name; (name = list_next(&processes));)
		if (now_ms() < j->until_ms)
			judge_process(j, processes.directory, name, threads, best);
	return 0;
}

/* First the table that nearly all threads share. */
static int work_hunt(const void *arg)
{
	struct job j = *(const struct job *)arg;
	struct found best = {.service = NOBODY};
	j.until_ms = now_ms() + CHILD_MS;
	int err = search(&j, false, &best);
	if (err == 0)
		err = search(&j, true, &best);
	if (err < 0)
		return err;
	return write(ERRAND_FD, &best, sizeof(best)) == (ssize_t)sizeof(best) ? 0 : -EPIPE;
}

/* ---- PID 1 ---- */

void hunt_begin(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct job j = {.s = s, .p = p, .owner = service};
	struct stat st;
	int pair[2];
	if (s->hunt_fd >= 0 || service >= s->core.count || fstat(s->runtime[service].log_read, &st) < 0)
		return;
	struct fmt f;
	fmt_init(&f, j.link, sizeof(j.link));
	fmt_str(&f, "pipe:[");
	fmt_u64(&f, st.st_ino);
	fmt_str(&f, "]");
	if (descriptor_pipe(pair, O_NONBLOCK) < 0)
		return; /* bulkhead-log says again that it is held */
	struct errand e;
	int err = errand_begin(&e, work_hunt, &j, pair[1]);
	close(pair[1]);
	if (err < 0) {
		close(pair[0]);
		return;
	}
	s->hunt_for = service;
	s->hunt_ms = now_ms();
	s->hunt_look_ms = s->hunt_ms + LOOK_MS;
	s->hunt_pidfd = descriptor_lift(e.pidfd);
	s->hunt_fd = pair[0];
}

static void is_found(struct pid1 *s, const struct plan *p, const struct found *found)
{
	char pid[16];
	struct fmt f;
	fmt_init(&f, pid, sizeof(pid));
	fmt_i64(&f, found->pid);
	s->runtime[s->hunt_for].log_held = 0;
	s->runtime[found->service].hunted = ++s->hunts;
	if (report_may(s, (uint32_t)found->service, STORM_ERRORS))
		console_say(s, SAY_ERROR, plan_text(p, plan_service(p, (uint32_t)found->service)->name),
			": its process ", pid, " has the output of ",
			plan_text(p, plan_service(p, s->hunt_for)->name),
			" open and keeps it from being read: sent SIGKILL", NULL);
	kill_all(s, (uint32_t)found->service);
}

static void is_not_found(struct pid1 *s, const struct plan *p)
{
	struct runtime *r = &s->runtime[s->hunt_for];
	if (r->log_held == NOT_FOUND)
		return;
	r->log_held = NOT_FOUND;
	console_say(s, SAY_ERROR, plan_text(p, plan_service(p, s->hunt_for)->name),
		": its output cannot be read: no other service has it open, the cause is unknown", NULL);
}

void hunt_look(struct pid1 *s, const struct plan *p)
{
	struct found found = {.service = NOBODY};
	uint64_t now = now_ms();
	if (now < hunt_deadline(s))
		return;
	s->hunt_look_ms = now + LOOK_MS;
	ssize_t n = read(s->hunt_fd, &found, sizeof(found)); /* of a child of ours */
	if (n < 0 && (errno == EAGAIN || errno == EINTR) && now < s->hunt_ms + WHOLE_MS)
		return;
	sys_pidfd_send_signal(s->hunt_pidfd, SIGKILL);
	watch_drop(s, &s->hunt_fd);
	watch_drop(s, &s->hunt_pidfd);
	if (s->hunt_for >= s->core.count)
		return;
	if (n == (ssize_t)sizeof(found) && found.service >= 0 &&
		(uint32_t)found.service < s->core.count)
		is_found(s, p, &found);
	else
		is_not_found(s, p);
}

uint64_t hunt_deadline(const struct pid1 *s)
{
	return s->hunt_fd >= 0 ? s->hunt_look_ms : CORE_NEVER;
}
