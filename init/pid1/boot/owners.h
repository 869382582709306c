/* SPDX-License-Identifier: MIT
 * Whether a file that PID 1 believes is root's alone: it and every directory above it, as the
 * compiler asks of service files (compile/files/trust.c).
 */
#pragma once
#include <sys/stat.h>

#define OWNERS_TOLD 240

/* The open file, the directories above its absolute path, and those above the place that links on
 * this path lead to, which /proc tells: 0; -EPERM and what is wrong in `told`, or -errno. */
int owners_judge(int fd, const char *path, char told[OWNERS_TOLD]);
