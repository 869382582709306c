/* SPDX-License-Identifier: MIT
 * The order in which the walls are raised; tests/unit/cell_order.c checks it. To move a row, refute
 * its reason first.
 */
#include "base/count.h"
#include "base/feature.h"
#include "base/sys.h"
#include "cell/cell.h"
#include "walls/cgroup/cgroup.h"
#include "walls/identity/identity.h"
#include "walls/landlock/landlock.h"
#include "walls/limits/limits.h"
#include "walls/network/network.h"
#include "walls/seccomp/seccomp.h"
#include "walls/selinux/selinux.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KERNEL_SIGNALS 64
#define TTY_GROUP 5 /* by convention, in /etc/group of about every distribution */

/* The kernel's struct, which is not libc's: sizes and order are the same on all architectures
 * that we know, padded generously. */
struct kernel_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

static int set_mask(uint64_t mask)
{
	return syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask)) < 0 ? -errno : 0;
}

static int raise_signals(struct cell *c)
{
	const struct kernel_sigaction fresh = {.handler = SIG_DFL};
	/* By number and not by libc, which keeps three signals to itself. What PID 1 ignores
	 * (SIGPIPE) would be ignored in the service too. */
	for (int n = 1; n <= KERNEL_SIGNALS; n++)
		if (n != SIGKILL && n != SIGSTOP &&
			syscall(SYS_rt_sigaction, n, &fresh, NULL, sizeof(fresh.mask)) < 0)
			return wall_failed(&c->why, -errno, "rt_sigaction");
	int err = set_mask(~0ull);
	return err < 0 ? wall_failed(&c->why, err, "rt_sigprocmask") : 0;
}

/* A service that may use keys (@keyring) would have that of whoever started PID 1, which all
 * services would share. */
static int raise_keyring(struct cell *c)
{
	long r = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0l, 0l, 0l);
	/* ENOSYS: this kernel has no keys, so there is nothing to be seen. */
	return r < 0 && errno != ENOSYS ? wall_failed(&c->why, -errno, "session keyring") : 0;
}

static int raise_plan(struct cell *c)
{
#define WALL_SIZE(NAME, name) [WALL_##NAME] = sizeof(struct name##_plan),
	static const size_t sizes[WALL_COUNT] = {PLAN_WALLS(WALL_SIZE)};
	c->wall_size = sizes;
	return cell_plan(c);
}

static int raise_proc(struct cell *c)
{
	c->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (c->proc < 0)
		return wall_failed(&c->why, -errno, "/proc");
	/* It would be the service's standard input and so pass its execve: PID 1 had no /dev/null to
	 * hand over. */
	return c->proc <= STDERR_FILENO ? wall_failed(&c->why, -EBADF, "standard descriptors") : 0;
}

static int raise_cgroup(struct cell *c)
{
	return cgroup_enter(&c->plan, c->cgroup, CELL_FD_CGROUP, c->join, &c->why);
}

static int raise_namespaces(struct cell *c)
{
	static const struct {
		uint32_t own, flag;
	} cloned[] = {{NS_PID, CLONE_NEWPID}, {NS_IPC, CLONE_NEWIPC}, {NS_UTS, CLONE_NEWUTS}};
	for (size_t i = 0; i < COUNT(cloned); i++)
		if (c->namespaces->own & cloned[i].own && !(c->service->clone_flags & cloned[i].flag))
			return wall_failed(&c->why, -EINVAL, "not all of them are in the flags of the clone");
	if (c->namespaces->own & NS_PID && getpid() != 1)
		return wall_failed(&c->why, -EINVAL, "this is not the first process of a pid namespace");
	return namespaces_enter(&c->plan, c->namespaces, c->proc, &c->why);
}

/* DirectoryContext: nothing without a policy, which the label's own step tells. */
static int directory_label(struct cell *c, struct filesystem_label *label)
{
	const char *text = CONFIG_SELINUX ? selinux_directory_label(&c->plan, c->selinux) : NULL;
	int on = text ? selinux_in_force(c->proc, &c->why) : 0;
	*label = (struct filesystem_label){on > 0 ? text : NULL, c->selinux->flags & SELINUX_REQUIRED};
	return on < 0 ? on : 0;
}

static int raise_directories(struct cell *c)
{
	struct filesystem_label label;
	int err = directory_label(c, &label);
	if (err < 0)
		return err;
	bool first = c->list == EXEC_PRE ||
		(c->list == EXEC_START && c->service->exec[EXEC_PRE].count == 0);
	return filesystem_make_directories(&c->plan, &c->view, first && c->index == 0, &label, &c->why);
}

static int raise_filesystem(struct cell *c)
{
	uint32_t base = c->namespaces->own & NS_USER ? c->namespaces->id_base : 0;
	char notify[sizeof(NOTIFY_DIRECTORY "/") + CONFIG_MAX_NAME];
	struct filesystem_owner owner = {c->identity->kernel_uid, c->identity->kernel_gid,
		base + TTY_GROUP, notify, {0}};
	if (c->view.flags & FS_HOST_MOUNTS)
		return 0;
	cell_notify_path(c, "", notify, sizeof(notify));
	int err = directory_label(c, &owner.label);
	if (err < 0)
		return err;
	return filesystem_enter(&c->plan, &c->view, &owner, &c->why);
}

static int raise_limits(struct cell *c)
{
	return limits_apply(&c->plan, c->limits, c->proc, &c->why);
}

