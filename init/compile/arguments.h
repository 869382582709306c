/* SPDX-License-Identifier: MIT
 * The command line of bulkhead-compile.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum action {
	ACTION_COMPILE,
	ACTION_CHECK,
	ACTION_HELP,
	ACTION_DUMP,
	ACTION_EXPLAIN,
	ACTION_LIST,
	ACTION_SELINUX,
	ACTION_SECURITY,
	ACTION_CALENDAR
};

struct arguments {
	enum action action;
	/* subject: the plan to dump, the service to explain, or a calendar expression */
	const char *root, *output, *file, *service, *learned, *subject, *base_time;
	int fd, pid;        /* pid: of the running service to look at, -1 = none */
	int in_force, keep; /* descriptors of the plan in force, and of what stays of it; -1 = none */
	uint32_t absent;
	uint32_t arch;
	unsigned limit; /* of --security, in tenths */
	bool strict, json, mdoc, alone, grant;
	bool full;    /* of --explain: what is at its default, too */
	bool device;  /* of --list-directives: the directives of init.ini */
	char **files; /* of --check; services of --selinux and --security; ends with NULL */
};

extern const char arguments_usage[];
/* Parses the command line. False: it is wrong or incomplete, which has been reported. --help prints
 * the usage and exits. */
bool arguments_read(struct arguments *o, int argc, char **argv);
