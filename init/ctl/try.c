/* SPDX-License-Identifier: MIT
 * `bulkctl try`: bulkhead-try does the work.
 */
#include "ctl/ctl.h"
#include "base/count.h"
#include <errno.h>
#include <signal.h>
#include <unistd.h>

/* Also across execve, so that bulkhead-try gets them. */
static void hold_signals(void)
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
	struct command l;
	if (geteuid() != 0)
		return ctl_complain(c, c->names[0], -EPERM, "only root can raise walls");
	command_begin(&l, c, "bulkhead-try");
	command_option(&l, "--optional", c->optional);
	command_add(&l, c->names[0]);
	command_add(&l, "--");
	for (int i = 1; i < c->count; i++)
		command_add(&l, c->names[i]);
	hold_signals(); /* bulkhead-try takes them as soon as it can, and tidies up */
	return command_execute(&l, c, "");
}
