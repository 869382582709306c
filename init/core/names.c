/* SPDX-License-Identifier: MIT
 * The words for states and outcomes, as users see them. */
#include "core/core.h"

static const char *const states[SVC_STATE_COUNT] = {
	[SVC_DOWN] = "down",
	[SVC_WAITING] = "waiting",
	[SVC_PRE] = "preparing",
	[SVC_STARTING] = "starting",
	[SVC_POST] = "finishing start",
	[SVC_UP] = "up",
	[SVC_DONE] = "done",
	[SVC_STOP] = "stopping",
	[SVC_TERM] = "stopping",
	[SVC_KILL] = "being killed",
	[SVC_STOP_POST] = "cleaning up",
	[SVC_BACKOFF] = "restarting",
	[SVC_FAILED] = "failed",
	[SVC_REFUSED] = "refused",
	[SVC_SKIPPED] = "skipped",
	[SVC_LISTENING] = "listening",
};

static const char *const outcomes[OUT_COUNT] = {
	[OUT_NONE] = "stopped",
	[OUT_SUCCESS] = "success",
	[OUT_EXIT] = "exit status",
	[OUT_SIGNAL] = "signal",
	[OUT_TIMEOUT] = "start time-out",
	[OUT_WATCHDOG] = "watchdog",
	[OUT_WALL] = "wall",
	[OUT_DEPENDENCY] = "dependency",
	[OUT_START_LIMIT] = "start limit",
	[OUT_MEMORY] = "memory limit",
	[OUT_LOST] = "lost in a crash",
	[OUT_STUCK] = "a process of it cannot be killed",
};

const char *core_state_name(enum core_state s)
{
	return (unsigned)s < SVC_STATE_COUNT ? states[s] : "?";
}

const char *core_outcome_name(enum core_outcome o)
{
	return (unsigned)o < OUT_COUNT ? outcomes[o] : "?";
}
