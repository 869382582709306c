/* SPDX-License-Identifier: MIT
 * Between the files of `bulkctl learn`.
 */
#pragma once
#include "ctl/ctl.h"
#include <signal.h>
#include <sys/types.h>

struct learning {
	const struct ctl *c;
	char try[600], compile[600];
	char directory[40], record[64], open[64], lines[64]; /* open: lines without limits and filter */
	char seconds[24];
	bool by_name, grant, stopped;
	bool alive; /* in the last round it was still there when its time was up */
	int ended;  /* the signal that told us to end; 0 = none */
	sigset_t before, ours;
};

/* Until a child has ended; a signal that ends us is handed on, and what was set aside is put back
 * afterwards. Its exit status, 128 + signal, or 255. */
int learn_wait(struct learning *w, pid_t pid);
/* Rounds until nothing new is asked for, and the proof: 0, or the exit status once the reason is
 * said. The lines are in w->lines. */
int learn_lines(struct learning *w);
bool learn_has_text(const char *path);
/* The file's text, malloc'd, cut at 256 kB; "" if it is not there, NULL without memory. */
char *learn_text(const char *path);
int learn_write(const char *path, const char *text, size_t n); /* 0 or -errno */
