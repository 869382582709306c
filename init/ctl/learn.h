/* SPDX-License-Identifier: MIT
 * Shared by the files of `bulkctl learn`.
 */
#pragma once
#include "ctl/ctl.h"
#include <signal.h>
#include <sys/types.h>

struct learning {
	const struct ctl *c;
	char directory[40], record[64], open[64], lines[64]; /* open: lines without limits and filter */
	char seconds[24];
	bool by_name, grant, stopped;
	bool alive; /* in the last round it still ran when its time was up */
	int ended;  /* the signal that asked us to end; 0 = none */
	sigset_t before, ours;
};

/* Waits for a child. Signals that ask us to end are passed on to it, and files that were moved
 * aside are put back afterwards. Returns its exit status, 128 + signal, or 255. */
int learn_wait(struct learning *w, pid_t pid);
/* Runs rounds until nothing new is asked for, then the proof. 0 with the lines in w->lines, or the
 * exit status after the reason was printed. */
int learn_lines(struct learning *w);
bool learn_has_text(const char *path);
/* The file's text, malloc'd, cut at 256 kB; "" if there is none; NULL: no memory. */
char *learn_text(const char *path);
int learn_write(const char *path, const char *text, size_t n); /* 0 or -errno */