/* clang-format off */
const struct cell_step cell_steps_before[] = {
	{"signals", raise_signals, "first: a signal from PID 1 that comes while the walls rise waits, blocked, for the reaper"},
	{"plan", raise_plan, "everything below reads it"},
	{"keyring", raise_keyring, "as the host's root, whose share of keys no service can use up; before any process of the service is there"},
	{"proc", raise_proc, "oom_score_adj, id maps and the label are written through the host's /proc, gone once the mounts change"},
	{"cgroup", raise_cgroup, "before the cgroup namespace, whose root is the group it is made in; with the host's /dev, where disks and devices are looked up"},
	{"directories", raise_directories, "on the host's tree, still writable here, before copies of them are taken; what is made counts as the service's memory"},
	{"environment", cell_environment, "files are the host's, and may lie in a directory of the service"},
	{"stdio", cell_stdio, "files may lie in a directory of the service; later one open for writing would keep the tree from being sealed"},
	{"namespaces", raise_namespaces, "the process is in its cgroup by now, which so becomes the root of its cgroup namespace"},
	{"network", cell_network, "needs power over the host's network and over the namespace, and the host's /run; one of its own user namespace comes with that"},
	{"filesystem", raise_filesystem, "needs the host's root: device nodes, /proc of the new pid namespace, mounts that the service can't undo"},
	{"limits", raise_limits, "raising a limit or priority needs the host's root; after all that opens many files. The service inherits them"},
	{0},
};
/* clang-format on */

static int raise_session(struct cell *c)
{
	int err = cell_terminal(c);
	if (err < 0)
		return err;
	c->attr_exec = CONFIG_SELINUX ? selinux_open(c->proc, &c->why) : -ENOENT;
	return c->attr_exec < 0 && c->attr_exec != -ENOENT ? c->attr_exec : 0;
}

static int raise_bounding(struct cell *c)
{
	return capabilities_bound(c->capabilities, &c->why);
}

static int raise_ids(struct cell *c)
{
	return identity_apply(&c->plan, c->identity, c->id_shift, &c->why);
}

static int raise_directory(struct cell *c)
{
	const char *path = plan_text(&c->plan, c->service->working_directory);
	return path[0] && chdir(path) < 0 ? wall_failed(&c->why, -errno, path) : 0;
}

static int raise_capabilities(struct cell *c)
{
	return capabilities_finish(c->capabilities, &c->why);
}

static int raise_parent(struct cell *c)
{
	/* In its own pid namespace the service can't outlive the reaper anyhow. */
	if (c->namespaces->own & NS_PID)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0ul, 0ul, 0ul) < 0)
		return wall_failed(&c->why, -errno, "parent's death signal");
	/* It may have died before the call, and then nothing would come. */
	return getppid() == c->reaper ? 0 : wall_failed(&c->why, -ESRCH, "the reaper is gone");
}

static int raise_label(struct cell *c)
{
	return CONFIG_SELINUX ? selinux_apply(&c->plan, c->selinux, c->attr_exec, &c->why) : 0;
}

static int raise_mask(struct cell *c)
{
	int err = set_mask(0);
	return err < 0 ? wall_failed(&c->why, err, "rt_sigprocmask") : 0;
}

static int raise_no_new_privs(struct cell *c)
{
	return capabilities_no_new_privs(c->capabilities, &c->why);
}

static int raise_landlock(struct cell *c)
{
	if (CONFIG_LANDLOCK)
		return c->landlock ? landlock_apply(&c->plan, c->landlock, &c->why) : 0;
	/* By default, and by a plan whose lines say nothing of it: as with a kernel that does not
	 * have it. */
	if (c->landlock && c->landlock->flags & LANDLOCK_REQUIRED)
		return wall_left_out(&c->why, OPTIONAL_LANDLOCK, feature_name(OF(LANDLOCK)));
	c->why.absent |= c->landlock ? (uint32_t)OPTIONAL_LANDLOCK : 0;
	return 0;
}

static int raise_seccomp(struct cell *c)
{
	if (CONFIG_LEARN && c->learn)
		return cell_learn(c);
	int err = c->service->flags & SERVICE_MDWE ? seccomp_deny_exec_gain(&c->why) : 0;
	return err < 0 ? err : seccomp_wall_apply(&c->plan, c->seccomp, &c->why);
}

/* clang-format off */
const struct cell_step cell_steps_after[] = {
	{"session", raise_session, "only the process itself can; its label's file too is its own alone, and opening it is easier with power"},
	{"arguments", cell_arguments, "its pid is known; nothing to do with any wall"},
	{"bounding set", raise_bounding, "entering a user namespace has filled it, so dropping it earlier would be lost; needs CAP_SETPCAP"},
	{"ids", raise_ids, "needs CAP_SETUID and CAP_SETGID, which go next"},
	{"working directory", raise_directory, "as the service's user: no power may lead into a directory that is closed to it"},
	{"capabilities", raise_capabilities, "after the change of ids, which needed them; the ambient set survives only a change made before"},
	{"parent", raise_parent, "a change of ids clears it"},
	{"label", raise_label, "after all that the domain of the cell did; before no_new_privs and the filter, which may forbid the write"},
	{"descriptors", cell_descriptors, "the label's file was the last one needed"},
	{"signal mask", raise_mask, "from here on a signal may end the process; all that could be left half done is done"},
	{"no_new_privs", raise_no_new_privs, "the filter needs it, and execve is to see it"},
	{"landlock", raise_landlock, "wants no_new_privs; in the service's view and as its user, where its paths mean the same as to the service"},
	{"seccomp", raise_seccomp, "last: everything above makes calls that the service may not"},
	{"exec", cell_exec, "the only call the filter has to allow for our sake"},
	{0},
};
/* clang-format on */

int cell_run(struct cell *c, const struct cell_step *steps)
{
	for (; steps->name; steps++) {
		c->step = steps->name;
		c->why.text[0] = '\0';
		c->why.optional = c->service ? c->service->optional_walls : 0;
		int err = steps->raise(c);
		if (err < 0)
			return err;
	}
	return 0;
}
