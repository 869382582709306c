/* SPDX-License-Identifier: MIT
 * Every bound of bulkhead in one place. Kconfig overrides each by a -DCONFIG_... from the generated autoconf.h;
 * the values here are those of the committed default configuration. `bulkctl info` prints them.
 */
#pragma once

#ifdef HAVE_AUTOCONF_H
#include "autoconf.h"
#endif

#ifndef CONFIG_MAX_SERVICES
#define CONFIG_MAX_SERVICES 256 /* services in a plan, refused ones included */
#endif
#ifndef CONFIG_MAX_PLAN_KB
#define CONFIG_MAX_PLAN_KB 1024 /* the whole plan, in kB */
#endif
#ifndef CONFIG_MAX_NAME
#define CONFIG_MAX_NAME 48 /* bytes of a service's name, with the NUL */
#endif
#ifndef CONFIG_MAX_CLIENTS
#define CONFIG_MAX_CLIENTS 8 /* control connections at a time */
#endif
#ifndef CONFIG_MAX_SOCKETS
#define CONFIG_MAX_SOCKETS 64 /* listening sockets of all services */
#endif
#ifndef CONFIG_MAX_EDGES
#define CONFIG_MAX_EDGES 32 /* dependencies of one service */
#endif
#ifndef CONFIG_LOG_RING_KB
#define CONFIG_LOG_RING_KB 32 /* default size of one service's log ring, in kB */
#endif
#ifndef CONFIG_MAX_LINE
#define CONFIG_MAX_LINE 1024 /* bytes of one log line; longer ones are split */
#endif
#ifndef CONFIG_MAX_INI_KB
#define CONFIG_MAX_INI_KB 64 /* one service file, in kB; larger ones are refused */
#endif
