/* SPDX-License-Identifier: MIT
 * The hardware or software watchdog, fed by the loop: if PID 1 is stuck the device resets
 * (Documentation/watchdog/watchdog-api.rst).
 */
#pragma once
#include "core/core.h"
#include "pid1/state.h"

#if CONFIG_WATCHDOG
/* Opens it and sets its time-out as the plan says. A failure is reported on the console. */
void watchdog_open(struct pid1 *s, const struct plan *p);
/* After a crash: takes `fd` if it is the watchdog and none is known. True if it was taken. */
bool watchdog_adopt(struct pid1 *s, int fd);
void watchdog_feed(struct pid1 *s); /* feeds it if that is due */
/* when it is due next, CORE_NEVER = no watchdog */
uint64_t watchdog_deadline(const struct pid1 *s);
/* Sets the time-out for the shutdown, 0 = as before. The watchdog stays armed. */
void watchdog_for_reboot(struct pid1 *s, uint32_t ms);
#else
static inline bool watchdog_adopt(const struct pid1 *s, int fd)
{
	(void)s, (void)fd;
	return false;
}
static inline void watchdog_feed(const struct pid1 *s)
{
	(void)s;
}
static inline uint64_t watchdog_deadline(const struct pid1 *s)
{
	(void)s;
	return CORE_NEVER;
}
static inline void watchdog_for_reboot(const struct pid1 *s, uint32_t ms)
{
	(void)s, (void)ms;
}
#endif
