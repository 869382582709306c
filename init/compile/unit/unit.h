/* SPDX-License-Identifier: MIT
 * The setters of [Service] that belong to no wall.
 */
#pragma once
#include "compile/unit/service.h"

void unit_init(struct unit_conf *conf);
wall_setter unit_set_description, unit_set_type, unit_set_enabled, unit_set_instances,
	unit_set_profile, unit_set_exec_start_pre, unit_set_exec_start, unit_set_exec_start_post,
	unit_set_exec_stop, unit_set_exec_stop_post, unit_set_after, unit_set_before, unit_set_requires,
	unit_set_wants, unit_set_binds_to, unit_set_conflicts, unit_set_wanted_by,
	unit_set_condition_path, unit_set_condition_command_line, unit_set_condition_architecture,
	unit_set_condition_first_boot, unit_set_restart, unit_set_restart_sec, unit_set_restart_max,
	unit_set_start_limit_burst, unit_set_start_limit_interval, unit_set_start_limit_action,
	unit_set_failure_action, unit_set_success, unit_set_essential, unit_set_timeout_start,
	unit_set_timeout_stop, unit_set_kill_signal, unit_set_watchdog, unit_set_notify_access,
	unit_set_notification_fd, unit_set_working_directory, unit_set_environment,
	unit_set_standard_input, unit_set_standard_output, unit_set_standard_error, unit_set_tty_path,
	unit_set_optional_walls;
/* [A-Za-z0-9][A-Za-z0-9_@-]*, shorter than CONFIG_MAX_NAME. */
bool unit_name_valid(struct span name);
