/* SPDX-License-Identifier: MIT
 * The mount API of Linux 5.2 (open_tree, fsopen, fsconfig, fsmount, move_mount) with the attributes
 * of 5.12 (mount_setattr); if the latter is missing, apply_old.c. All is done by descriptor: a path
 * is looked up once, so that the mount lands where it was meant to.
 */
#include "base/count.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "walls/filesystem/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define OPTION_BYTES 128
#define DATA_BYTES 1024

/* Options of mount(8) that are attributes of the mount, not of the file system. */
static const struct {
	const char *word;
	unsigned set;
	bool seal, refused;
} words[] = {
	{.word = "rw"},
	{.word = "ro", .seal = true},
	{.word = "exec"},
	{.word = "noexec", .set = MOUNT_ATTR_NOEXEC},
	{.word = "nosuid", .set = MOUNT_ATTR_NOSUID},
	{.word = "nodev", .set = MOUNT_ATTR_NODEV},
	{.word = "defaults"},
	{.word = "suid", .refused = true},
	{.word = "dev", .refused = true},
};

struct request {     /* a file system to be made */
	int fs;          /* fsopen's, -1 for mount(2) */
	struct fmt data; /* mount(2): options that are the file system's own */
	unsigned attributes;
	bool *seal;
};

static int add_data(struct request *r, const char *option)
{
	fmt_strs(&r->data, r->data.len ? "," : "", option, NULL);
	return r->data.cut ? -E2BIG : 0;
}

static int set_own_option(struct request *r, char *option)
{
	char *value = strchr(option, '=');
	if (r->fs < 0)
		return add_data(r, option);
	if (!value)
		return sys_fsconfig(r->fs, FSCONFIG_SET_FLAG, option, NULL, 0);
	*value++ = '\0';
	return sys_fsconfig(r->fs, FSCONFIG_SET_STRING, option, value, 0);
}

static int set_mount_option(struct request *r, const char *text, size_t n)
{
	char option[OPTION_BYTES];
	struct fmt f;
	fmt_init(&f, option, sizeof(option));
	fmt_mem(&f, text, n);
	if (f.cut)
		return -E2BIG;
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcmp(option, words[i].word) != 0)
			continue;
		r->attributes |= words[i].set;
		*r->seal = *r->seal || words[i].seal;
		return words[i].refused ? -EPERM : 0;
	}
	return set_own_option(r, option);
}

static int set_options(struct request *r, const char *options)
{
	while (*options) {
		size_t n = strcspn(options, ",");
		int err = n ? set_mount_option(r, options, n) : 0;
		if (err < 0)
			return err;
		options += n + (options[n] == ',');
	}
	return 0;
}

static int set_source(const struct request *r, const char *source)
{
	int err = sys_fsconfig(r->fs, FSCONFIG_SET_STRING, "source", source, 0);
	/* Of the file system, not of the mount alone: the device itself can't be written. */
	return err < 0 ? err : sys_fsconfig(r->fs, FSCONFIG_SET_FLAG, "ro", NULL, 0);
}

static int mount_new(struct request *r, const char *source, const char *options)
{
	int err = source ? set_source(r, source) : 0;
	if (err == 0)
		err = set_options(r, options);
	if (err == 0)
		err = sys_fsconfig(r->fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	return err < 0 ? err : sys_fsmount(r->fs, FSMOUNT_CLOEXEC, r->attributes);
}

int fs_fresh(struct fs_view *v, const char *type, const char *source, const char *options,
	unsigned attributes, bool *seal)
{
	struct request r = {.fs = -1, .attributes = attributes, .seal = seal};
	if (fs_is_old(v)) {
		char data[DATA_BYTES];
		fmt_init(&r.data, data, sizeof(data));
		int err = set_options(&r, options);
		return err < 0 ? err : fs_old_fresh(v, type, source, data, r.attributes);
	}
	r.fs = sys_fsopen(type, FSOPEN_CLOEXEC);
	if (r.fs < 0)
		return r.fs;
	int tree = mount_new(&r, source, options);
	close(r.fs);
	return tree;
}

int fs_copy(struct fs_view *v, int at, const char *name, unsigned flags)
{
	if (fs_is_old(v))
		return fs_old_copy(v, at, name, flags);
	return sys_open_tree(at, name,
		AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
}

int fs_attach(const struct fs_view *v, int tree, int target)
{
	if (fs_is_old(v))
		return fs_old_attach(v, tree, target);
	return sys_move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int fs_set_attributes(const struct fs_view *v, int mount, unsigned flags, uint64_t set,
	uint64_t clear)
{
	struct mount_attr attr = {.attr_set = set, .attr_clr = clear};
	if (fs_is_old(v))
		return fs_old_attributes(v, mount, flags, set, clear);
	return sys_mount_setattr(mount, "", AT_EMPTY_PATH | flags, &attr);
}

int fs_fail(const struct fs_view *v, int err, const char *what, const char *about)
{
	return wall_failed2(v->why, err, what, about);
}
