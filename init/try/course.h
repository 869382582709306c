/* SPDX-License-Identifier: MIT
 * The course of a trial. The core of PID 1 decides it, with one service: what follows on what, what
 * is a failure, and whose time is over. It is told what happens, and what it decides is carried
 * out. The trial ends with the first life of the service: what comes after, a restart or
 * FailureAction, is left to PID 1.
 */
#pragma once
#include "try/try.h"

void course_begin(struct trial *t);
enum core_state course_state(const struct trial *t);
bool course_is_over(const struct trial *t);
/* Whether a time is over that the core judges: what has been said until then is to be heard
 * first. */
bool course_is_due(const struct trial *t, uint64_t now);
/* Lets the core decide, and carries it out. All that came until `heard` has been told. */
void course_go_on(struct trial *t, uint64_t heard);
/* When course_go_on() has something to do without an event; CORE_NEVER = none. */
uint64_t course_deadline(const struct trial *t);
/* Tells the core of an event, of the job's slot if it has one. */
void course_tell(struct trial *t, const struct try_job *job, enum core_event_kind kind, int value);
/* Tells it of the job's end, and whoever tries it if that is a failure. */
void course_ended(struct trial *t, const struct try_job *job);
/* The job's process has ended and left others: says so, if that is no way to end, and has them
 * ended as PID 1 does. */
void course_leaves(struct trial *t, struct try_job *job);
int course_status(const struct trial *t); /* after the end: the exit status of the trial */
