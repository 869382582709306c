/* SPDX-License-Identifier: MIT
 * Learning: what the service asks of the kernel, call by call, as the kernel tells us by user notification (seccomp_unotify(2), Linux 5.5) before it carries
 * it out. Nothing is refused by the filter; the other walls stand.
 */
#pragma once
#include "try/try.h"

#define LEARN_SAMPLE_MS 50 /* memory and tasks are looked at as often, where the kernel keeps no peaks itself */

int learn_open(struct try *t); /* 0 or -errno after saying why */
/* The cell says where the listener is: a descriptor of the service's process `pid`, its number as text. */
void learn_attach(struct try *t, int pid, const char *number);
int learn_descriptor(const struct learn *l); /* for poll(2); -1 = none */
void learn_event(struct try *t);
void learn_sample(struct try *t);
/* Writes the record; -errno after saying why. */
int learn_write(struct try *t);
