/* SPDX-License-Identifier: MIT
 * Readiness: datagrams of sd_notify(3) on NOTIFY_PATH, whose sender the kernel names (SCM_CREDENTIALS, unix(7)), and newlines on a NotificationFD
 * pipe (s6's protocol). A service wrote these bytes: only whole known assignments are taken, everything else is passed over.
 */
#pragma once
#include "pid1/state.h"

#define NOTIFY_PATH "/run/bulkhead/notify"

int notify_open(void); /* the bound socket, or -errno */
void notify_read(struct pid1 *s, const struct plan *p);
void notify_pipe(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot);
