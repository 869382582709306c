/* SPDX-License-Identifier: MIT
 * Setters of init.ini that belong to no room. Each gets its member of struct machine.
 */
#pragma once
#include "compile/machine/machine.h"
#include "compile/unit/directives.h"

wall_setter machine_set_hostname, machine_set_sysctl, machine_set_watchdog_time,
	machine_set_log_size, machine_set_log_forward;
