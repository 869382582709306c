/* SPDX-License-Identifier: MIT
 * A directory's names, without libc's allocating readdir(3): getdents64(2).
 */
#pragma once
#include <stdint.h>

struct dirlist {
	int directory; /* the caller's */
	long left, at;
	int64_t offset; /* where the next name is, for lseek(2) */
	uint8_t type;   /* DT_… of the last one, 0 where the file system does not tell */
	char buf[2048] __attribute__((aligned(8)));
};

void dirlist_start(struct dirlist *n, int directory);
/* 1, 0 at the end, -errno; "." and ".." are left out */
int dirlist_next(struct dirlist *n, const char **name);
