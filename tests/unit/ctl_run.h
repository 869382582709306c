/* SPDX-License-Identifier: MIT
 * bulkctl run in a child process, with its socket and its logs in a directory of the test's own.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

extern char directory[];
extern char socket_path[64];
extern char out[65536], err[4096]; /* what the last RUN has printed */
extern bool ctl_as_nobody;         /* as uid 65534; the test must be root */

/* RUN("status", "web"): the exit status. */
#define RUN(...) ctl_call(__VA_ARGS__, NULL)
int ctl_call(const char *first, ...) __attribute__((sentinel));
/* Starts it with these arguments up to a NULL, its output to the descriptors given. */
pid_t ctl_begin(int out_fd, int err_fd, const char *const *arguments);
void ctl_slurp(int fd, char *buf, size_t cap); /* reads it from its start, and closes it */
void has(const char *part);                    /* `out` has this part */
