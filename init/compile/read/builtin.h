/* SPDX-License-Identifier: MIT
 * Services that exist without a file.
 */
#pragma once
#include "base/span.h"
#include <stdint.h>

#define BUILTIN_LOGGER "bulkhead-log"
#define BUILTIN_LOGGER_FILE "built-in bulkhead-log.ini" /* its name in messages */
#define BUILTIN_LOGGER_PROGRAM "/usr/lib/bulkhead/bulkhead-log"

/* text of the log program's file; ring_kb: per service */
struct span builtin_logger(uint32_t ring_kb);
