/* SPDX-License-Identifier: MIT
 * Between the files of `--security`: a row of its table, and what rows look at.
 */
#pragma once
#include "report/security/security.h"

struct security_row {
	const char *section, *key; /* the directive that opens it */
	const char *why;
	void (*look)(struct security *f, const struct security_row *row);
	unsigned weight; /* tenths of a point, for each opening unless `look` knows better */
	unsigned value;  /* for look */
};

/* Notes an opening, with the row's reason and the line of its directive. */
__attribute__((format(printf, 4, 5))) void security_opens(struct security *f,
	const struct security_row *row, unsigned weight, const char *format, ...);

/* What its filter lets through of sockets beyond what that of `usual` does. */
void security_sockets(struct security *f, const struct security_row *row,
	const struct seccomp_conf *usual);

typedef void security_look(struct security *f, const struct security_row *row);
security_look look_namespace, look_root, look_ambient, look_bounding, look_new_privs, look_paths,
	look_tmp, look_devices, look_proc_subset, look_proc_visible, look_sysfs, look_tunables,
	look_landlock, look_limit, look_device_allow, look_delegate, look_addresses, look_calls,
	look_rules, look_abis, look_log_only, look_label, look_selinux, look_optional, look_terminal,
	look_realtime, look_nice, look_oom, look_sockets;
