/* SPDX-License-Identifier: MIT
 * Services that are there without a file.
 */
#pragma once
#include "base/span.h"

#define BUILTIN_LOGGER "bulkhead-log"
#define BUILTIN_LOGGER_FILE "built-in bulkhead-log.ini" /* its name in messages */
#define BUILTIN_LOGGER_PROGRAM "/usr/lib/bulkhead/bulkhead-log"

struct span builtin_logger(void); /* the file of the log program; init.ini has been read */
