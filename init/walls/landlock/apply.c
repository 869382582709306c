/* SPDX-License-Identifier: MIT
 * Makes a ruleset for this kernel's Landlock from the rules, and restricts the process by it: see
 * landlock.h and landlock(7).
 */
#include "walls/landlock/landlock.h"
#include "base/count.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

/* linux/landlock.h, in numbers: the header that we are built with may be older than the kernel
 * that we run on. */
#define EXECUTE (1ull << 0)
#define WRITE_FILE (1ull << 1)
#define READ_FILE (1ull << 2)
#define READ_DIR (1ull << 3)
#define REMOVE_DIR (1ull << 4)
#define REMOVE_FILE (1ull << 5)
#define MAKE_CHAR (1ull << 6)
#define MAKE_DIR (1ull << 7)
#define MAKE_REG (1ull << 8)
#define MAKE_SOCK (1ull << 9)
#define MAKE_FIFO (1ull << 10)
#define MAKE_BLOCK (1ull << 11)
#define MAKE_SYM (1ull << 12)
/* ABI 2: rename and link between directories, which an ABI 1 forbids */
#define REFER (1ull << 13)
#define TRUNCATE (1ull << 14)  /* ABI 3 */
#define IOCTL_DEV (1ull << 15) /* ABI 5 */
#define SCOPE_ALL 3ull         /* ABI 6: abstract sockets, signals */
#define OF_A_FILE (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV)

#define OLDEST_ABI 2
#define VERSION 1u /* LANDLOCK_CREATE_RULESET_VERSION */
#define PATH_BENEATH 1u

struct ruleset_attr { /* what an old kernel does not know has to be 0 */
	uint64_t fs, net, scoped;
};

struct path_beneath {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

static uint64_t known_rights(int abi)
{
	uint64_t all = (REFER << 1) - 1;
	return all | (abi >= 3 ? TRUNCATE : 0) | (abi >= 5 ? IOCTL_DEV : 0);
}

static uint64_t rights_of(uint32_t may)
{
	static const struct {
		uint32_t may;
		uint64_t rights;
	} table[] = {
		{LANDLOCK_MAY_READ, READ_FILE | READ_DIR},
		{LANDLOCK_MAY_EXECUTE, EXECUTE},
		{LANDLOCK_MAY_MODIFY, WRITE_FILE | TRUNCATE},
		{LANDLOCK_MAY_CREATE,
			REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM |
				REFER},
		{LANDLOCK_MAY_CONTROL, IOCTL_DEV},
	};
	uint64_t rights = 0;
	for (size_t i = 0; i < COUNT(table); i++)
		rights |= may & table[i].may ? table[i].rights : 0;
	return rights;
}

static int allow_below(int ruleset, int fd, const struct stat *st, uint64_t rights)
{
	/* Rights of a directory alone are an error for anything else (EINVAL). */
	struct path_beneath beneath = {.allowed = S_ISDIR(st->st_mode) ? rights : rights & OF_A_FILE,
		.parent = fd};
	return beneath.allowed ? sys_landlock_add_rule(ruleset, PATH_BENEATH, &beneath) : 0;
}

static int add_path(int ruleset, const char *path, uint64_t rights)
{
	struct stat st;
	int fd = open(path, O_PATH | O_CLOEXEC);
	/* Where the service cannot come it needs no right: an optional path, or one below a
	 * directory that is closed to it. */
	if (fd < 0)
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR ? 0 : -errno;
	int err = fstat(fd, &st) < 0 ? -errno : allow_below(ruleset, fd, &st, rights);
	close(fd);
	return err;
}

/* /dev/stdout leads to what was opened on the host's tree, a terminal or a file, which no path
 * of the view may reach. Pipes and sockets need no rule. */
static int add_standard(int ruleset, int fd, uint64_t known)
{
	static const uint64_t by_mode[] = {[O_RDONLY] = READ_FILE,
		[O_WRONLY] = WRITE_FILE | TRUNCATE,
		[O_RDWR] = READ_FILE | WRITE_FILE | TRUNCATE};
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISCHR(st.st_mode) && !S_ISREG(st.st_mode))
		return 0;
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0)
		return -errno;
	return allow_below(ruleset, fd, &st,
		(by_mode[flags & O_ACCMODE & 3] | (S_ISCHR(st.st_mode) ? IOCTL_DEV : 0)) & known);
}

static int add_all(int ruleset, const struct plan *p, const struct landlock_plan *l, uint64_t known,
	struct wall_why *why)
{
	const struct landlock_rule *r = plan_elements(p, l->rules, sizeof(*r));
	if (!r)
		return wall_failed(why, -EINVAL, "list of Landlock rules");
	for (uint32_t i = 0; i < l->rules.count; i++) {
		const char *path = plan_text(p, r[i].path);
		int err = path[0] == '/' ? add_path(ruleset, path, rights_of(r[i].may) & known) : -EINVAL;
		if (err < 0)
			return wall_failed(why, err, path);
	}
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int err = add_standard(ruleset, fd, known);
		if (err < 0)
			return wall_failed(why, err, "standard descriptors");
	}
	return 0;
}

static int lack(const struct landlock_plan *l, int err, struct wall_why *why)
{
	if (l->flags & LANDLOCK_REQUIRED)
		return wall_lacking(why, OPTIONAL_LANDLOCK, err, "Landlock");
	why->absent |= OPTIONAL_LANDLOCK;
	return 0;
}

int landlock_apply(const struct plan *p, const struct landlock_plan *l, struct wall_why *why)
{
	int abi = sys_landlock_create_ruleset(NULL, 0, VERSION);
	/* ENOSYS: not built in; EOPNOTSUPP: not among the modules of lsm=. */
	if (abi == -ENOSYS || abi == -EOPNOTSUPP || (abi >= 0 && abi < OLDEST_ABI))
		return lack(l, abi < 0 ? abi : -ENOSYS, why);
	if (abi < 0)
		return wall_failed(why, abi, "landlock_create_ruleset");
	struct ruleset_attr attr = {.fs = known_rights(abi),
		.scoped = abi >= 6 && l->flags & LANDLOCK_SCOPED ? SCOPE_ALL : 0};
	int ruleset = sys_landlock_create_ruleset(&attr, sizeof(attr), 0);
	if (ruleset < 0)
		return wall_failed(why, ruleset, "landlock_create_ruleset");
	int err = add_all(ruleset, p, l, attr.fs, why);
	if (err == 0 && (err = sys_landlock_restrict_self(ruleset)) < 0)
		wall_failed(why, err, "landlock_restrict_self");
	close(ruleset);
	return err;
}
