/* SPDX-License-Identifier: MIT
 * The traits table: for each state its properties, and its name as users see it.
 */
#include "core/core.h"

#define DECIDES (TODO_RELEASE | TODO_CLEAN) /* of a state without a life */

const struct core_traits core_traits[SVC_STATE_COUNT] = {
	[SVC_DOWN] = {"down", STATE_AT_REST, DECIDES, EXEC_COUNT, SVC_DOWN},
	[SVC_WAITING] = {"waiting", 0, DECIDES, EXEC_COUNT, SVC_WAITING},
	[SVC_PRE] = {"preparing", STATE_STARTING, TODO_SPAWN, EXEC_PRE, SVC_STARTING},
	[SVC_STARTING] = {"starting", STATE_STARTING, TODO_SPAWN, EXEC_START, SVC_POST},
	[SVC_POST] = {"finishing start", STATE_STARTING, TODO_SPAWN, EXEC_POST, SVC_UP},
	[SVC_UP] = {"up", STATE_READY, TODO_RELOAD, EXEC_COUNT, SVC_UP},
	[SVC_DONE] = {"done", STATE_READY, 0, EXEC_COUNT, SVC_DONE},
	[SVC_STOP] = {"stopping", STATE_ENDING, TODO_SPAWN, EXEC_STOP, SVC_TERM},
	[SVC_TERM] = {"stopping", STATE_ENDING, TODO_SIGNAL, EXEC_COUNT, SVC_TERM},
	[SVC_KILL] = {"being killed", STATE_ENDING, TODO_KILL, EXEC_COUNT, SVC_KILL},
	[SVC_STOP_POST] = {"cleaning up", STATE_ENDING, TODO_SPAWN, EXEC_STOP_POST, SVC_DOWN},
	[SVC_BACKOFF] = {"restarting", 0, DECIDES, EXEC_COUNT, SVC_BACKOFF},
	[SVC_FAILED] = {"failed", STATE_AT_REST | STATE_BAD, DECIDES, EXEC_COUNT, SVC_FAILED},
	[SVC_REFUSED] = {"refused", STATE_AT_REST | STATE_BAD, DECIDES, EXEC_COUNT, SVC_REFUSED},
	[SVC_SKIPPED] = {"skipped", STATE_AT_REST, DECIDES, EXEC_COUNT, SVC_SKIPPED},
	[SVC_LISTENING] = {"listening", STATE_READY, TODO_LISTEN, EXEC_COUNT, SVC_LISTENING},
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
	[OUT_RUNTIME] = "RuntimeMaxSec is over",
};

bool core_state_is(uint32_t state, uint32_t traits)
{
	return state < SVC_STATE_COUNT && core_traits[state].is & traits;
}

const char *core_state_name(enum core_state s)
{
	return (unsigned)s < SVC_STATE_COUNT ? core_traits[s].name : "?";
}

const char *core_outcome_name(enum core_outcome o)
{
	return (unsigned)o < OUT_COUNT ? outcomes[o] : "?";
}
