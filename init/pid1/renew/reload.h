/* SPDX-License-Identifier: MIT
 * A reload: the service files are compiled anew, what is to stop is stopped under the old plan, and
 * PID 1 executes itself with a state block for the new one (renew.h). Until then nothing has
 * changed but for what was stopped, which comes back if the reload comes to nothing. The steps are
 * in the state block (struct reload): a crash in any of them goes on with it.
 */
#pragma once
#include "pid1/state.h"

/* Does what is due: starts the compiler, looks at what it has made, stops services, and executes
 * PID 1 anew once they are at rest. */
void reload_look(struct pid1 *s, const struct plan *p);
/* When reload_look() has something to do without an event; CORE_NEVER = no reload is under way. */
uint64_t reload_deadline(const struct pid1 *s);
