/* SPDX-License-Identifier: MIT
 * Who can write a device's files: see trust.h.
 */
#include "compile/files/trust.h"
#include "base/count.h"
#include "compile/files/files.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)

static const char *const trees[] = {"/usr/lib/bulkhead/", "/etc/bulkhead/"};
#define TREES COUNT(trees)

/* The place is what has to be mended, so a directory is named once and not with each of its
 * files. */
static int judge_mode(const char *path, const struct stat *st, struct diag *d)
{
	unsigned mode = st->st_mode & 07777;
	struct diag at = *d;
	diag_place(&at, strdup(path), 0, NULL, NULL);
	if (!files_on_device()) {
		if (mode & OTHERS_WRITE)
			diag_note(&at,
				"others than its owner can write it (mode %04o): a device that compiles its service files itself refuses it",
				mode);
		return 0;
	}
	if (st->st_uid == 0 && !(mode & OTHERS_WRITE))
		return 0;
	diag_error(&at,
		"others than root can write it (owner %u, mode %04o), expected owner 0 and no write for group and others",
		(unsigned)st->st_uid, mode);
	d->errors = at.errors;
	d->first = at.first;
	d->public_first = at.public_first;
	return -EINVAL;
}

/* Every directory above `path`, from the root on. */
static int judge_above(const char *path, struct diag *d)
{
	char above[FILES_PATH];
	struct stat st;
	int err = 0;
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t n = slash == path ? 1 : (size_t)(slash - path);
		if (n >= sizeof(above))
			return diag_error(d, "its path is too long");
		memcpy(above, path, n);
		above[n] = '\0';
		if (files_stat(above, &st) < 0)
			continue; /* gone meanwhile: what was opened has been judged */
		d->secret |= n > 1 && !(st.st_mode & S_IXOTH);
		if (judge_mode(above, &st, d) < 0)
			err = -EINVAL;
	}
	return err;
}

/* Whether `real` is below what the directory `tree` leads to. */
static bool is_below_tree(const char *real, const char *tree)
{
	char top[FILES_PATH];
	if (files_real(tree, top) < 0)
		return false;
	size_t n = strlen(top);
	return strncmp(real, top, n) == 0 && real[n] == '/';
}

static bool in_a_tree(const char *path)
{
	for (size_t t = 0; t < TREES; t++)
		if (strncmp(path, trees[t], strlen(trees[t])) == 0)
			return true;
	return false;
}

/* A link may lead from one of bulkhead's directories to another of them, and nowhere else. */
static int judge_link(const char *path, const char *real, struct diag *d)
{
	if (!in_a_tree(path)) /* /etc/fstab */
		return 0;
	for (size_t t = 0; t < TREES; t++)
		if (is_below_tree(real, trees[t]))
			return 0;
	if (files_on_device())
		return diag_error(d,
			"is a link out of the tree, to %s, expected a file below /usr/lib/bulkhead or /etc/bulkhead",
			real);
	diag_note(d,
		"is a link out of the tree, to %s: a device that compiles its service files itself refuses it",
		real);
	return 0;
}

int trust_file(const char *path, const struct stat *st, struct diag *d)
{
	char real[FILES_PATH];
	int err = judge_mode(path, st, d);
	d->secret |= !(st->st_mode & S_IROTH);
	if (judge_above(path, d) < 0)
		err = -EINVAL;
	if (files_is_plain(path))
		return err;
	if (files_real(path, real) < 0)
		return diag_error(d, "cannot be told where its link leads");
	return judge_above(real, d) < 0 || judge_link(path, real, d) < 0 ? -EINVAL : err;
}

bool trust_concerns(const char *path)
{
	return files_on_device() && in_a_tree(path);
}

void trust_directory(const char *path)
{
	struct diag d = {.boot = true};
	struct stat st;
	if (files_stat(path, &st) == 0)
		judge_mode(path, &st, &d);
}
