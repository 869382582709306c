/* SPDX-License-Identifier: MIT
 * Signals between whoever tries a service, the trial and its children.
 */
#pragma once
#include "try/try.h"

/* Takes one that has come. The first of those that end is kept for the course, which has commands
 * to run before; all others go on at once, and so do those that come once it ends. The third of
 * those that end kills. */
void signals_take(struct trial *t);
/* To the job's cell, which passes it on once its service runs; nothing if there is none. */
void signals_send(const struct try_job *job, int sig);
/* Waits until a child has ended, `ms` are over or, if `stops`, the trial is to end. True: it has
 * ended. pidfd may be -1. */
bool signals_child(struct trial *t, pid_t pid, int pidfd, int *status, uint32_t ms, bool stops);
