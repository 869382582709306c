/* SPDX-License-Identifier: MIT
 * The program when it is not PID 1: as poweroff, reboot, halt, shutdown or init it asks the one
 * that is, or the kernel. The exit status: 0 done, 1 refused or not to be reached, 2 the command
 * line was wrong.
 */
#pragma once

int client_run(const char *name, int argc, char *const argv[]);
