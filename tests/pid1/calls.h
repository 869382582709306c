/* SPDX-License-Identifier: MIT
 * What is known of a system call by its number.
 */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

/* It can't fail in any kernel, so nobody looks at its result; or for wrong arguments alone. */
bool call_never_fails(long number);
/* Of this machine's; "?" if there is none. */
void call_name(long number, char name[32]);
/* Of one who is stopped before a call (ptrace): it is not made, and returns that. */
void call_skip(pid_t pid, long result);
/* A file of fewer than 16 bytes in its name is not there, where it is opened by its name alone. */
void call_hides(pid_t pid, long number, const char *file);
/* The host's disks and devices are not the box's: it has its /dev. Its /proc has a command line of
 * its own, which a second one would hide. */
void call_confine(pid_t pid, long number);
