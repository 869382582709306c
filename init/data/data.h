/* SPDX-License-Identifier: MIT
 * bulkhead-data mounts the data partition, wipes it for a factory reset, puts writable directories
 * over the root, and keeps the random seed. PID 1 runs it and waits for it with a time limit, so
 * that a flash that does not answer delays this program only. It runs in PID 1's mount namespace.
 * Its own SELinux domain may access every file, so that PID 1's need not.
 *
 *   bulkhead-data boot <PLAN >&2    descriptor 1 is the plan; messages go to descriptor 2
 *   bulkhead-data again             the same after PID 1 has lost its state: mounts stay, and
 *                                   nothing in use is wiped
 *   bulkhead-data save              before file systems are unmounted: a new seed
 */
#pragma once
#include "plan/plan.h"
#include <stdbool.h>

/* bulkhead's own directory on the data partition */
#define DATA_OWN "/.bulkhead"
#define DATA_RESET "/.bulkhead-reset"    /* exists while a factory reset is under way */
#define DATA_OLD "/.bulkhead-old"        /* what is still to be deleted after one */
#define DATA_MEMORY "/run/bulkhead/data" /* the tmpfs for changes that no partition holds */
#define DATA_PATH 2048

/* levels of syslog(3), as the prefix "<3>" of a line */
enum data_level { DATA_ERROR = 3, DATA_NOTICE = 5, DATA_INFO = 6 };

/* Prints one line made of strings up to NULL. err, unless 0, adds its name and meaning. */
void data_say(enum data_level level, int err, ...) __attribute__((sentinel));
/* The SELinux label of a path, "" without SELinux. */
void data_label(const char *path, char *label, size_t cap);
/* Makes a directory with the owner, mode and label of another, unless it exists. 0 or -errno. */
int data_mkdir_like(const char *path, const char *like);
int data_mkdir(const char *path, unsigned mode); /* 0 too if it exists */
int data_sync(const char *directory);

/* Whether a file system of that type (statfs(2)) is mounted exactly there. */
bool data_is_mounted(const char *target, unsigned long type);
/* Mounts the partition. False if a tmpfs or nothing was mounted in its place. */
bool data_mount(const struct plan *p, const struct plan_mount *m);
void data_reset(const struct plan *p, const struct plan_machine *m, bool mounted);
/* Deletes what earlier resets have left, in a process of its own, without a time limit. */
void data_delete_old(const char *directory);
void data_overlays(const struct plan *p, const struct plan_machine *m, bool mounted);
void data_seed_load(const char *path, bool credit);
int data_seed_save(const char *path);
