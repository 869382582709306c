/* SPDX-License-Identifier: MIT
 * Readiness without PID 1: in a mount namespace of ours an empty /run/bulkhead takes the place of
 * what may be there, with a socket of ours where the cell looks for PID 1's. The host sees none of
 * it.
 */
#include "engine/readiness.h"
#include "try/try.h"
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define RUN_DIRECTORY "/run/bulkhead"

static int make_socket(struct trial *t)
{
	if (mkdir(RUN_DIRECTORY, 0755) < 0 && errno != EEXIST)
		return -errno;
	if (mount("tmpfs", RUN_DIRECTORY, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
			"mode=755,size=64k") < 0)
		return -errno;
	int err = readiness_places();
	if (err == 0)
		t->notify = readiness_socket(&t->plan, t->service);
	return err < 0 ? err : t->notify < 0 ? t->notify : 0;
}

int view_open(struct trial *t)
{
	int err = 0;
	/* Slave: what is mounted on the host later still shows here, and nothing of ours shows
	 * there. */
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		err = -errno;
	if (err == 0 && plan_notifies(t->service))
		err = make_socket(t);
	if (err < 0)
		try_say("readiness socket: %s", strerror(-err));
	return err;
}
