/* SPDX-License-Identifier: MIT
 * Services that are there without a file.
 */
#pragma once

#define BUILTIN_LOGGER "bulkhead-log"
#define BUILTIN_LOGGER_FILE "built-in bulkhead-log.ini" /* its name in messages */
#define BUILTIN_LOGGER_PROGRAM "/usr/lib/bulkhead/bulkhead-log"

extern const char builtin_logger[];
