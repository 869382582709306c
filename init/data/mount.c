/* SPDX-License-Identifier: MIT
 * The data partition: see data.h. It is never made here: a partition that cannot be mounted may
 * hold all that a device's owner has.
 */
#include "base/span.h"
#include "data/data.h"
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>

#define NAP_MS 20
#define NAPS 500 /* 10 s: cards and USB disks are found while PID 1 is at work already */

static void wait_for(const char *device)
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
	if (*label && strcmp(now, label) != 0 && lsetxattr(target, "security.selinux", label, strlen(label) + 1, 0) < 0)
		data_say(DATA_ERROR, errno, target, ": cannot be labelled ", label, NULL);
}

bool data_mount(const struct plan *p, const struct plan_mount *m)
{
	const char *device = plan_text(p, m->source), *target = plan_text(p, m->target), *type = plan_text(p, m->type);
	const char *options = plan_text(p, m->options);
	char label[256];

	if (!*target)
		return false;
	data_label(target, label, sizeof(label));
	if (span_starts(span_of(device), "/dev/"))
		wait_for(device);
	if (mount(device, target, type, m->flags | MS_NOSUID | MS_NODEV, *options ? options : NULL) == 0) {
		label_root(target, label);
		return true;
	}
	data_say(DATA_ERROR, errno, "data partition: ", device, " (", type, ") is not mounted on ", target, NULL);
	if (!(m->extra & MOUNT_OR_TMPFS))
		return false;
	if (mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=25%") < 0) {
		data_say(DATA_ERROR, errno, target, ": nor is a tmpfs in its place", NULL);
		return false;
	}
	label_root(target, label);
	data_say(DATA_ERROR, 0, target, " is memory: what is written there is lost when the device goes down", NULL);
	return false;
}
