/* SPDX-License-Identifier: MIT
 * bulkhead-data: mounts the data partition, wipes it for a factory reset, lays writable directories
 * over the root and keeps the random seed. PID 1 runs it and waits no longer than it wants to, so
 * that a flash that does not answer holds up this program alone. It stands in PID 1's mount
 * namespace; in its own SELinux domain it may touch every file, so that PID 1 need not.
 *
 *   bulkhead-data boot <PLAN >&2    descriptor 1 is the plan; what is worth saying goes to
 *                                   descriptor 2
 *   bulkhead-data again             the same where PID 1 has lost its state: what is mounted stays,
 *                                   and nothing is wiped under those who use it
 *   bulkhead-data save              before file systems are unmounted: a new seed
 */
#pragma once
#include "plan/plan.h"
#include <stdbool.h>

/* below the data partition: what is bulkhead's own there */
#define DATA_OWN "/.bulkhead"
#define DATA_RESET "/.bulkhead-reset"    /* there while a factory reset is under way */
#define DATA_OLD "/.bulkhead-old"        /* what it leaves to be deleted */
#define DATA_MEMORY "/run/bulkhead/data" /* the tmpfs that holds changes which no partition does */
#define DATA_PATH 2048

/* syslog(3)'s, as "<3>" before a line */
enum data_level { DATA_ERROR = 3, DATA_NOTICE = 5, DATA_INFO = 6 };

/* One line. err, unless 0, adds its name and meaning. */
void data_say(enum data_level level, int err, ...) __attribute__((sentinel));
/* The label that a path has, "" without SELinux. */
void data_label(const char *path, char *label, size_t cap);
/* Creates a directory with owner, mode and label of another, unless it is there. 0 or -errno. */
int data_mkdir_like(const char *path, const char *like);
int data_mkdir(const char *path, unsigned mode); /* there already is 0 */
int data_sync(const char *directory);

/* Whether a file system of that type (statfs(2)) is mounted at that very place. */
bool data_is_mounted(const char *target, unsigned long type);
/* Whether the partition itself is mounted: not if its place was taken by a tmpfs, or by nothing. */
bool data_mount(const struct plan *p, const struct plan_mount *m);
void data_reset(const struct plan *p, const struct plan_machine *m, bool mounted);
/* Deletes what earlier resets left, however long that takes, in a process of its own. */
void data_delete_old(const char *directory);
void data_overlays(const struct plan *p, const struct plan_machine *m, bool mounted);
void data_seed_load(const char *path, bool credit);
int data_seed_save(const char *path);
