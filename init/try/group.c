/* SPDX-License-Identifier: MIT
 * The service's control group: below the root of cgroup v2, wherever that is mounted, or, where
 * only version 1 is, in a mount of our own. It is called after our pid and goes when we go.
 */
#include "base/count.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/sys.h"
#include "try/try.h"
#include "walls/cgroup/cgroup.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define CGROUP2_MAGIC 0x63677270 /* linux/magic.h: CGROUP2_SUPER_MAGIC */
#define REMOVE_TURNS 200         /* of 10 ms */

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

int group_make(struct trial *t)
{
	const struct cgroup_plan *c = plan_wall(&t->plan, t->service, WALL_CGROUP, sizeof(*c));
	struct wall_why why = {.optional = t->service->optional_walls};
	uint32_t enabled;
	struct fmt f;
	if (!c) {
		try_say("the plan has no cgroup for it");
		return -EINVAL;
	}
	fmt_init(&f, t->group_name, sizeof(t->group_name));
	fmt_str(&f, "bulkhead-try-");
	fmt_i64(&f, getpid());
	int err = cgroup_enable(t->cgroup_root, c->controllers, &enabled);
	if (err == 0)
		err = cgroup_make(&t->plan, c, t->cgroup_root, t->cgroup_root, t->group_name, &t->group,
			&why);
	if (err < 0)
		try_say("wall failed: cgroup: %s: %s", err_name(err), why.text);
	else
		try_say_absent(why.absent);
	return err;
}

int group_prepare(struct trial *t, bool *join)
{
	const struct cgroup_plan *c = plan_wall(&t->plan, t->service, WALL_CGROUP, sizeof(*c));
	struct wall_why why = {.optional = t->service->optional_walls};
	bool others = t->main.pid || t->other.pid || cgroup_populated(t->group) > 0;
	*join = others || t->killed; /* as PID 1 does it, and for the same reasons (pid1/group.h) */
	int err = others || !c ? 0 : cgroup_lift(&t->plan, c, t->group, &why);
	if (err < 0)
		try_say("wall failed: cgroup: %s: %s", err_name(err), why.text);
	return err;
}

void group_kill(struct trial *t)
{
	if (t->group < 0)
		return;
	t->killed = true;
	cgroup_kill(t->group);
}

/* Killed processes leave the group when they have been reaped; until then it can't be removed. */
void group_remove(struct trial *t)
{
	const struct timespec nap = {.tv_nsec = 10000000};
	if (t->group < 0)
		return;
	group_kill(t);
	for (int turn = 0; turn < REMOVE_TURNS && cgroup_populated(t->group) == 1; turn++)
		nanosleep(&nap, NULL);
	int err = cgroup_remove(t->cgroup_root, t->group_name);
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
