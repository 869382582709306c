/* SPDX-License-Identifier: MIT
 * The SELinux loader: see policy.h. The order is config, mode, policy, labels. The mode is set
 * before the load, when no policy can forbid it yet. So no domain ever needs the permission to
 * change it, and there is no moment after the load that is permissive.
 */
#include "pid1/selinux/policy.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/sys.h"
#include "pid1/selinux/policy_config.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PATH_CAP 128
#define CONTEXT_CAP 128
#define NUMBER_CAP 16
#define LABELS_MAX 8192 /* bytes of the label table */
/* the kernel's own limit for a policy (security/selinux/selinuxfs.c) */
#define POLICY_SIZE_MAX (64u << 20)

static const char *const outcome_text[POLICY_OUTCOME_COUNT] = {
	[POLICY_LOADED] = "policy loaded",
	[POLICY_ALREADY] = "policy is already in force",
	[POLICY_NO_KERNEL] = "off: the kernel does not use SELinux",
	[POLICY_SWITCHED_OFF] = "off: selinux=0 on the kernel command line",
	[POLICY_DISABLED] = "off: disabled in " POLICY_DIRECTORY "/config",
	[POLICY_NO_CONFIG] = "off: there is no " POLICY_DIRECTORY "/config",
	[POLICY_BAD_CONFIG] = "cannot use " POLICY_DIRECTORY "/config",
	[POLICY_NO_FS] = "cannot use " POLICY_FS,
	[POLICY_NO_MODE] = "the kernel rejected the mode",
	[POLICY_MISSING] = "there is no policy",
	[POLICY_TOO_NEW] = "the policy is too new for this kernel",
	[POLICY_UNREADABLE] = "cannot read the policy",
	[POLICY_CORRUPT] = "the kernel refuses the policy",
	[POLICY_LEFT_OUT] = "off", /* policy_none.c */
};

struct loading {
	struct policy_cmdline cmdline;
	struct policy_config config;
	enum policy_want want;
	unsigned max_version;
	struct policy_result *out;
};

/* --- the result --- */

static void say_outcome(struct policy_result *out, enum policy_outcome outcome, int err,
	const char *about)
{
	static const char *const modes[] = {"", "permissive: ", "enforcing: "};
	struct fmt f;
	out->outcome = outcome;
	out->err = err < 0 ? -err : err;
	fmt_init(&f, out->text, sizeof(out->text));
	fmt_strs(&f, modes[out->mode], outcome_text[outcome], NULL);
	if (about && about[0] != '\0')
		fmt_strs(&f, ": ", about, NULL);
	if (err != 0)
		fmt_strs(&f, ": ", err_name(err), " (", err_text(err), ")", NULL);
	if (out->must_stop)
		fmt_str(&f, "; enforcing was asked for: not starting without it");
}

/* The end of every way on which no policy gets loaded. */
static enum policy_mode end_without_policy(struct loading *l, enum policy_outcome outcome, int err,
	const char *about)
{
	/* its absence is what tells the cells that no policy is in force */
	(void)umount2(POLICY_FS, MNT_DETACH);
	l->out->mode = POLICY_OFF;
	l->out->must_stop = l->want == POLICY_WANT_ENFORCING;
	say_outcome(l->out, outcome, err, about);
	return POLICY_OFF;
}

/* --- selinuxfs --- */

static int read_number(const char *path, uint64_t *out)
{
	char text[NUMBER_CAP];
	int n = sys_read_file(AT_FDCWD, path, text, sizeof(text));
	if (n < 0)
		return n;
	while (n > 0 && text[n - 1] == '\n')
		n--;
	return num_u64((struct span){text, (size_t)n}, UINT32_MAX, out);
}

/* The directory exists only while SELinux is among the kernel's active modules; ENODEV: it is
 * not even compiled in. */
static int mount_selinuxfs(void)
{
	if (mount("selinuxfs", POLICY_FS, "selinuxfs", MS_NOSUID | MS_NOEXEC, NULL) == 0 ||
		errno == EBUSY)
		return 0;
	return -errno;
}

/* The kernel fills class/ from the policy, so it is empty before the first load. */
static bool is_loaded(void)
{
	return access(POLICY_FS "/class/process", F_OK) == 0;
}

static enum policy_mode current_mode(void)
{
	uint64_t enforcing = 0;
	if (read_number(POLICY_FS "/enforce", &enforcing) < 0)
		return POLICY_OFF;
	return enforcing == 1 ? POLICY_ENFORCING : POLICY_PERMISSIVE;
}

/* A kernel without CONFIG_SECURITY_SELINUX_DEVELOP always enforces: then permissive cannot be
 * had, which takes nothing away. */
static int set_mode(enum policy_want want)
{
	enum policy_mode mode = want == POLICY_WANT_ENFORCING ? POLICY_ENFORCING : POLICY_PERMISSIVE;
	if (current_mode() == mode)
		return 0;
	int err = sys_write_file(AT_FDCWD, POLICY_FS "/enforce", mode == POLICY_ENFORCING ? "1" : "0",
		1);
	if (mode == POLICY_PERMISSIVE)
		return 0;
	if (err == 0 && current_mode() != mode)
		err = -EPERM;
	return err;
}

