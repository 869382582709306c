/* SPDX-License-Identifier: MIT
 * What is mounted, at the end: see unmount.h. */
#include "pid1/end/unmount.h"
#include "base/count.h"
#include "base/dirlist.h"
#include "base/errname.h"
#include "base/num.h"
#include "base/span.h"
#include "base/sys.h"
#include "pid1/console.h"
#include "pid1/container.h"
#include "pid1/errand.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/swap.h>
#include <unistd.h>

#define MOUNTS_MAX 16384 /* bytes of /proc/self/mounts */
#define SWAPS_MAX 4096   /* bytes of /proc/swaps */
#define IDLE_ROUNDS 2    /* in which nothing is unmounted, and then it is over */
#define STEP_MS 200
#define QUIET_MS 10000  /* a disk that takes nothing for so long is dead */
#define DEAD_PART 5     /* and once one is, the next is waited for a fifth of that */
#define LEAVE_MS 120000 /* a slow one with much to write has so long */

static bool stays_mounted(const char *target)
{
	static const char *const keep[] = {"/", "/proc", "/sys", "/dev", "/run", "/sys/fs/cgroup",
		"/sys/fs/selinux", "/dev/pts"};
	for (unsigned i = 0; i < COUNT(keep); i++)
		if (strcmp(keep[i], target) == 0)
			return true;
	return false;
}

/* ---- what waits for a disk: errands that are given up ---- */

struct leaving {
	/* an errand during which no disk has taken anything for so long is given up */
	uint32_t quiet_ms;
	uint64_t end_ms; /* from then on nothing more is waited for */
	bool feed, dead;
};

/* What is still to be written, or to be read back from swap, in kB. It falls as long as a disk does
 * something: a slow one is waited for, a dead one is not. SwapTotal falls with what is read
 * back. */
static uint64_t unwritten(void)
{
	static const char *const rows[] = {
		"\nDirty:", "\nWriteback:", "\nNFS_Unstable:", "\nSwapTotal:"};
	static char text[4096];
	uint64_t sum = 0, kb;
	struct span rest, word;
	if (sys_read_file(AT_FDCWD, "/proc/meminfo", text, sizeof(text)) < 0)
		return 0;
	for (unsigned i = 0; i < COUNT(rows); i++) {
		rest = span_of(span_behind(text, rows[i]));
		if (span_word(&rest, &word) && num_u64(word, UINT64_MAX / 8, &kb) == 0)
			sum += kb;
	}
	return sum;
}

/* False: it was given up. */
static bool wait_while_written(struct pid1 *s, const struct leaving *l, struct errand *e,
	int *result)
{
	uint64_t least = unwritten();
	uint64_t moved = now_ms();
	while (!errand_back(e, STEP_MS, result)) {
		uint64_t now = now_ms();
		uint64_t left = unwritten();
		if (left < least) {
			least = left;
			moved = now;
		}
		if (now - moved >= l->quiet_ms || now >= l->end_ms)
			return false;
		if (l->feed)
			watchdog_feed(s);
	}
	return true;
}

static int leave_behind(struct pid1 *s, struct leaving *l, const char *what, const char *where,
	errand_work work)
{
	struct errand e;
	if (l->feed) /* many that are quick take long as well */
		watchdog_feed(s);
	int result = errand_begin(&e, work, where, -1);
	if (result < 0)
		return result;
	if (wait_while_written(s, l, &e, &result))
		return result;
	errand_give_up(&e);
	if (!l->dead)
		l->quiet_ms /= DEAD_PART;
	l->dead = true;
	console_say(s, SAY_ERROR, what, where, ": the disk does not answer, going down without it",
		NULL);
	return -ETIMEDOUT;
}

static int work_unmount(const void *target)
{
	return umount2(target, 0) < 0 ? -errno : 0;
}

/* Somebody stays in it. A sync of all may be waiting for another disk. */
static int work_detach(const void *target)
{
	int fd = open(target, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0) {
		syncfs(fd);
		close(fd);
	}
	return umount2(target, MNT_DETACH) < 0 ? -errno : 0;
}

