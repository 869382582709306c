/* SPDX-License-Identifier: MIT
 * What the other files of this half stand on: the controllers, and one file of a group.
 */
#include "base/count.h"
#include "base/fmt.h"
#include "base/span.h"
#include "base/sys.h"
#include "walls/cgroup/cgroup.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
	uint32_t bit, optional;
	const char *name, *text;
} controllers[] = {
	{CG_CPU, OPTIONAL_CPU, "cpu", "cpu controller"},
	{CG_MEMORY, OPTIONAL_MEMORY, "memory", "memory controller"},
	{CG_PIDS, OPTIONAL_PIDS, "pids", "pids controller"},
	{CG_IO, OPTIONAL_IO, "io", "io controller"},
	{CG_CPUSET, OPTIONAL_CPUSET, "cpuset", "cpuset controller"},
};

static bool has_word(const char *list, const char *word)
{
	struct span rest = {list, strcspn(list, "\n")}, one;
	while (span_word(&rest, &one))
		if (span_is(one, word))
			return true;
	return false;
}

/* Which controllers a group has, or -errno. */
static int available(int group, uint32_t *bits)
{
	char have[256];
	int err = sys_read_file(group, "cgroup.controllers", have, sizeof(have));
	*bits = 0;
	for (size_t i = 0; err >= 0 && i < COUNT(controllers); i++)
		*bits |= has_word(have, controllers[i].name) ? controllers[i].bit : 0;
	return err < 0 ? err : 0;
}

int cgroup_enable(int root, uint32_t wanted, uint32_t *enabled)
{
	uint32_t have;
	int err = available(root, &have);
	*enabled = 0;
	if (err < 0)
		return err;
	/* One write each: the kernel takes a line as a whole, and cpu can refuse alone
	 * (CONFIG_RT_GROUP_SCHED with real-time tasks around). */
	for (size_t i = 0; i < COUNT(controllers); i++) {
		char word[16];
		struct fmt f;
		if (!(wanted & have & controllers[i].bit))
			continue;
		fmt_init(&f, word, sizeof(word));
		fmt_strs(&f, "+", controllers[i].name, NULL);
		if (sys_write_file(root, "cgroup.subtree_control", word, f.len) == 0)
			*enabled |= controllers[i].bit;
	}
	return 0;
}

uint32_t cgroup_optional(uint32_t controller)
{
	for (size_t i = 0; i < COUNT(controllers); i++)
		if (controllers[i].bit == controller)
			return controllers[i].optional;
	return 0;
}

int cgroup_check_controllers(int root, int group, uint32_t *wanted, struct wall_why *why)
{
	uint32_t kernel, here;
	int err = *wanted ? available(root, &kernel) : 0;
	if (*wanted && err >= 0)
		err = available(group, &here);
	if (err < 0)
		return wall_failed(why, err, "cgroup.controllers");
	for (size_t i = 0; i < COUNT(controllers); i++) {
		if (!(*wanted & controllers[i].bit) || here & controllers[i].bit)
			continue;
		if (kernel & controllers[i].bit)
			return wall_failed2(why, -EOPNOTSUPP, controllers[i].text, "could not be enabled");
		err = wall_lacking(why, controllers[i].optional, -ENOSYS, controllers[i].text);
		if (err < 0)
			return err;
		*wanted &= ~controllers[i].bit;
	}
	return 0;
}

int cgroup_put(int group, const char *file, const char *value, uint32_t controller,
	struct wall_why *why)
{
	/* The plan's bytes are untrusted: a file of this very group, nothing else. */
	if (!file[0] || strchr(file, '/') || file[0] == '.')
		return wall_failed2(why, -EINVAL, "bad file name", file);
	int err = sys_write_file(group, file, value, strlen(value));
	if (err == -ENOENT && cgroup_optional(controller))
		return wall_lacking(why, cgroup_optional(controller), -ENOSYS, file);
	return err < 0 ? wall_failed2(why, err, file, value) : 0;
}

int cgroup_node(const char *path, struct stat *st)
{
	if (strncmp(path, "/dev/", 5) != 0)
		return -EXDEV;
	return stat(path, st) < 0 ? -errno : 0;
}
