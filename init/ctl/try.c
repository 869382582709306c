/* SPDX-License-Identifier: MIT
 * `bulkctl try`: bulkhead-try does the work.
 */
#include "ctl/ctl.h"
#include "base/count.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void ctl_hold_signals(void)
{
	static const int held[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < COUNT(held); i++)
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
