/* SPDX-License-Identifier: MIT
 * ExecReload and ReloadSignal. Most files have `kill -HUP $MAINPID` there, which PID 1 does itself:
 * a command of the service has a process namespace of its own and sees no main process.
 */
#include "base/errname.h"
#include "base/num.h"
#include "compile/unit/service.h"
#include "compile/unit/unit.h"
#include <string.h>

static int signal_of(struct span word)
{
	char name[16];
	uint64_t n;
	if (num_u64(word, PLAN_MAX_SIGNAL, &n) == 0)
		return (int)n;
	return span_copy(word, name, sizeof(name)) < 0 ? -1 : sig_number(name);
}

int unit_set_reload_signal(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	int sig = signal_of(value);
	if (sig <= 0)
		return diag_error(d, "\"%.*s\" is not a signal, expected one like SIGHUP or SIGUSR1",
			SPAN_ARGS(value));
	u->reload_signal = sig;
	return 0;
}

static bool is_kill(struct span path)
{
	return span_is(path, "/bin/kill") || span_is(path, "/usr/bin/kill") || span_is(path, "kill");
}

static bool is_main(struct span word)
{
	return span_is(word, "$MAINPID") || span_is(word, "${MAINPID}");
}

/* kill -HUP, -1, -s HUP: the signal, SIGTERM without one, or -1. */
static int signal_asked(struct span *rest, struct span *word)
{
	struct span name;
	if (!span_word(rest, word))
		return -1;
	if (!span_starts(*word, "-"))
		return sig_number("TERM");
	name = (struct span){word->p + 1, word->n - 1};
	if (span_is(*word, "-s") && !span_word(rest, &name))
		return -1;
	return span_word(rest, word) ? signal_of(name) : -1;
}

int unit_set_reload(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	struct span rest = value, word;
	if (value.n == 0) {
		u->reload_signal = 0;
		return 0;
	}
	if (*rest.p == '-') /* a failure is told to whoever asked, and counts for nothing else */
		rest = (struct span){rest.p + 1, rest.n - 1};
	int sig = span_word(&rest, &word) && is_kill(word) ? signal_asked(&rest, &word) : -1;
	if (sig <= 0 || !is_main(word) || span_word(&rest, &word))
		return diag_error(d,
			"\"%.*s\" is not supported by this version, expected kill -HUP $MAINPID, which PID 1 does itself, or Type = notify-reload",
			SPAN_ARGS(value));
	u->reload_signal = sig;
	return 0;
}