/* --- what is asked for --- */

static int read_config(struct loading *l, char *about, size_t about_size)
{
	char text[POLICY_CONFIG_MAX + 1];
	struct fmt f;
	fmt_init(&f, about, about_size);
	int n = sys_read_file(AT_FDCWD, POLICY_DIRECTORY "/config", text, sizeof(text));
	if (n < 0)
		return n;
	if (n >= POLICY_CONFIG_MAX) {
		fmt_str(&f, "longer than 4 kB");
		return -EINVAL;
	}
	unsigned line = policy_config_parse((struct span){text, (size_t)n}, &l->config);
	if (line > 0) {
		fmt_str(&f, "line ");
		fmt_u64(&f, line);
		fmt_str(&f,
			": expected SELINUX=enforcing|permissive|disabled or SELINUXTYPE=NAME, each once");
		return -EINVAL;
	}
	bool off = l->config.has_want && l->config.want == POLICY_WANT_DISABLED &&
		l->cmdline.enforcing < 0;
	if (off || (l->config.has_want && l->config.has_type))
		return 0; /* who switches it off need not name a policy */
	fmt_strs(&f, l->config.has_want ? "SELINUXTYPE" : "SELINUX", "= is missing", NULL);
	return -EINVAL;
}

/* The command line beats the file, as on every other SELinux system. A file that makes no sense
 * counts as enforcing: somebody put it there to protect the device. */
static enum policy_want decide(const struct loading *l, int config_err)
{
	if (l->cmdline.enforcing >= 0)
		return l->cmdline.enforcing == 1 ? POLICY_WANT_ENFORCING : POLICY_WANT_PERMISSIVE;
	if (config_err == -ENOENT)
		return POLICY_WANT_DISABLED;
	return config_err < 0 ? POLICY_WANT_ENFORCING : l->config.want;
}

/* --- the policy file --- */

static void policy_path(const struct loading *l, unsigned version, char path[static PATH_CAP])
{
	struct fmt f;
	fmt_init(&f, path, PATH_CAP);
	fmt_strs(&f, POLICY_DIRECTORY "/", l->config.type, "/policy/policy.", NULL);
	fmt_u64(&f, version);
}

static bool policy_present(void *context, unsigned version)
{
	char path[PATH_CAP];
	policy_path(context, version, path);
	return access(path, F_OK) == 0;
}

