/* SPDX-License-Identifier: MIT
 * A small device for PID 1 in namespaces: its root, its services (box.c has their files), and a
 * conductor who uses it from outside. It has several lives, of which each reaches other parts of
 * PID 1.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define BOX_SERVICES 6
#define BOX_LIVES 3
#define BOX_LINES 8 /* that each life of a service writes, numbered: a gap shows */

struct box_life {
	/* settled: stands in the status once all that comes by itself has come */
	const char *name, *cmdline, *settled;
	const char *init, *fstab; /* files, NULL: none */
	bool no_plan;             /* PID 1 has it compiled at boot */
	bool no_group_kill;       /* as before Linux 5.14: no cgroup.kill */
	bool no_kmsg;             /* as with a kernel without CONFIG_PRINTK */
	/* PID 1's arguments as process 1 of a container, NULL: it is on a device */
	const char *container;
	const char *without; /* numbers of capabilities that nobody has in it, NULL: none */
	/* sockets of PID 1's that are to refuse descriptors, but for the clients' */
	int refusing;
	void (*live)(char *text, size_t cap);
	struct {
		const char *name, *file;
	} service[BOX_SERVICES];
};

extern const struct box_life box_lives[BOX_LIVES];

struct box_result {
	/* bulkctl status --json before the end, without what differs in each run */
	char state[8192];
	char log[BOX_SERVICES][32768]; /* of each service, until the end */
	char said[32768];              /* console and kernel log */
};

const char *box_lacks(const char *build);   /* NULL, or why there can be none here */
const char *box_prepare(const char *build); /* NULL, or what is lacking here */
bool box_use(const char *build, const struct box_life *life);
/* PID 1, stopped (ptrace) before its first instruction, or -1 */
pid_t box_begin(void);
/* the life, from a process of its own, which ends when it is over */
pid_t box_conduct(pid_t init);
/* within that time bulkctl is told of its first service */
bool box_answers(pid_t init, int ms);
void box_command(pid_t init, const char *word); /* bulkctl WORD */
const char *box_place(void);                    /* directory with root, dev and cgroup */
void box_end(struct box_result *r);
void box_forget(void);
