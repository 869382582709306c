/* SPDX-License-Identifier: MIT
 * File systems that fstab names: see fstab.h. */
#include "pid1/boot/fstab.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "base/own.h"
#include "base/span.h"
#include "base/sys.h"
#include "pid1/console.h"
#include "pid1/errand.h"
#include "pid1/reboot.h"
#include "pid1/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define MOUNT_MS 30000u  /* one line: a journal may have to be read */
#define MOUNTS_MS 60000u /* all of them */
#define PATH_BYTES 1024
#define NAP_MS 20
#define LATE_MS 10000u /* for the devices of all lines: they come side by side */

/* Those that a view of a file system has of its own, with the numbers that statfs(2) has too. */
#define VIEW (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME)

struct line {
	const struct plan *p;
	const struct plan_mount *m;
	uint64_t late_ms; /* until then a device may come */
	bool again;
};

/* ---- in the child ---- */

static int failed(int err, const char *what)
{
	errand_tell(what, ": ", err_name(err), ": ", err_text(err), NULL);
	return -err;
}

/* Where a link leads is known by a descriptor. */
static int find_real(const char *path, char real[PATH_BYTES])
{
	char link[FMT_OWN_FD];
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	fmt_own_fd(link, fd);
	ssize_t n = readlink(link, real, PATH_BYTES);
	int err = n < 0 ? -errno : n == PATH_BYTES ? -ENAMETOOLONG : 0;
	close(fd);
	if (err == 0)
		real[n] = 0;
	return err;
}

/* Whether a mount on `real` hides `directory`, which may be a link itself. */
static bool hides(const char *real, const char *directory)
{
	char kept[PATH_BYTES];
	return *directory && find_real(directory, kept) == 0 &&
		span_below(span_of(kept), span_of(real));
}

/* What the device is to keep must be found again: the compiler sees a line that says so, but not a
 * link. The directory of DataPartition or of an Overlay, or NULL. */
static const char *find_hidden(const struct line *l, const char *real)
{
	const struct plan_machine *m = &plan_header(l->p)->machine;
	const struct plan_overlay *o = plan_elements(l->p, m->overlays, sizeof(*o));
	if (hides(real, plan_text(l->p, m->data.target)))
		return plan_text(l->p, m->data.target);
	for (uint32_t i = 0; o && i < m->overlays.count; i++)
		if (hides(real, plan_text(l->p, o[i].target)))
			return plan_text(l->p, o[i].target);
	return NULL;
}

/* A directory that is bound to itself shows what was there. */
static bool shows_the_same(const struct line *l, const char *real)
{
	char source[PATH_BYTES];
	return l->m->flags & MS_BIND && find_real(plan_text(l->p, l->m->source), source) == 0 &&
		strcmp(source, real) == 0;
}

static int look_at_target(const struct line *l, const char *target)
{
	char real[PATH_BYTES];
	const char *what = NULL;
	int err = find_real(target, real);
	if (err < 0)
		return failed(-err, "the directory");
	enum own own = own_look(span_of(real), &what);
	if (own != OWN_NOT && !(own == OWN_MOUNT && l->m->flags & MS_REMOUNT)) {
		errand_tell("it leads to ", real, ", and nothing may be mounted over bulkhead's own files",
			NULL);
		return -EBUSY;
	}
	if (l->m->flags & MS_REMOUNT || shows_the_same(l, real))
		return 0;
	what = find_hidden(l, real);
	if (!what)
		return 0;
	errand_tell("it leads to ", real, ", and would hide DataPartition or Overlay on ", what, NULL);
	return -EBUSY;
}

