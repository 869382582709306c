/* SPDX-License-Identifier: MIT
 * The service's control group, made by PID 1 before the first process is cloned into it: see cgroup.h. A limit that can't be written is
 * a failure naming its file, so that nothing runs with less than was asked.
 */
#include "walls/cgroup/cgroup.h"
#include "base/fmt.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	uint32_t bit;
	const char *name;
} controllers[] = {
	{CG_CPU, "cpu"},
	{CG_MEMORY, "memory"},
	{CG_PIDS, "pids"},
	{CG_IO, "io"},
	{CG_CPUSET, "cpuset"},
};

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = strstr(list, word); at; at = strstr(at + n, word)) {
		bool starts = at == list || at[-1] == ' ';

		if (starts && (at[n] == ' ' || at[n] == '\n' || at[n] == '\0'))
			return true;
	}
	return false;
}

int cgroup_enable(int root, uint32_t wanted, uint32_t *enabled)
{
	char have[256];
	int err = sys_read_file(root, "cgroup.controllers", have, sizeof(have));

	*enabled = 0;
	if (err < 0)
		return err;
	/* One write each: the kernel takes a line as a whole, and cpu can refuse alone (CONFIG_RT_GROUP_SCHED with real-time tasks around). */
	for (size_t i = 0; i < sizeof(controllers) / sizeof(*controllers); i++) {
		char word[16];
		struct fmt f;

		if (!(wanted & controllers[i].bit) || !has_word(have, controllers[i].name))
			continue;
		fmt_init(&f, word, sizeof(word));
		fmt_strs(&f, "+", controllers[i].name, NULL);
		if (sys_write_file(root, "cgroup.subtree_control", word, f.len) == 0)
			*enabled |= controllers[i].bit;
	}
	return 0;
}

static int write_limit(const struct plan *p, const struct cgroup_write *w, int group, struct wall_why *why)
{
	const char *file = plan_text(p, w->file);
	const char *value = plan_text(p, w->value);

	/* The plan's bytes are untrusted: a file of this very group, nothing else. */
	if (!file[0] || strchr(file, '/') || file[0] == '.')
		return wall_failed2(why, -EINVAL, "bad file name", file);
	int err = sys_write_file(group, file, value, strlen(value));

	return err < 0 ? wall_failed2(why, err, file, value) : 0;
}

static int write_limits(const struct plan *p, const struct cgroup_plan *c, int group, struct wall_why *why)
{
	const struct cgroup_write *w = plan_elements(p, c->writes, sizeof(*w));

	if (!w && c->writes.count)
		return wall_failed(why, -EINVAL, "list of limits");
	for (uint32_t i = 0; i < c->writes.count; i++) {
		int err = write_limit(p, &w[i], group, why);

		if (err < 0)
			return err;
	}
	return 0;
}

int cgroup_make(const struct plan *p, const struct cgroup_plan *c, int root, const char *name, int *fd, struct wall_why *why)
{
	*fd = -1;
	if (!name[0] || strchr(name, '/') || name[0] == '.')
		return wall_failed2(why, -EINVAL, "bad name", name);
	/* A group that stands is that of an earlier start: its limits are written anew. */
	bool made = mkdirat(root, name, 0755) == 0;

	if (!made && errno != EEXIST)
		return wall_failed2(why, -errno, "mkdir", name);
	int group = openat(root, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int err = group < 0 ? wall_failed2(why, -errno, "open", name) : write_limits(p, c, group, why);

	if (err == 0) {
		*fd = group;
		return 0;
	}
	if (group >= 0)
		close(group);
	if (made)
		unlinkat(root, name, AT_REMOVEDIR);
	return err;
}

int cgroup_thaw(int group)
{
	int err = sys_write_file(group, "cgroup.freeze", "0", 1);

	return err == -ENOENT ? 0 : err; /* before Linux 5.2 */
}

int cgroup_kill(int group)
{
	return sys_write_file(group, "cgroup.kill", "1", 1);
}

int cgroup_populated(int group)
{
	static const char key[] = "populated ";
	char text[128];
	int err = sys_read_file(group, "cgroup.events", text, sizeof(text));

	if (err < 0)
		return err;
	const char *at = strstr(text, key);

	return at ? at[sizeof(key) - 1] == '1' : -EINVAL;
}

int cgroup_remove(int root, const char *name)
{
	return unlinkat(root, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}
