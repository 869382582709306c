/* SPDX-License-Identifier: MIT
 * The names in a directory: see dirlist.h.
 */
#include "base/dirlist.h"
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct kernel_dirent { /* getdents64(2) */
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

void dirlist_start(struct dirlist *n, int directory)
{
	n->directory = directory;
	n->left = n->at = 0;
}

int dirlist_next(struct dirlist *n, const char **name)
{
	for (;;) {
		if (n->at >= n->left) {
			n->at = 0;
			n->left = syscall(SYS_getdents64, n->directory, n->buf, sizeof(n->buf));
			if (n->left <= 0)
				return n->left < 0 ? -errno : 0;
		}
		const struct kernel_dirent *entry = (const void *)(n->buf + n->at);
		n->at += entry->length;
		n->offset = entry->offset;
		n->type = entry->type;
		*name = entry->name;
		if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0)
			return 1;
	}
}
