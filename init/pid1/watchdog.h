/* SPDX-License-Identifier: MIT
 * The hardware (or soft) watchdog, fed by the loop alone: a PID 1 that is stuck is a device that
 * resets (Documentation/watchdog/watchdog-api.rst).
 */
#pragma once
#include "core/core.h"
#include "pid1/state.h"

#if CONFIG_WATCHDOG
void watchdog_open(struct pid1 *s, const struct plan *p);
/* after a crash that has lost its number: fd is it */
bool watchdog_adopt(struct pid1 *s, int fd);
void watchdog_feed(struct pid1 *s); /* when it is due */
/* when it is due next, CORE_NEVER = no watchdog */
uint64_t watchdog_deadline(const struct pid1 *s);
/* the time that is left for going down, 0 = as before; it stays armed */
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
