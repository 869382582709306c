/* SPDX-License-Identifier: MIT
 * The setters of [Service] that belong to no wall.
 */
#pragma once
#include "compile/unit/service.h"

void unit_init(struct unit_conf *conf);
#define UNIT_FIRST_FREE_FD 3
#define UNIT_LAST_FD 127 /* NotificationFD: int8_t in the plan */

wall_setter unit_set_type, unit_set_condition_path, unit_set_condition_command_line,
	unit_set_condition_architecture, unit_set_condition_first_boot, unit_set_start_limit_action,
	unit_set_failure_action, unit_set_kill_signal, unit_set_reload, unit_set_reload_signal,
	unit_set_environment, unit_set_environment_file, unit_set_unset, unit_set_tty_path,
	unit_set_optional_walls;
wall_part_setter unit_set_commands, unit_set_statuses, unit_set_edges, unit_set_stdio;

struct specifiers {              /* %i instance, %n name, %H host name, %% per cent sign */
	const char *name, *instance; /* instance: "" if there is none */
	struct span hostname;        /* empty: its use is noted, and it is localhost */
};
/* specifiers.c: replaces them. *out is the value itself, or malloc'd. 0, or an error through d. */
int specifiers_expand(struct span value, const struct specifiers *names, struct span *out,
	struct diag *d);

/* [A-Za-z0-9][A-Za-z0-9_@-]*, shorter than CONFIG_MAX_NAME. */
bool unit_name_valid(struct span name);
