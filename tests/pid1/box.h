/* SPDX-License-Identifier: MIT
 * A small device for PID 1 in namespaces: its root, its services (box.c has their files), and a
 * conductor who uses it from outside.
 */
#pragma once
#include <sys/types.h>

#define BOX_SERVICES 5

extern const char *const box_services[BOX_SERVICES];

struct box_result {
	char state[8192];              /* bulkctl status --json before the end, without what differs in each run */
	char log[BOX_SERVICES][16384]; /* of each service, until the end */
	char said[32768];              /* console and kernel log */
};

const char *box_prepare(const char *build); /* NULL, or what is lacking here */
pid_t box_begin(void);                      /* PID 1, stopped (ptrace) before its first instruction, or -1 */
pid_t box_conduct(pid_t init);              /* the life, from a process of its own, which ends when it is over */
void box_end(struct box_result *r);
void box_forget(void);
