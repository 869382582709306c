/* SPDX-License-Identifier: MIT
 * The two halves of the monitor: monitor.c keeps the time, look.c reads /proc.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct config { /* /bench/config, NAME=VALUE lines */
	int services;
	int kills;
	int costs; /* services that run cost, in the slots after those of the run without a filter */
	int trace; /* 1: the kernel's trace goes to the second serial line once all is up */
	const char *init;
	const char *poweroff;
	const char *serial; /* where the figures go */
};

uint64_t now_ns(void);
void say(const char *format, ...) __attribute__((format(printf, 1, 2))); /* one line to the host */

long slurp(const char *path, char *buf, size_t cap); /* the length, or -1 */
uint64_t memory_free_kb(void);
int find_service(int slot); /* pid of "/bench/svc SLOT", 0 = none */
void report_processes(void);
void report_walls(int services);
