/* SPDX-License-Identifier: MIT
 * Ways to gain power: other ids, capabilities, programs that carry them.
 */
#include "escape.h"
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static int become_root(void)
{
	if (getuid() == 0 && setresuid(1, 1, 0))
		return blocked("setresuid to another");
	if (setresuid(0, 0, 0) == 0)
		return escaped("uid 0");
	return blocked("setresuid");
}

/* For root outside: to anybody. Inside there is nobody else to become. */
static int become_other(void)
{
	uid_t to = getuid() == 65534 ? 65533 : 65534;
	return unless("setuid", syscall(SYS_setuid, to));
}

static int other_group(void)
{
	return unless("setgid", syscall(SYS_setgid, getgid() == 65534 ? 65533 : 65534));
}

static int more_groups(void)
{
	gid_t g[] = {5};
	return unless("setgroups", syscall(SYS_setgroups, 1, g));
}

static int no_groups(void)
{
	return unless("setgroups", syscall(SYS_setgroups, 0, NULL));
}
static int files_as_root(void)
{
	uid_t other = getuid() ? 0 : 12345;
	syscall(SYS_setfsuid, other);
	/* It answers with the id before; asked again, with what is in force. */
	long now = syscall(SYS_setfsuid, -1);
	return now == (long)other ? escaped("setfsuid")
		: now < 0             ? blocked("setfsuid")
							  : blocked_by("setfsuid", "it stays");
}

static int has_any(void)
{
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2] = {{0}};
	if (syscall(SYS_capget, &h, d))
		return blocked("capget");
	return d[0].permitted || d[1].permitted || d[0].inheritable || d[1].inheritable
		? escaped("it has capabilities")
		: blocked_by("capget", "all sets are empty");
}

static int raise_caps(void)
{
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2] = {{1u << CAP_SYS_ADMIN, 1u << CAP_SYS_ADMIN, 0}, {0, 0, 0}};
	return unless("capset", syscall(SYS_capset, &h, d));
}

static int raise_ambient(void)
{
	return unless("PR_CAP_AMBIENT", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
}

static int has_bounding(void)
{
	for (int c = 0; c <= 40; c++)
		if (prctl(PR_CAPBSET_READ, c, 0, 0, 0) == 1)
			return escaped("the bounding set is not empty");
	return blocked_by("PR_CAPBSET_READ", "the bounding set is empty");
}

static int set_securebits(void)
{
	return unless("PR_SET_SECUREBITS", prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0));
}

static int allow_new_privs(void)
{
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0)
		return escaped("no_new_privs is not set");
	return unless("PR_SET_NO_NEW_PRIVS 0", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static int run_powerful(const char *path)
{
	int status = run_again(path, "--power");
	if (status < 0) {
		errno = -status;
		return blocked(path);
	}
	if (status > 3)
		return blocked_by(path, "it could not say");
	return status ? escaped(path) : blocked_by(path, "ran without any more power");
}

/* Outside, from somebody without power, or there is nothing to gain. */
static void be_nobody(void)
{
	if (getuid() == 0 && setgroups(0, NULL) == 0 && setgid(65534) == 0)
		(void)!setuid(65534);
}

static int run_setuid(void)
{
	be_nobody();
	return run_powerful(VICTIM_SETUID);
}

static int run_capable(void)
{
	be_nobody();
	return run_powerful(VICTIM_CAPABLE);
}

static int make_setuid(void)
{
	int fd = open("/tmp/escape-suid", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	if (fd < 0 || fchown(fd, 0, 0))
		return blocked("fchown to root");
	if (fchmod(fd, 04755))
		return blocked("fchmod");
	return getuid() == 0 ? blocked_by("fchmod", "root's own file, and the mount is nosuid")
						 : escaped("a set-user-ID program of root's");
}

static int give_away(void)
{
	int fd = open("/tmp/escape-chown", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	return unless("fchown", fchown(fd, getuid() + 1, getgid() + 1));
}

static int make_capable(void)
{
	struct vfs_cap_data caps = {.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
		.data = {{~0u, 0}, {0, 0}}};
	int fd = open("/tmp/escape-capable", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	return unless("security.capability",
		fsetxattr(fd, "security.capability", &caps, sizeof(caps), 0));
}

static int make_trusted(void)
{
	int fd = open("/tmp/escape-trusted", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	return unless("trusted.escape", fsetxattr(fd, "trusted.escape", "x", 1, 0));
}

static int make_immutable(void)
{
	int flags = FS_IMMUTABLE_FL,
		fd = open("/tmp/escape-immutable", O_RDWR | O_CREAT | O_CLOEXEC, 0755);
	return unless("FS_IOC_SETFLAGS", ioctl(fd, FS_IOC_SETFLAGS, &flags));
}

static int map_ids(void)
{
	return unless("/proc/self/uid_map", write_file("/proc/self/uid_map", "0 0 1\n"));
}

const struct probe power_probes[] = {
	{"become-root", "uid 0", become_root, OUTSIDE},
	{"become-other", "another uid", become_other, OUTSIDE},
	{"become-group", "another gid", other_group, OUTSIDE},
	{"setgroups", "another group", more_groups, OUTSIDE},
	{"setgroups-none", "no groups, where a group is kept out", no_groups, OUTSIDE},
	{"setfsuid", "files as somebody else", files_as_root, OUTSIDE},
	{"has-capabilities", "any capability at all", has_any, OUTSIDE},
	{"has-bounding", "anything in the bounding set", has_bounding, OUTSIDE},
	{"capset", "CAP_SYS_ADMIN", raise_caps, OUTSIDE},
	{"ambient", "an ambient capability", raise_ambient, 0},
	{"securebits", "securebits", set_securebits, OUTSIDE},
	{"no-new-privs", "no_new_privs taken back", allow_new_privs, OUTSIDE},
	{"run-setuid", "a set-user-ID program of the image", run_setuid, OUTSIDE},
	{"run-capable", "a program with file capabilities", run_capable, OUTSIDE},
	{"make-setuid", "a set-user-ID program of root's made here", make_setuid, 0},
	{"give-away", "a file given to somebody else", give_away, OUTSIDE},
	{"make-capable", "a program with file capabilities made here", make_capable, OUTSIDE},
	{"make-trusted", "a trusted attribute", make_trusted, OUTSIDE},
	{"make-immutable", "a file that nobody can remove", make_immutable, 0},
	{"uid-map", "the map of ids", map_ids, 0},
	{0},
};
