/* SPDX-License-Identifier: MIT
 * The last bound. Every wait of the trial is in loop.c, has a time limit, and reads signals at
 * once. What is left are calls that the kernel can delay: a file on a disk that is gone, a terminal
 * that nobody reads. Signals are blocked in them too, so once a second a handler checks for one
 * that asks us to end. If one has come and the loop has not run for a while, the handler ends
 * everything, by calls that a handler may make.
 */
#include "try/try.h"
#include "base/count.h"
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define AWAY_S 15 /* away from the loop, after a signal that ends */
#define GIVEN_UP_S 5

static struct {
	struct trial *t;
	volatile sig_atomic_t away, ending;
} guard;

void guard_beat(void)
{
	guard.away = 0;
}

static int signal_that_ends(void)
{
	static const int all[] = {TRY_ENDING_SIGNALS};
	sigset_t set;
	if (guard.t->stop_signal)
		return guard.t->stop_signal;
	if (sigpending(&set) < 0)
		return 0;
	for (size_t i = 0; i < COUNT(all); i++)
		if (sigismember(&set, all[i]))
			return all[i];
	return 0;
}

static void give_up(int sig)
{
	struct trial *t = guard.t;
	group_kill(t);
	if (t->compiler > 0)
		kill(t->compiler, SIGKILL);
	try_say("stuck in the kernel for %d s after signal %d: given up", AWAY_S, sig);
	group_remove(t);
	if (CONFIG_SOCKETS && t->service)
		listen_close(t);
	_exit(128 + sig);
}

static void tick(int number)
{
	int sig = signal_that_ends();
	(void)number;
	if (!sig)
		return;
	guard.away++;
	if (guard.ending && guard.away > AWAY_S + GIVEN_UP_S)
		_exit(128 + sig);
	if (guard.ending || guard.away <= AWAY_S)
		return;
	guard.ending = 1;
	give_up(sig);
}

void guard_start(struct trial *t)
{
	const struct itimerval second = {.it_interval.tv_sec = 1, .it_value.tv_sec = 1};
	/* Again while it is at it: ending can be held up too. */
	struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART | SA_NODEFER};
	sigset_t set;
	guard.t = t;
	sigemptyset(&action.sa_mask);
	sigaction(SIGALRM, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	setitimer(ITIMER_REAL, &second, NULL);
}
