/* SPDX-License-Identifier: MIT
 * Learning: the system calls of a service, which the kernel passes to us by user notification
 * (seccomp_unotify(2), Linux 5.5) before it carries them out. The filter refuses nothing. The other
 * walls are up, and what they will refuse is recorded. The record is text, which `bulkhead-compile
 * --learned` turns into lines of a service file:
 *   call NUMBER                   a system call of this architecture was made
 *   arg NUMBER INDEX VALUE...     all values of an argument, in hexadecimal; no line if there were
 *                                 more than LEARN_VALUES
 *   write PATH                    would be written or made, and is on a read-only mount of the
 *                                 service's view; or a missing directory that a file should go to
 *   hidden PATH                   would be read; is on the host and not in the view
 *   bind PORT, connect PORT       Internet sockets, without connections to the machine itself;
 *                                 `low PORT`: binding it needs CAP_NET_BIND_SERVICE
 *   raw packet | internet         a socket that needs CAP_NET_RAW
 *   memory BYTES, tasks N         the peaks
 *   end alive | exited N | killed N | refused
 */
#pragma once
#include "try/try.h"

/* Interval at which memory and tasks are read, if the kernel keeps no peaks. */
#define LEARN_SAMPLE_MS 50
#define LEARN_CALLS 512 /* system call numbers are below this */
#define LEARN_VALUES 24
#define LEARN_LISTENERS 4 /* filters that still have processes */

struct seccomp_notif;

int learn_open(struct trial *t); /* 0, or -errno after the reason was printed */
/* Takes the listener from the service's process `pid`; `number` is the descriptor there, as
 * text. */
void learn_attach(struct trial *t, int pid, const char *number);
int learn_descriptor(const struct learn *l, int n); /* for poll(2); -1 = none */
/* waiting: a call waits; otherwise no process has the filter any more */
void learn_event(struct trial *t, int n, bool waiting);
void learn_sample(struct trial *t);
/* learn_record.c: writes the record; 0, or -errno after the reason was printed. */
int learn_write(struct trial *t, int status);
/* learn_path.c: records what the pointers of a waiting call lead to. */
void learn_look(struct learn *l, const struct seccomp_notif *n);
