/* SPDX-License-Identifier: MIT
 * Learning: what the service asks of the kernel, call by call, as the kernel tells us by user
 * notification (seccomp_unotify(2), Linux 5.5) before it carries it out. Nothing is refused by the
 * filter; the other walls stand, and what they will refuse is written down. The record is lines of
 * text that `bulkhead-compile --learned` turns into lines of a service file:
 *   call NUMBER                   a system call of this architecture that was made
 *   arg NUMBER INDEX VALUE...     all values that an argument had, in hexadecimal; absent once
 *                                 there were more than LEARN_VALUES
 *   write PATH                    would be written or made, and lies on a read-only mount of the
 *                                 service's view; or a directory it goes to and that is not there
 *   hidden PATH                   would be read, is there on the host and not in the view
 *   bind PORT, connect PORT       Internet sockets, connections to the machine itself left out;
 *                                 `low PORT`: binding it needs CAP_NET_BIND_SERVICE
 *   raw packet | internet         a socket that needs CAP_NET_RAW
 *   memory BYTES, tasks N         the most there were
 *   end alive | exited N | killed N | refused
 */
#pragma once
#include "try/try.h"

/* memory and tasks are looked at as often, where the kernel keeps no peaks itself */
#define LEARN_SAMPLE_MS 50
#define LEARN_CALLS 512 /* system call numbers below */
#define LEARN_VALUES 24
#define LEARN_LISTENERS 4 /* commands of ExecStart that processes still run behind */

struct seccomp_notif;

int learn_open(struct trial *t); /* 0 or -errno after saying why */
/* The cell says where the listener is: a descriptor of the service's process `pid`, its number
 * as text. */
void learn_attach(struct trial *t, int pid, const char *number);
int learn_descriptor(const struct learn *l, int n); /* for poll(2); -1 = none */
/* waiting: a call waits; else nobody is behind the filter any more */
void learn_event(struct trial *t, int n, bool waiting);
void learn_sample(struct trial *t);
/* Adds to the record; -errno after saying why. */
int learn_write(struct trial *t, int status);
/* One line of the record, once; nothing if the call that is looked at does not wait any more. */
void learn_note(struct learn *l, const char *kind, const char *text);
/* learn_path.c: what a call's pointers lead to, as long as the call waits. */
void learn_look(struct learn *l, const struct seccomp_notif *n);
