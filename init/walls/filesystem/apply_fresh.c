/* SPDX-License-Identifier: MIT
 * New file systems by the mount API of Linux 5.2 (fsopen, fsconfig, fsmount), and the attributes of mounts (mount_setattr, 5.12). All by
 * descriptor: a path is looked up once, and what is mounted there is what was meant.
 */
#include "base/fmt.h"
#include "base/sys.h"
#include "walls/filesystem/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define OPTION_BYTES 128

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

static int set_own_option(int fs, char *option)
{
	char *value = strchr(option, '=');

	if (!value)
		return sys_fsconfig(fs, FSCONFIG_SET_FLAG, option, NULL, 0);
	*value++ = '\0';
	return sys_fsconfig(fs, FSCONFIG_SET_STRING, option, value, 0);
}

static int set_option(int fs, const char *text, size_t n, unsigned *attributes, bool *seal)
{
	char option[OPTION_BYTES];
	struct fmt f;

	fmt_init(&f, option, sizeof(option));
	fmt_mem(&f, text, n);
	if (f.cut)
		return -E2BIG;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(option, words[i].word) != 0)
			continue;
		*attributes |= words[i].set;
		*seal = *seal || words[i].seal;
		return words[i].refused ? -EPERM : 0;
	}
	return set_own_option(fs, option);
}

static int configure(int fs, const char *options, unsigned *attributes, bool *seal)
{
	while (*options) {
		size_t n = strcspn(options, ",");
		int err = n ? set_option(fs, options, n, attributes, seal) : 0;

		if (err < 0)
			return err;
		options += n + (options[n] == ',');
	}
	return sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

int fs_fresh(const char *type, const char *options, unsigned attributes, bool *seal)
{
	int fs = sys_fsopen(type, FSOPEN_CLOEXEC);

	if (fs < 0)
		return fs;
	int mount = configure(fs, options, &attributes, seal);

	if (mount == 0)
		mount = sys_fsmount(fs, FSMOUNT_CLOEXEC, attributes);
	close(fs);
	return mount;
}

int fs_attach(int tree, int target)
{
	return sys_move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int fs_set_attributes(int mount, unsigned flags, uint64_t set, uint64_t clear)
{
	struct mount_attr attr = {.attr_set = set, .attr_clr = clear};

	return sys_mount_setattr(mount, "", AT_EMPTY_PATH | flags, &attr);
}

int fs_fail(const struct fs_view *v, int err, const char *what, const char *about)
{
	return wall_failed2(v->why, err, what, about);
}
