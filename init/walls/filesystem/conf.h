/* SPDX-License-Identifier: MIT
 * Compile half of [Filesystem], and of RuntimeDirectory and the other directives for directories.
 */
#pragma once
#include "walls/compile.h"
#include "walls/filesystem/filesystem.h"

#define FILESYSTEM_MAX_RULES 128
#define FILESYSTEM_MAX_DEVICES 32
#define FILESYSTEM_MAX_DIRECTORIES 16 /* of each kind */

enum directory_kind {
	DIRECTORY_RUNTIME,
	DIRECTORY_STATE,
	DIRECTORY_CACHE,
	DIRECTORY_LOGS,
	DIRECTORY_CONFIGURATION,
	DIRECTORY_KINDS
};

struct filesystem_conf_rule {
	uint16_t op;    /* enum filesystem_op */
	uint16_t flags; /* enum filesystem_rule_flags */
	struct span source, target, options;
};

struct filesystem_conf {
	struct filesystem_conf_rule rule[FILESYSTEM_MAX_RULES];
	size_t rules;
	struct span device[FILESYSTEM_MAX_DEVICES];
	size_t devices;
	bool host_dev; /* Devices = * */
	struct {
		struct span name[FILESYSTEM_MAX_DIRECTORIES];
		size_t count;
		uint32_t mode;
	} directory[DIRECTORY_KINDS];
	struct span root_directory, root_image; /* at most one of them */
	uint32_t runtime_ends;                  /* enum filesystem_runtime, of each RuntimeDirectory */
	/* of each RuntimeDirectory; NUM_INFINITY: it is no file system of its own */
	uint64_t runtime_size, runtime_inodes;
	bool private_tmp;
	bool proc_subset_pid;
	bool proc_invisible;
	uint32_t sysfs, tunables; /* enum filesystem_view */
};

void filesystem_conf_init(struct filesystem_conf *conf);
wall_setter filesystem_set_root_directory, filesystem_set_root_image, filesystem_set_devices,
	filesystem_set_proc_subset, filesystem_set_protect_proc, filesystem_set_runtime_size,
	filesystem_set_runtime_inodes, filesystem_set_runtime_preserve;
wall_part_setter filesystem_set_paths, filesystem_set_directory;
extern const char *const filesystem_views[]; /* enum filesystem_view; ends with NULL */

/* Where directories of a kind are ("/run", "/var/lib", …), and the variable that tells the service
 * ("RUNTIME_DIRECTORY", …). */
const char *filesystem_directory_top(enum directory_kind kind);
/* The path of the i-th directory of a kind; false: there are no more. */
#define FILESYSTEM_PATH 300
bool filesystem_directory_path(const struct filesystem_conf *conf, unsigned kind, size_t i,
	char path[static FILESYSTEM_PATH]);
const char *filesystem_directory_variable(enum directory_kind kind);
/* Whether the path is one of the service's directories, or in one. */
bool filesystem_in_own_directory(const struct filesystem_conf *conf, struct span path);
/* The bounds of the i-th RuntimeDirectory in kB and in files; false: it has none. */
bool filesystem_runtime_bounds(const struct filesystem_conf *conf, size_t i, uint32_t *kb,
	uint32_t *inodes);
/* SERVICE_CLEANS and SERVICE_KEEPS, if some directories are emptied when the service stops; or
 * 0. */
uint32_t filesystem_service_flags(const struct filesystem_conf *conf);
bool filesystem_has_own_root(const struct filesystem_conf *conf);
/* The host's path that a rule is about, and whether the rule makes it writable. */
struct span filesystem_host_path(const struct filesystem_conf_rule *rule);
bool filesystem_is_written(const struct filesystem_conf_rule *rule);
/* Checks options of a tmpfs, separated by commas: 0, or an error through d. */
int filesystem_check_options(struct span options, struct diag *d);
/* Checks for directives that contradict RootImage. */
int filesystem_check_root(const struct filesystem_conf *conf, struct diag *d);
/* Checks for paths that contradict each other. */
int filesystem_check_paths(const struct filesystem_conf *conf, struct diag *d);
/* Where a path of the service's view is on the host. 1: *host is a path of the host. 2: *host is a
 * path inside RootDirectory. 0: known only at run time. -EACCES: a rule hides it. -EPERM: a rule
 * forbids execution there. *rule names that rule. */
int filesystem_locate(const struct filesystem_conf *conf, struct span path, char *host, size_t cap,
	struct span *rule);
/* The rules in mount order; returns their number. */
size_t filesystem_sorted(const struct filesystem_conf *conf,
	const struct filesystem_conf_rule **sorted);
/* The paths of the view that may be written or executed; all that is not hidden may be read.
 * Parents come before the paths below them, except for rules. */
enum filesystem_access {
	FS_ACCESS_EXECUTE = 1,
	FS_ACCESS_MODIFY,  /* write existing files */
	FS_ACCESS_WRITE,   /* the same, and make and remove files */
	FS_ACCESS_DEVICES, /* write to device nodes, and ioctl(2) on them */
};
/* access: 0 for a root without execution */
typedef void filesystem_visitor(void *user, struct span path, uint32_t access);
void filesystem_writable(const struct filesystem_conf *conf, bool host_pids,
	filesystem_visitor *visit, void *user);
const char *filesystem_op_name(unsigned op);
struct plan_blob filesystem_encode(const struct filesystem_conf *conf,
	const struct wall_context *context, struct plan_writer *w);
