/* SPDX-License-Identifier: MIT
 * Feeds of the hardware watchdog, for tests of what feeds it.
 */
#pragma once
#include <stdint.h>

extern uint32_t watchdog_stub_feeds; /* so far; none in a build without CONFIG_WATCHDOG */
