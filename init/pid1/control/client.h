/* SPDX-License-Identifier: MIT
 * The program when it is not PID 1: called as poweroff, reboot, halt, shutdown or init, it sends a
 * request to PID 1, or calls the kernel. Returns the exit status: 0 done, 1 refused or not
 * reachable, 2 usage error.
 */
#pragma once

int client_run(const char *name, int argc, char *const argv[]);
