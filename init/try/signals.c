/* SPDX-License-Identifier: MIT
 * Signals and children: see signals.h.
 */
#include "try/signals.h"
#include "base/count.h"
#include "base/sys.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define INSISTS 2         /* signals that end, after the first: whatever TimeoutStopSec says */
#define CHILD_LOOK_MS 200 /* where there is no descriptor that tells */

void signals_send(const struct try_job *job, int sig)
{
	if (job->pid)
		sys_pidfd_send_signal(job->pidfd, sig);
}

static bool ends(int sig)
{
	static const int all[] = {TRY_ENDING_SIGNALS};
	for (size_t i = 0; i < COUNT(all); i++)
		if (sig == all[i])
			return true;
	return false;
}

void signals_take(struct trial *t)
{
	struct signalfd_siginfo info;
	if (read(t->signals, &info, sizeof(info)) != (ssize_t)sizeof(info) || info.ssi_signo == SIGCHLD)
		return;
	int sig = (int)info.ssi_signo;
	bool first = !t->stop_signal && ends(sig);
	if (first)
		t->stop_signal = sig;
	t->insisted += ends(sig) && !first;
	if (t->insisted >= INSISTS) {
		signals_send(&t->main, SIGKILL);
		signals_send(&t->other, SIGKILL);
	} else if (!first || t->asked) {
		signals_send(&t->main, sig);
	}
}

bool signals_child(struct trial *t, pid_t pid, int pidfd, int *status, uint32_t ms, bool stops)
{
	uint64_t end = try_now_ms() + ms;
	for (;;) {
		struct pollfd p[] = {{.fd = pidfd, .events = POLLIN}, {.fd = t->signals, .events = POLLIN}};
		pid_t got = waitpid(pid, status, WNOHANG);
		guard_beat();
		/* whoever ignores SIGCHLD, and we inherit it, has no children to wait for */
		if (got == pid || (got < 0 && errno == ECHILD))
			return true;
		if (try_now_ms() >= end || (stops && t->stop_signal))
			return false;
		if (poll(p, 2, CHILD_LOOK_MS) > 0 && p[1].revents)
			signals_take(t);
	}
}
