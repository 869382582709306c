/* SPDX-License-Identifier: MIT
 * `bulkctl try`: bulkhead-try does the work. It and its kin are looked for beside bulkctl first, so
 * that a build directory works as it is.
 */
#include "base/fmt.h"
#include "ctl/ctl.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INSTALLED "/usr/lib/bulkhead/"

void ctl_program(const char *name, char *path, size_t cap)
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

void ctl_hold_signals(void)
{
	static const int held[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(held) / sizeof(*held); i++)
		sigaddset(&set, held[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int ctl_try(const struct ctl *c)
{
	char **argv;
	char path[600];
	size_t n = 0;

	if (geteuid() != 0)
		return ctl_complain(c, c->names[0], -EPERM, "only root can raise walls");
	argv = calloc((size_t)c->count + 8, sizeof(*argv));
	if (!argv)
		return ctl_complain(c, NULL, -ENOMEM, "");
	ctl_program("bulkhead-try", path, sizeof(path));
	argv[n++] = path;
	if (c->optional) {
		argv[n++] = (char *)"--optional";
		argv[n++] = (char *)c->optional;
	}
	argv[n++] = c->names[0];
	argv[n++] = (char *)"--";
	for (int i = 1; i < c->count; i++)
		argv[n++] = c->names[i];
	ctl_hold_signals(); /* bulkhead-try takes them as soon as it can, and tidies up */
	execv(path, argv);
	n = (size_t)errno;
	free(argv);
	return ctl_complain(c, path, -(int)n, "");
}
