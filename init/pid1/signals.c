/* SPDX-License-Identifier: MIT
 * Signals to PID 1: see signals.h. */
#include "pid1/signals.h"
#include "base/count.h"
#include "base/errname.h"
#include "engine/descriptors.h"
#include "pid1/console.h"
#include "pid1/container.h"
#include "pid1/control/control.h"
#include "pid1/crash.h"
#include "pid1/service/reap.h"
#include "pid1/watch.h"
#include <errno.h>
#include <signal.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct meaning {
	int sig;
	enum plan_final final;
	enum plan_final contained; /* in a container, FINAL_NONE: the same */
};

static const struct meaning meanings[] = {
	/* managers of containers send these to end one for good */
	{SIGTERM, FINAL_REBOOT, FINAL_POWEROFF},
	{SIGINT, FINAL_REBOOT, FINAL_POWEROFF},
	{SIGUSR1, FINAL_HALT, FINAL_NONE},
	{SIGUSR2, FINAL_POWEROFF, FINAL_NONE},
	{SIGPWR, FINAL_POWEROFF, FINAL_NONE},
	/* SIGRTMIN+3, +4, +5 as glibc counts */
	{37, FINAL_HALT, FINAL_NONE},
	{38, FINAL_POWEROFF, FINAL_NONE},
	{39, FINAL_REBOOT, FINAL_NONE},
};

int signals_open(void)
{
	sigset_t all;
	sigfillset(&all);
	sigdelset(&all, SIGSEGV); /* a crash is for the handler (crash.h), not for the loop */
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGFPE);
	sigdelset(&all, SIGABRT);
	sigdelset(&all, SIGSYS);
	sigdelset(&all, SIGTRAP);
	sigdelset(&all, SIGALRM); /* stay.h */
	sigprocmask(SIG_SETMASK, &all, NULL);
	reboot(RB_DISABLE_CAD); /* Ctrl-Alt-Del becomes our SIGINT */
	return descriptor_lift(signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK));
}

static void one_signal(struct pid1 *s, const struct plan *p, int sig)
{
	if (sig == SIGCHLD) {
		reap_children(s, p);
		return;
	}
	if (sig == SIGHUP)
		control_again(s);
	for (unsigned i = 0; i < COUNT(meanings); i++) {
		if (meanings[i].sig != sig)
			continue;
		console_say(s, SAY_NOTICE, "shutting down: ", sig_name(sig), " received", NULL);
		enum plan_final contained = container_here() ? meanings[i].contained : FINAL_NONE;
		post_event(s, p, EV_FINAL, 0, 0,
			contained != FINAL_NONE ? (int)contained : (int)meanings[i].final);
	}
}

void signals_read(struct pid1 *s, const struct plan *p)
{
	struct signalfd_siginfo si[8];
	ssize_t n = read(s->signal_fd, si, sizeof(si));
	if (n < 0 && errno == EBADF) /* no exit would be heard of */
		crash_anew(s);
	for (ssize_t i = 0; n > 0 && i < n / (ssize_t)sizeof(*si); i++)
		one_signal(s, p, (int)si[i].ssi_signo);
}
