/* SPDX-License-Identifier: MIT
 * Whose a file is: see owners.h. */
#include "pid1/owners.h"
#include "base/fmt.h"
#include <errno.h>
#include <string.h>

static int judge(const struct stat *st, const char *path, char told[OWNERS_TOLD])
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

int owners_judge(int fd, const char *path, char told[OWNERS_TOLD])
{
	char above[128];
	struct stat st;
	told[0] = 0;
	if (fstat(fd, &st) < 0)
		return -errno;
	int err = judge(&st, path, told);
	for (const char *slash = strchr(path, '/'); err == 0 && slash; slash = strchr(slash + 1, '/')) {
		struct fmt f;
		fmt_init(&f, above, sizeof(above));
		fmt_mem(&f, path, slash == path ? 1 : (size_t)(slash - path));
		if (f.cut)
			return -ENAMETOOLONG;
		err = stat(above, &st) < 0 ? -errno : judge(&st, above, told);
	}
	return err;
}
