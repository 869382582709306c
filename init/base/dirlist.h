/* SPDX-License-Identifier: MIT
 * The names in a directory by getdents64(2), without libc's readdir(3), which allocates.
 */
#pragma once
#include <stdint.h>

struct dirlist {
	int directory; /* the caller's */
	long left, at;
	int64_t offset; /* position of the next name, for lseek(2) */
	uint8_t type;   /* DT_… of the last name, 0 if the file system does not tell */
	char buf[2048] __attribute__((aligned(8)));
};

/* Starts at the descriptor's position; the descriptor stays the caller's. */
void dirlist_start(struct dirlist *n, int directory);
/* 1 with *name, valid until the next call; 0 at the end; -errno. "." and ".." are left out. */
int dirlist_next(struct dirlist *n, const char **name);