static int work_read_only(const void *target)
{
	return mount(NULL, target, NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0 ? -errno : 0;
}

static int work_swapoff(const void *file)
{
	return swapoff(file) < 0 ? -errno : 0;
}

/* A disk made of a file keeps the file system that holds the file from being unmounted. One that is
 * mounted itself goes with that. */
static int work_loops(const void *unused)
{
	struct dirlist names;
	const char *name;
	int dev = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)unused;
	if (dev < 0)
		return -errno;
	dirlist_start(&names, dev);
	while (dirlist_next(&names, &name) > 0) {
		bool loop = strncmp(name, "loop", strlen("loop")) == 0 && name[strlen("loop")] != '-';
		int fd = loop ? openat(dev, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
		if (fd < 0)
			continue;
		sys_ioctl(fd, LOOP_CLR_FD, NULL); /* ENXIO: it has no file */
		close(fd);
	}
	return 0;
}

/* So does a file that is swapped to. No service is left whose memory would have to be read back,
 * nor a file system in memory that can be unmounted: one that is larger than the memory would
 * make it fail. */
static void end_swap(struct pid1 *s, struct leaving *l)
{
	static char text[SWAPS_MAX];
	char file[512];
	struct span rest, line, word;
	int n = sys_read_file(AT_FDCWD, "/proc/swaps", text, sizeof(text));
	rest = (struct span){text, n > 0 ? (size_t)n : 0};
	span_line(&rest, &line); /* the heading */
	while (now_ms() < l->end_ms && span_line(&rest, &line)) {
		if (!span_word(&line, &word) || span_copy(word, file, sizeof(file)) < 0)
			continue;
		file[span_unescape(file, strlen(file))] = 0;
		int err = leave_behind(s, l, "swapoff: ", file, work_swapoff);
		if (err < 0 && err != -ETIMEDOUT)
			console_say(s, SAY_ERROR, "swapoff: ", file, ": ", err_name(err), NULL);
	}
}

/* The target is the second word of the line, its type the third. True if it is gone. `memory`: if
 * that lies in memory, and nobody needs it. */
static bool unmount_line(struct pid1 *s, struct leaving *l, const char *line, size_t n, bool memory)
{
	char target[512];
	struct span rest = {line, n}, word, type;
	if (!span_word(&rest, &word) || !span_word(&rest, &word) || !span_word(&rest, &type) ||
		span_copy(word, target, sizeof(target)) < 0 || (memory && !span_is(type, "tmpfs")))
		return false;
	target[span_unescape(target, strlen(target))] = 0;
	if (stays_mounted(target) || now_ms() >= l->end_ms)
		return false;
	int err = leave_behind(s, l, "unmount: ", target, work_unmount);
	if (err < 0 && err != -EINVAL && !memory)
		err = leave_behind(s, l, "unmount: ", target, work_detach);
	return err == 0;
}

/* What has no room in the text comes once what is before it is gone. */
static bool unmount_round(struct pid1 *s, struct leaving *l, bool memory)
{
	static char text[MOUNTS_MAX];
	bool any = false;
	int n = sys_read_file(AT_FDCWD, "/proc/self/mounts", text, sizeof(text));
	while (n > 0 && text[n - 1] != '\n') /* a line that is cut off names another place */
		n--;
	for (int end = n; end > 0;) { /* last mounted, first unmounted */
		int start = end - 1;
		while (start > 0 && text[start - 1] != '\n')
			start--;
		any |= unmount_line(s, l, text + start, (size_t)(end - start) - 1, memory);
		end = start;
	}
	return any;
}

/* Half of what is left, so that the machine is down before it is reset. */
static struct leaving how_long(uint32_t given)
{
	uint64_t all = given && given / 2 < LEAVE_MS ? given / 2 : LEAVE_MS;
	uint32_t quiet = all / 4 < QUIET_MS ? (uint32_t)all / 4 : QUIET_MS;
	return (struct leaving){.quiet_ms = quiet, .end_ms = now_ms() + all, .feed = given == 0};
}

void unmount_all(struct pid1 *s, uint32_t left)
{
	struct leaving l = how_long(left);
	leave_behind(s, &l, "sync", "", errand_sync);
	if (container_here()) /* its mounts are its manager's, and end with it */
		return;
	unmount_round(s, &l, true);
	end_swap(s, &l);
	leave_behind(s, &l, "loop devices", "", work_loops);
	for (int idle = 0; idle < IDLE_ROUNDS && now_ms() < l.end_ms;)
		idle = unmount_round(s, &l, false) ? 0 : idle + 1;
	/* the root's own, whatever the others have cost */
	l.end_ms = now_ms() + 2ull * l.quiet_ms;
	/* fails harmlessly where it is read-only already */
	leave_behind(s, &l, "read-only: ", "/", work_read_only);
	leave_behind(s, &l, "sync", "", errand_sync);
}
