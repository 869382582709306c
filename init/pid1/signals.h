/* SPDX-License-Identifier: MIT
 * Signals to PID 1, all blocked and read from a signalfd: children, and the requests that BusyBox's
 * reboot, halt and poweroff, systemd's tools, container managers and Ctrl-Alt-Del send (see
 * bulkhead(8)).
 */
#pragma once
#include "pid1/state.h"

int signals_open(void); /* blocks them; the signalfd, or -errno */
void signals_read(struct pid1 *s, const struct plan *p);