/* The kernel takes the whole policy in one write(2) or not at all. */
static int write_policy(const void *bytes, size_t size)
{
	int fd = open(POLICY_FS "/load", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t n = write(fd, bytes, size);
	int err = n < 0 ? -errno : 0;
	if (n >= 0 && (size_t)n != size)
		err = -EIO;
	close(fd);
	return err;
}

static enum policy_outcome load_file(const char *path, int *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	*err = fd < 0 || fstat(fd, &st) < 0 ? errno : 0;
	if (*err == 0 &&
		(!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > (off_t)POLICY_SIZE_MAX))
		*err = EINVAL;
	void *bytes = MAP_FAILED;
	if (*err == 0) {
		bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		*err = bytes == MAP_FAILED ? errno : 0;
	}
	if (fd >= 0)
		close(fd);
	if (*err != 0)
		return POLICY_UNREADABLE;
	*err = write_policy(bytes, (size_t)st.st_size);
	munmap(bytes, (size_t)st.st_size);
	return *err == 0 ? POLICY_LOADED : POLICY_CORRUPT;
}

/* Which file, or why none. */
static enum policy_mode choose_and_load(struct loading *l)
{
	char path[PATH_CAP];
	struct policy_result *out = l->out;
	unsigned version = policy_config_choose(policy_present, l, l->max_version);
	unsigned newer = version == 0 ? policy_config_too_new(policy_present, l, l->max_version) : 0;
	policy_path(l, version ? version : newer ? newer : l->max_version, path);
	if (version == 0)
		return end_without_policy(l, newer ? POLICY_TOO_NEW : POLICY_MISSING, 0, path);
	int err = set_mode(l->want);
	enum policy_mode mode = current_mode();
	if (err < 0)
		return end_without_policy(l, POLICY_NO_MODE, err, POLICY_FS "/enforce");
	/* Linux before 6.4 may check the protection that mmap's caller names instead of the one
	 * applied; later ones ignore this. */
	(void)sys_write_file(AT_FDCWD, POLICY_FS "/checkreqprot", "0", 1);
	enum policy_outcome outcome = load_file(path, &err);
	if (outcome != POLICY_LOADED)
		return end_without_policy(l, outcome, err, path);
	out->version = version;
	out->mode = mode; /* asked before: from here on the policy may forbid to read it */
	say_outcome(out, POLICY_LOADED, 0, path);
	return out->mode;
}

static int relabel(struct policy_result *out, const char *below);

enum policy_mode policy_load(const char *cmdline, int *needs_reexec, struct policy_result *out)
{
	char about[96];
	struct loading l = {.out = out, .want = POLICY_WANT_DISABLED};
	uint64_t max_version = 0;
	*needs_reexec = 0;
	*out = (struct policy_result){.mode = POLICY_OFF};
	policy_cmdline_parse(span_of(cmdline), &l.cmdline);
	int err = mount_selinuxfs();
	if (err == -ENODEV || err == -ENOENT)
		return end_without_policy(&l, POLICY_NO_KERNEL, 0, NULL);
	if (err == 0 && is_loaded()) {
		out->mode = current_mode();
		say_outcome(out, POLICY_ALREADY, 0, NULL);
		return out->mode;
	}
	/* also where the kernel itself does not know the word (no CONFIG_SECURITY_SELINUX_BOOTPARAM) */
	if (l.cmdline.selinux_off)
		return end_without_policy(&l, POLICY_SWITCHED_OFF, 0, NULL);
	int config_err = read_config(&l, about, sizeof(about));
	l.want = decide(&l, config_err);
	if (l.want == POLICY_WANT_DISABLED)
		return end_without_policy(&l, config_err < 0 ? POLICY_NO_CONFIG : POLICY_DISABLED, 0, NULL);
	if (config_err < 0)
		return end_without_policy(&l, POLICY_BAD_CONFIG, about[0] != '\0' ? 0 : config_err, about);
	if (err == 0)
		err = read_number(POLICY_FS "/policyvers", &max_version);
	if (err < 0)
		return end_without_policy(&l, POLICY_NO_FS, err, NULL);
	l.max_version = (unsigned)max_version;
	if (choose_and_load(&l) == POLICY_OFF)
		return POLICY_OFF;
	*needs_reexec = 1;
	/* a node that keeps its default label is refused to all: closed, and out->text says so */
	(void)relabel(out, "/dev/");
	return out->mode;
}

/* --- labels --- */

static int label_path(const char *path, const char *context)
{
	char now[CONTEXT_CAP];
	size_t size = strlen(context) + 1;
	ssize_t n = lgetxattr(path, "security.selinux", now, sizeof(now));
	if (n < 0 && errno == ENOENT)
		return 0;
	if (n >= 0 && ((size_t)n == size || (size_t)n == size - 1) &&
		memcmp(now, context, size - 1) == 0)
		return 0;
	/* nothing is mounted there: the read-only root's own directory has the label that the image
	 * gave it */
	if (lsetxattr(path, "security.selinux", context, size, 0) == 0 || errno == ENOENT ||
		errno == EROFS)
		return 0;
	return -errno;
}

static int label_entry(struct span path, struct span context, char path_text[static PATH_CAP])
{
	char context_text[CONTEXT_CAP];
	int err = span_copy(path, path_text, PATH_CAP);
	if (err == 0)
		err = span_copy(context, context_text, sizeof(context_text));
	return err < 0 ? err : label_path(path_text, context_text);
}

/* Behind what out->text says already. */
static void say_label(struct policy_result *out, const char *path, int err)
{
	struct fmt f;
	size_t used = strnlen(out->text, sizeof(out->text) - 1);
	fmt_init(&f, out->text + used, sizeof(out->text) - used);
	fmt_strs(&f, used > 0 ? "; " : "", "cannot label ", path, ": ", err_name(err), NULL);
}

/* The type was checked when the policy was loaded; a second life reads it again. */
static int read_labels(char text[static LABELS_MAX], char path[static PATH_CAP])
{
	char about[96];
	struct loading l = {0};
	struct fmt f;
	fmt_init(&f, path, PATH_CAP);
	fmt_str(&f, POLICY_DIRECTORY "/config");
	int err = read_config(&l, about, sizeof(about));
	if (err < 0)
		return err;
	fmt_init(&f, path, PATH_CAP);
	fmt_strs(&f, POLICY_DIRECTORY "/", l.config.type, "/" POLICY_LABELS, NULL);
	int n = sys_read_file(AT_FDCWD, path, text, LABELS_MAX);
	return n == LABELS_MAX - 1 ? -EFBIG : n;
}

static int relabel(struct policy_result *out, const char *below)
{
	static char text[LABELS_MAX]; /* too large for the stack of a PID 1 with a small RLIMIT_STACK */
	char path[PATH_CAP];
	struct span entry_path, context;
	int first_err = 0, got;
	int n = read_labels(text, path);
	if (n == -ENOENT)
		return 0;
	if (n < 0) {
		say_label(out, path, n);
		return n;
	}
	struct span rest = {text, (size_t)n};
	while ((got = policy_label_next(&rest, &entry_path, &context)) != 0) {
		if (got > 0 && !span_starts(entry_path, below))
			continue;
		int err = got < 0 ? -EINVAL : label_entry(entry_path, context, path);
		if (err < 0 && first_err == 0) {
			first_err = err;
			say_label(out, path, err);
		}
	}
	return first_err;
}

int policy_relabel(struct policy_result *out)
{
	return relabel(out, "/");
}
