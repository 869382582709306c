/* SPDX-License-Identifier: MIT
 * Whether a file that PID 1 is to trust can be changed by root alone: the file and every directory
 * above it. The compiler checks service files in the same way (compile/files/trust.c).
 */
#pragma once
#include <sys/stat.h>

#define OWNERS_TOLD 240

/* Checks the open file, the directories above `path` (absolute), and those above the place that the
 * path's links lead to, which /proc names. 0; -EPERM with what is wrong in `told`; or another
 * -errno. */
int owners_judge(int fd, const char *path, char told[OWNERS_TOLD]);
