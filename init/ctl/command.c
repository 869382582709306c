/* SPDX-License-Identifier: MIT
 * The command lines of bulkhead's other programs: see ctl.h.
 */
#include "base/fmt.h"
#include "ctl/ctl.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPTIONS_MAX 24 /* words besides the names */
#define INSTALLED "/usr/lib/bulkhead/"

static void find_program(const char *name, char *path, size_t cap)
{
	char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash = n > 0 ? memrchr(self, '/', (size_t)n) : NULL;
	struct fmt f;
	fmt_init(&f, path, cap);
	if (slash) {
		slash[1] = '\0';
		fmt_strs(&f, self, name, NULL);
		if (!f.cut && access(path, X_OK) == 0)
			return;
	}
	fmt_init(&f, path, cap);
	fmt_strs(&f, INSTALLED, name, NULL);
}

void command_begin(struct command *l, const struct ctl *c, const char *program)
{
	*l = (struct command){.argv = calloc((size_t)c->count + OPTIONS_MAX, sizeof(*l->argv))};
	find_program(program, l->path, sizeof(l->path));
	command_add(l, l->path);
}

void command_add(struct command *l, const char *word)
{
	if (l->argv)
		l->argv[l->count++] = (char *)(uintptr_t)word;
}

void command_option(struct command *l, const char *option, const char *value)
{
	if (!value)
		return;
	command_add(l, option);
	command_add(l, value);
}

int command_execute(struct command *l, const struct ctl *c, const char *missing)
{
	if (!l->argv)
		return ctl_complain(c, NULL, -ENOMEM, "");
	execv(l->argv[0], l->argv);
	return ctl_complain(c, l->argv[0], -errno, errno == ENOENT ? missing : "");
}
