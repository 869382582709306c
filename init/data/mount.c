/* SPDX-License-Identifier: MIT
 * The data partition: see data.h. It is never formatted here: a partition that cannot be mounted
 * may hold all the data of the device's owner.
 */
#include "base/span.h"
#include "base/sys.h"
#include "data/data.h"
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <time.h>

#define NAP_MS 20
#define NAPS 500 /* 10 s: cards and USB disks are found while PID 1 is at work already */

static void wait_for_device(const char *device)
{
	const struct timespec nap = {0, NAP_MS * 1000000};
	struct stat st;
	for (int i = 0; i < NAPS && stat(device, &st) < 0 && errno == ENOENT; i++)
		nanosleep(&nap, NULL);
}

/* A file system fresh from its maker has no labels: its root gets that of the directory it is
 * mounted on. */
static void label_root(const char *target, const char *label)
{
	char now[256];
	data_label(target, now, sizeof(now));
	if (*label && strcmp(now, label) != 0 &&
		lsetxattr(target, "security.selinux", label, strlen(label) + 1, 0) < 0)
		data_say(DATA_ERROR, errno, target, ": cannot be labelled ", label, NULL);
}

/* There already: the initramfs has mounted it, or PID 1 has lost its state and boots anew. */
static bool is_partition(const char *device, const char *target)
{
	struct stat here, disk;
	return sys_is_mount(target) && stat(target, &here) == 0 && stat(device, &disk) == 0 &&
		S_ISBLK(disk.st_mode) && here.st_dev == disk.st_rdev;
}

bool data_is_mounted(const char *target, unsigned long type)
{
	struct statfs st;
	return sys_is_mount(target) && statfs(target, &st) == 0 && (unsigned long)st.f_type == type;
}

/* Some (ubifs, btrfs) have a number of their own, not their device's. The kernel mounts none twice
 * at one place: EBUSY says that it is the same. */
static bool is_nameless(const char *target)
{
	struct stat here;
	return sys_is_mount(target) && stat(target, &here) == 0 && major(here.st_dev) == 0 &&
		!data_is_mounted(target, TMPFS_MAGIC);
}

/* Who has mounted it may not have asked for all of it. */
static bool restrict_to(const char *target, unsigned long flags)
{
	if (mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | flags, NULL) < 0)
		data_say(DATA_ERROR, errno, "data partition: ", target,
			" keeps the options that it is mounted with", NULL);
	return true;
}

bool data_mount(const struct plan *p, const struct plan_mount *m)
{
	const char *device = plan_text(p, m->source), *target = plan_text(p, m->target),
			   *type = plan_text(p, m->type);
	const char *options = plan_text(p, m->options);
	char label[256];
	if (!*target)
		return false;
	if (is_partition(device, target))
		return restrict_to(target, m->flags);
	/* said when it was laid there */
	if (m->extra & MOUNT_OR_TMPFS && data_is_mounted(target, TMPFS_MAGIC))
		return false;
	data_label(target, label, sizeof(label));
	if (span_starts(span_of(device), "/dev/"))
		wait_for_device(device);
	if (mount(device, target, type, m->flags | MS_NOSUID | MS_NODEV, *options ? options : NULL) ==
		0) {
		label_root(target, label);
		return true;
	}
	if (errno == EBUSY && is_nameless(target))
		return restrict_to(target, m->flags);
	data_say(DATA_ERROR, errno, "data partition: ", device, " (", type, ") is not mounted on ",
		target, NULL);
	if (!(m->extra & MOUNT_OR_TMPFS))
		return false;
	if (mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=25%") < 0) {
		data_say(DATA_ERROR, errno, target, ": nor is a tmpfs in its place", NULL);
		return false;
	}
	label_root(target, label);
	data_say(DATA_ERROR, 0, target,
		" is memory: what is written there is lost when the device goes down", NULL);
	return false;
}
