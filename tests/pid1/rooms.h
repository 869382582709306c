/* SPDX-License-Identifier: MIT
 * In which of PID 1's files the calls stand that failed: the linker's map tells of the first return
 * address on the stack that is in one.
 */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

#define ROOMS 100

bool rooms_read(const char *build);        /* the map */
int rooms_of(pid_t pid, unsigned long sp); /* a call of the one who is stopped there, or -1 */
void rooms_count(int room);
void rooms_say(void); /* how many points each had, and which had none */
