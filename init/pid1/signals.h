/* SPDX-License-Identifier: MIT
 * Signals to PID 1. All are blocked and read from a signalfd: SIGCHLD, and the requests that
 * BusyBox's reboot, halt and poweroff, systemd's tools, container managers and Ctrl-Alt-Del send
 * (bulkhead(8)).
 */
#pragma once
#include "pid1/state.h"

int signals_open(void); /* blocks all signals; returns the signalfd, or -errno */
void signals_read(struct pid1 *s, const struct plan *p);
