/* SPDX-License-Identifier: MIT
 * What a trial takes of the host, and leaves as it was. The service's control group: below the root
 * of cgroup v2, wherever that is mounted, or, where only version 1 is, in a mount of our own; it is
 * called after our pid and goes when we go. Readiness without PID 1: in a mount namespace of ours
 * an empty /run/bulkhead takes the place of what may be there, with a socket of ours where the
 * cell looks for PID 1's.
 */
#include "base/count.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/sys.h"
#include "engine/group.h"
#include "engine/readiness.h"
#include "try/try.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define RUN_DIRECTORY "/run/bulkhead"
#define CGROUP2_MAGIC 0x63677270 /* linux/magic.h: CGROUP2_SUPER_MAGIC */
#define REMOVE_MS 2000
#define NAP_MS 10
#define MOST_NAMES 1000

static int open_mounted(const char *path)
{
	struct statfs st;
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && fstatfs(fd, &st) == 0 && st.f_type == CGROUP2_MAGIC)
		return fd;
	if (fd >= 0)
		close(fd);
	return -ENOENT;
}

/* One that nobody else sees: the hierarchy is there although nobody has mounted it. */
static int mount_own(void)
{
	int fs = sys_fsopen("cgroup2", FSOPEN_CLOEXEC);
	if (fs < 0)
		return fs;
	int err = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (err == 0)
		err = sys_fsmount(fs, FSMOUNT_CLOEXEC, 0);
	close(fs);
	return err;
}

static int open_root(void)
{
	static const char *const places[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	for (size_t i = 0; i < COUNT(places); i++) {
		int fd = open_mounted(places[i]);
		if (fd >= 0)
			return fd;
	}
	return mount_own();
}

int group_open_root(struct trial *t)
{
	t->cgroup_root = open_root();
	if (t->cgroup_root < 0)
		try_say("this kernel has no cgroup v2 (%s), and a service is its cgroup",
			err_name(t->cgroup_root));
	return t->cgroup_root < 0 ? t->cgroup_root : 0;
}

/* Not one that stands: in another PID namespace another trial has our pid, and one that was killed
 * has left its group. */
static int claim_name(struct trial *t)
{
	for (unsigned n = 1; n <= MOST_NAMES; n++) {
		struct fmt f;
		fmt_init(&f, t->group_name, sizeof(t->group_name));
		fmt_str(&f, "bulkhead-try-");
		fmt_i64(&f, getpid());
		if (n > 1) {
			fmt_char(&f, '-');
			fmt_u64(&f, n);
		}
		if (mkdirat(t->cgroup_root, t->group_name, 0755) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

int group_make(struct trial *t)
{
	const struct cgroup_plan *c = group_plan(&t->plan, t->service);
	struct wall_why why = {.optional = t->service->optional_walls};
	uint32_t enabled;
	if (!c) {
		try_say("the plan has no cgroup for it");
		return -EINVAL;
	}
	int err = claim_name(t);
	if (err < 0) {
		try_say("wall failed: cgroup: %s: mkdir %s", err_name(err), t->group_name);
		return err;
	}
	err = cgroup_enable(t->cgroup_root, c->controllers, &enabled);
	if (err == 0)
		err = cgroup_make(&t->plan, c, t->cgroup_root, t->cgroup_root, t->group_name, &t->group,
			&why);
	if (err < 0) {
		try_say("wall failed: cgroup: %s: %s", err_name(err), why.text);
		cgroup_remove(t->cgroup_root, t->group_name);
	} else {
		try_say_absent(why.absent);
	}
	return err;
}

void group_kill(struct trial *t)
{
	if (t->group < 0)
		return;
	t->killed = true;
	group_end(t->group);
}

/* Killed processes leave the group when they have been reaped; until then it can't be removed. */
int group_remove_at(int root, int group, const char *name, int ms)
{
	const struct timespec nap = {.tv_nsec = NAP_MS * 1000000};
	for (int turn = 0; turn < ms / NAP_MS && cgroup_populated(group) == 1; turn++)
		nanosleep(&nap, NULL);
	return cgroup_remove(root, name);
}

void group_remove(struct trial *t)
{
	if (t->group < 0)
		return;
	group_kill(t);
	int err = group_remove_at(t->cgroup_root, t->group, t->group_name, REMOVE_MS);
	if (err < 0)
		try_say("its group %s could not be removed: %s", t->group_name, err_name(err));
	close(t->group);
	t->group = -1;
}

bool group_read(const struct trial *t, const char *file, uint64_t *value)
{
	char text[64];
	if (t->group < 0 || sys_read_file(t->group, file, text, sizeof(text)) < 0)
		return false;
	return num_u64((struct span){text, strcspn(text, "\n")}, UINT64_MAX, value) == 0;
}

/* ---- its view ---- */

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
	/* neither its propagation nor its attributes can be set, nor a user namespace be made */
	if (!sys_is_mount("/")) {
		try_say(
			"/ is no mount point, as in a chroot: walls need a root of their own (pivot_root(8))");
		return -EINVAL;
	}
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
