/* SPDX-License-Identifier: MIT
 * The search: see hunt.h. /proc tells which files a process has open, and where in the kernel each
 * of its threads sleeps; which call that is belongs to debuggers, and PID 1 is none. */
#include "pid1/hunt.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/span.h"
#include "base/sys.h"
#include "pid1/console.h"
#include "pid1/errand.h"
#include "pid1/loop.h"
#include "pid1/process.h"
#include "pid1/reap.h"
#include "pid1/spawn.h"
#include "pid1/tell.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WHOLE_MS 3000u /* of a search */
#define LOOK_MS 20u
#define NOBODY (-1)

enum said { SAID_NOTHING = 1, SAID_NOT_FOUND }; /* runtime.log_held */

struct found {
	int32_t service;
	int32_t pid;
	uint32_t weight;
};

struct job {
	const struct plan *p;
	uint32_t owner;
	char link[40]; /* what readlink(2) says of a descriptor of that pipe */
};

/* ---- the child ---- */

struct entry { /* of getdents64(2) */
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

struct list {
	int fd;
	long n, at;
	char buf[2048] __attribute__((aligned(8)));
};

static bool list_open(struct list *l, int at, const char *path)
{
	l->fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	l->n = l->at = 0;
	return l->fd >= 0;
}

/* The next name that is a number; NULL at the end, and the directory is closed. */
static const char *list_next(struct list *l)
{
	for (;;) {
		if (l->at >= l->n) {
			l->n = syscall(SYS_getdents64, l->fd, l->buf, sizeof l->buf);
			l->at = 0;
		}
		if (l->n <= 0) {
			close(l->fd);
			return NULL;
		}
		const struct entry *e = (const void *)(l->buf + l->at);
		l->at += e->length;
		if (e->name[0] >= '0' && e->name[0] <= '9')
			return e->name;
	}
}

static bool has_open(int process, const char *link)
{
	static struct list fds;
	char text[sizeof((struct job *)0)->link];
	bool has = false;
	if (!list_open(&fds, process, "fd"))
		return false;
	for (const char *name; (name = list_next(&fds));) {
		ssize_t n = readlinkat(fds.fd, name, text, sizeof text);
		has |= n > 0 && (size_t)n == strlen(link) && memcmp(text, link, (size_t)n) == 0;
	}
	return has;
}

/* Where whoever waits for something else sleeps, and whoever waits for the pipe's lock himself. */
static bool is_elsewhere(const char *where)
{
	static const char *const known[] = {"0", "pipe_", "__pipe", "anon_pipe_", "ep_poll", "do_epoll", "do_poll", "do_sys_poll",
		"poll_schedule", "do_select", "hrtimer_", "do_nanosleep", "common_nsleep", "futex_", "do_wait", "do_sigtimedwait",
		"sigsuspend", "__do_sys_pause", "do_pause"};
	for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
		if (strncmp(where, known[i], strlen(known[i])) == 0)
			return true;
	return !*where;
}

static bool sleeps_apart(int process)
{
	static struct list threads;
	char path[48], where[64];
	bool apart = false;
	if (!list_open(&threads, process, "task"))
		return false;
	for (const char *name; (name = list_next(&threads));) {
		struct fmt f;
		fmt_init(&f, path, sizeof path);
		fmt_strs(&f, name, "/wchan", NULL);
		apart |= sys_read_file(threads.fd, path, where, sizeof where) > 0 && !is_elsewhere(where);
	}
	return apart;
}

static void judge(const struct job *j, int proc, const char *name, struct found *best)
{
	uint64_t pid = 0;
	if (num_u64((struct span){name, strlen(name)}, INT32_MAX, &pid) < 0)
		return;
	int service = process_service(j->p, (int)pid);
	if (service < 0 || (uint32_t)service == j->owner || plan_service(j->p, (uint32_t)service)->flags & SERVICE_LOGGER)
		return;
	int process = openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return;
	bool is = process_end((int)pid) == PROCESS_LIVES && has_open(process, j->link);
	uint32_t weight = is ? 1u + sleeps_apart(process) : 0;
	close(process);
	if (weight > best->weight)
		*best = (struct found){service, (int32_t)pid, weight};
}

static int work(const void *arg)
{
	static struct list processes;
	struct found best = {NOBODY, 0, 0};
	if (!list_open(&processes, AT_FDCWD, "/proc"))
		return -errno;
	for (const char *name; (name = list_next(&processes));)
		judge(arg, processes.fd, name, &best);
	return write(ERRAND_FD, &best, sizeof best) == (ssize_t)sizeof best ? 0 : -EPIPE;
}

/* ---- PID 1 ---- */

void hunt_begin(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct job j = {.p = p, .owner = service};
	struct stat st;
	int pair[2];
	if (s->hunt_fd >= 0 || service >= s->core.count || fstat(s->runtime[service].log_read, &st) < 0)
		return;
	struct fmt f;
	fmt_init(&f, j.link, sizeof j.link);
	fmt_str(&f, "pipe:[");
	fmt_u64(&f, st.st_ino);
	fmt_str(&f, "]");
	if (spawn_pipe(pair, O_NONBLOCK) < 0)
		return; /* bulkhead-log says again that it is held */
	struct errand e;
	int err = errand_begin(&e, work, &j, pair[1]);
	close(pair[1]);
	if (err < 0) {
		close(pair[0]);
		return;
	}
	s->hunt_for = service;
	s->hunt_ms = now_ms();
	s->hunt_look_ms = s->hunt_ms + LOOK_MS;
	s->hunt_pidfd = spawn_lift(e.pidfd);
	s->hunt_fd = pair[0];
}

static void is_found(struct pid1 *s, const struct plan *p, const struct found *found)
{
	char pid[16];
	struct fmt f;
	fmt_init(&f, pid, sizeof pid);
	fmt_i64(&f, found->pid);
	s->runtime[s->hunt_for].log_held = 0;
	if (tell_may(s, (uint32_t)found->service, STORM_ERRORS))
		console_say(s, SAY_ERROR, plan_text(p, plan_service(p, (uint32_t)found->service)->name), ": its process ", pid,
			" has the output of ", plan_text(p, plan_service(p, s->hunt_for)->name),
			" open, which is kept from being read: sent SIGKILL", NULL);
	reap_kill_all(s, (uint32_t)found->service);
}

static void is_not_found(struct pid1 *s, const struct plan *p)
{
	struct runtime *r = &s->runtime[s->hunt_for];
	if (r->log_held == SAID_NOT_FOUND)
		return;
	r->log_held = SAID_NOT_FOUND;
	console_say(s, SAY_ERROR, plan_text(p, plan_service(p, s->hunt_for)->name),
		": its output stands still: no other service has it open, and who keeps it from being read is not known", NULL);
}

void hunt_look(struct pid1 *s, const struct plan *p)
{
	struct found found = {NOBODY, 0, 0};
	uint64_t now = now_ms();
	if (now < hunt_deadline(s))
		return;
	s->hunt_look_ms = now + LOOK_MS;
	ssize_t n = read(s->hunt_fd, &found, sizeof found); /* of a child of ours */
	if (n < 0 && (errno == EAGAIN || errno == EINTR) && now < s->hunt_ms + WHOLE_MS)
		return;
	sys_pidfd_send_signal(s->hunt_pidfd, SIGKILL);
	loop_drop(s, &s->hunt_fd);
	loop_drop(s, &s->hunt_pidfd);
	if (s->hunt_for >= s->core.count)
		return;
	if (n == (ssize_t)sizeof found && found.service >= 0 && (uint32_t)found.service < s->core.count)
		is_found(s, p, &found);
	else
		is_not_found(s, p);
}

uint64_t hunt_deadline(const struct pid1 *s)
{
	return s->hunt_fd >= 0 ? s->hunt_look_ms : CORE_NEVER;
}
