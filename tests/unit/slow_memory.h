/* SPDX-License-Identifier: MIT
 * A process that holds the lock of a pipe for ever, for the tests of PID 1's pipes.
 */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

/* Memory that nobody ever brings: a write(2) from there never ends, and has the pipe's lock. NULL:
 * this kernel, or this user, has none. */
const char *slow_memory_map(void);
/* It waits: in the write that never ends, as all others have been done. */
bool slow_memory_waits(pid_t pid);