/* The kernel takes a view's flags in a second call; those that it has already stay. */
static int narrow(const char *target, unsigned long flags)
{
	struct statfs st;
	int err = statfs(target, &st) < 0 ? errno : 0;
	flags = (flags & ~(unsigned long)MS_REC) | MS_REMOUNT | MS_BIND;
	if (err == 0) {
		flags |= (unsigned long)st.f_flags & VIEW;
		flags |= st.f_flags & STATFS_NOSYMFOLLOW ? MS_NOSYMFOLLOW : 0;
	}
	if (err == 0 && mount(NULL, target, NULL, flags, NULL) < 0)
		err = errno;
	if (err == 0)
		return 0;
	umount2(target, MNT_DETACH); /* wider than asked for it does not stay */
	return failed(err, "its options");
}

/* Cards and USB disks are found while PID 1 is at work already. What may be missing is not waited
 * for. */
static void wait_for_device(const struct line *l)
{
	const char *source = plan_text(l->p, l->m->source);
	if (strncmp(source, "/dev/", 5) != 0 || l->m->extra & MOUNT_NOFAIL || l->m->flags & MS_BIND)
		return;
	while (now_ms() < l->late_ms && access(source, F_OK) < 0 && errno == ENOENT)
		reboot_nap(NAP_MS);
}

static int mount_line(const struct line *l, const char *target)
{
	const char *source = plan_text(l->p, l->m->source), *type = plan_text(l->p, l->m->type);
	const char *options = plan_text(l->p, l->m->options);
	if (mount(source, target, type, l->m->flags, *options ? options : NULL) == 0)
		return l->m->flags & MS_BIND && l->m->flags & (VIEW | MS_NOSYMFOLLOW)
			? narrow(target, l->m->flags)
			: 0;
	int err = errno;
	if (err == ENOENT && source[0] == '/' && access(source, F_OK) < 0)
		return failed(ENOENT, source);
	if (err == ENODEV)
		errand_tell("ENODEV: the kernel has no file system ", type, NULL);
	return -err;
}

static int work_mount(const void *arg)
{
	const struct line *l = arg;
	const char *target = plan_text(l->p, l->m->target);
	if (mkdir(target, 0755) < 0 && errno != EEXIST)
		return failed(errno, "the directory cannot be made");
	if (l->again && !(l->m->flags & MS_REMOUNT) && sys_is_mount(target))
		return -EBUSY; /* a second one would hide what has been written to the first */
	wait_for_device(l);
	int err = look_at_target(l, target);
	return err < 0 ? err : mount_line(l, target);
}

/* ---- PID 1 ---- */

static void mount_one(struct pid1 *s, const struct line *l, uint64_t end_ms)
{
	const struct plan_mount *m = l->m;
	const char *target = plan_text(l->p, m->target);
	char told[ERRAND_TOLD];
	uint64_t now = now_ms();
	uint64_t left = end_ms > now ? end_ms - now : 0;
	int err = errand_run_told(s, work_mount, l, left < MOUNT_MS ? (uint32_t)left : MOUNT_MS, told,
		sizeof(told));
	if (err == -ETIMEDOUT) { /* said of a line with nofail too: what waits for it shall be known */
		console_say(s, SAY_ERROR, "fstab: ", target,
			": ETIMEDOUT: took too long, going on without it", NULL);
		return;
	}
	bool silent = err == -EBUSY ? !told[0]
								: m->extra & MOUNT_NOFAIL; /* mounted already is no failure */
	if (err == 0 || silent)
		return;
	if (told[0])
		console_say(s, SAY_ERROR, "fstab: ", target, ": ", told, NULL);
	else
		console_say(s, SAY_ERROR, "fstab: ", target, ": ", err_name(err), ": ", err_text(err),
			NULL);
}

void fstab_mount(struct pid1 *s, const struct plan *p, bool again)
{
	const struct plan_list list = plan_header(p)->machine.mounts;
	const struct plan_mount *mounts = plan_elements(p, list, sizeof(*mounts));
	const uint64_t begin_ms = now_ms();
	for (uint32_t i = 0; mounts && i < list.count; i++) {
		const struct line l = {p, &mounts[i], begin_ms + LATE_MS, again};
		mount_one(s, &l, begin_ms + MOUNTS_MS);
	}
}
