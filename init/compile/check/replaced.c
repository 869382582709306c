/* SPDX-License-Identifier: MIT
 * Walls that depend on a path. A mount goes with the directory entry that it is on. Whoever can
 * write to the directory above removes it, in every view, by replacing the entry (rename(2), or
 * unlink or rmdir and a new one: the kernel's detach_mounts). Inside the view itself the kernel
 * refuses that (EBUSY). So no other service may have that directory.
 */
#include "compile/check/check.h"
#include "compile/files/files.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
	enum directive_id directive; /* 0: none, which the first row is not */
	bool wall;   /* keeps the service from something that is there, and nothing else */
	bool inside; /* lost only where something around it is open: the root itself is read-only */
} walls[FS_OP_COUNT] = {
	[FS_READ_ONLY] = {D_Filesystem_ReadOnlyPaths, true, true},
	[FS_HIDDEN] = {D_Filesystem_InaccessiblePaths, true, false},
	[FS_TMPFS] = {D_Filesystem_TemporaryFileSystem, false, false},
	[FS_BIND] = {D_Filesystem_BindPaths, false, false},
	[FS_BIND_READ_ONLY] = {D_Filesystem_BindReadOnlyPaths, false, false},
	[FS_NO_EXEC] = {D_Filesystem_NoExecPaths, true, false},
};

static bool strictly_below(struct span path, struct span top)
{
	return path.n > top.n && span_below(path, top);
}

static bool is_open_around(const struct filesystem_conf *f, struct span path)
{
	for (size_t i = 0; i < f->rules; i++)
		if ((f->rule[i].op == FS_READ_WRITE || f->rule[i].op == FS_BIND) &&
			strictly_below(path, f->rule[i].target))
			return true;
	return false;
}

/* A file system of the service's own around it: nobody else has that directory. */
static bool is_in_its_own(const struct filesystem_conf *f, struct span path)
{
	if (f->root_image.n > 0 ||
		(f->private_tmp &&
			(span_below(path, span_of("/tmp")) || span_below(path, span_of("/var/tmp")))))
		return true;
	for (size_t i = 0; i < f->rules; i++)
		if (f->rule[i].op == FS_TMPFS && strictly_below(path, f->rule[i].target))
			return true;
	return false;
}

/* The directory of that service that the path lies in, as text; NULL if there is none. */
static const char *directory_around(const struct service *other, struct span path)
{
	static char text[FILESYSTEM_PATH];
	for (unsigned k = 0; k < DIRECTORY_CONFIGURATION; k++)
		for (size_t i = 0; filesystem_directory_path(&other->filesystem, k, i, text); i++)
			if (strictly_below(path, span_of(text)))
				return text;
	return NULL;
}

/* A path that another service may write to around this one. */
static struct span writable_around(const struct service *other, struct span path)
{
	const struct filesystem_conf *f = &other->filesystem;
	for (size_t i = 0; i < f->rules; i++) {
		const struct filesystem_conf_rule *r = &f->rule[i];
		struct span there = r->op == FS_BIND ? r->source : r->target;
		if ((r->op == FS_READ_WRITE || r->op == FS_BIND) && there.n > 1 &&
			strictly_below(path, there))
			return there;
	}
	return (struct span){NULL, 0};
}

static void check_against(struct service *s, const struct filesystem_conf_rule *r,
	const struct service *other)
{
	struct diag *d = service_at_word(s, walls[r->op].directive, r->target);
	const char *its = directory_around(other, r->target);
	struct span open = its ? span_of(its) : writable_around(other, r->target);
	if (its && walls[r->op].wall)
		diag_error(d,
			"%.*s lies in the directory %s of the service %s, which may replace it, and the kernel then takes this away: name %s",
			SPAN_ARGS(r->target), its, other->name, its);
	else if (open.n > 0)
		diag_note(d,
			"the service %s may write to %.*s: where it replaces %.*s, the kernel takes this away until the next start",
			other->name, SPAN_ARGS(open), SPAN_ARGS(r->target));
}

static bool is_its_own_id(const struct service *s, uint32_t uid)
{
	bool ranged = s->namespaces.own & NS_USER && uid >= s->id_base &&
		uid - s->id_base < PLAN_ID_RANGE;
	return ranged || uid == s->ids.kernel_base + s->ids.uid;
}

/* On the device itself: a directory on the path's way that others than root and the service may
 * write to. In one with the sticky bit only whose file it is may replace it. */
static void check_owners(struct service *s, const struct filesystem_conf_rule *r)
{
	char path[300];
	struct stat st = {.st_uid = 0}, below = {.st_uid = 0};
	if (!files_on_device() || span_copy(r->target, path, sizeof(path)) < 0)
		return;
	files_stat(path, &below);
	for (char *slash; (slash = strrchr(path, '/')) && slash != path; below = st) {
		*slash = '\0';
		if (files_stat(path, &st) < 0)
			return;
		bool owned = st.st_uid != 0 && !is_its_own_id(s, st.st_uid);
		bool theirs = below.st_uid != 0 && !is_its_own_id(s, below.st_uid);
		bool open = st.st_mode & (S_IWGRP | S_IWOTH) && (!(st.st_mode & S_ISVTX) || theirs);
		if (!owned && !open)
			continue;
		diag_note(service_at_word(s, walls[r->op].directive, r->target),
			"others than root may write to %s: who replaces a path below it takes this away until the next start",
			path);
		return;
	}
}

static void check_rule(struct set *set, struct service *s, const struct filesystem_conf_rule *r)
{
	const struct filesystem_conf *f = &s->filesystem;
	if (!walls[r->op].directive || is_in_its_own(f, r->target))
		return;
	if (walls[r->op].inside && !is_open_around(f, r->target) && !directory_around(s, r->target))
		return;
	for (size_t i = 0; i < set->count; i++)
		if (set->service[i] != s)
			check_against(s, r, set->service[i]);
	check_owners(s, r);
}

void check_replaced(struct set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct service *s = set->service[i];
		diag_silence(s->extra);
		for (size_t k = 0; s->namespaces.own & NS_MOUNT && k < s->filesystem.rules &&
			 s->filesystem.root_directory.n == 0;
			 k++)
			check_rule(set, s, &s->filesystem.rule[k]);
	}
}
