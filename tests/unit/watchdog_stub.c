/* SPDX-License-Identifier: MIT
 * See watchdog_stub.h.
 */
#include "unit/watchdog_stub.h"
#include "pid1/watchdog.h"

uint32_t watchdog_stub_feeds;

#if CONFIG_WATCHDOG
void watchdog_feed(struct pid1 *s)
{
	(void)s;
	watchdog_stub_feeds++;
}
#endif
