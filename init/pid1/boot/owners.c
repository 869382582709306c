/* SPDX-License-Identifier: MIT
 * Who can change a file: see owners.h.
 */
#include "pid1/boot/owners.h"
#include "base/fmt.h"
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

static int judge_owner(const struct stat *st, const char *path, char told[OWNERS_TOLD])
{
	struct fmt f;
	if (st->st_uid == 0 && !(st->st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	fmt_init(&f, told, OWNERS_TOLD);
	fmt_strs(&f, path, ": others than root can write it (owner ", NULL);
	fmt_u64(&f, st->st_uid);
	fmt_str(&f, ", mode 0");
	fmt_octal(&f, st->st_mode & 07777);
	fmt_str(&f, "), expected owner 0 and no write for group and others");
	return -EPERM;
}

static int judge_above(const char *path, char told[OWNERS_TOLD])
{
	char above[PATH_MAX];
	struct stat st;
	int err = 0;
	for (const char *slash = strchr(path, '/'); err == 0 && slash; slash = strchr(slash + 1, '/')) {
		struct fmt f;
		fmt_init(&f, above, sizeof(above));
		fmt_mem(&f, path, slash == path ? 1 : (size_t)(slash - path));
		if (f.cut)
			return -ENAMETOOLONG;
		err = stat(above, &st) < 0 ? -errno : judge_owner(&st, above, told);
	}
	return err;
}

/* Where it is, when links on the way to it have been followed. */
static int judge_above_real(int fd, const char *path, char told[OWNERS_TOLD])
{
	char self[FMT_OWN_FD], real[PATH_MAX];
	fmt_own_fd(self, fd);
	ssize_t n = readlink(self, real, sizeof(real) - 1);
	if (n < 0)
		return -errno;
	real[n] = 0;
	return strcmp(real, path) == 0 ? 0 : judge_above(real, told);
}

int owners_judge(int fd, const char *path, char told[OWNERS_TOLD])
{
	struct stat st;
	told[0] = 0;
	if (fstat(fd, &st) < 0)
		return -errno;
	int err = judge_owner(&st, path, told);
	err = err < 0 ? err : judge_above(path, told);
	return err < 0 ? err : judge_above_real(fd, path, told);
}
