/* SPDX-License-Identifier: MIT
 * Paths of the readiness sockets, one per service. Only root can enter their directory. In its own
 * view a service sees its socket as NOTIFY_PATH, which is an empty file on the host. A service with
 * the host's mounts has its socket in NOTIFY_HOST_DIRECTORY.
 */
#pragma once

#define NOTIFY_DIRECTORY "/run/bulkhead/notify.d"
#define NOTIFY_HOST_DIRECTORY "/run/bulkhead/notify.host"
#define NOTIFY_PATH "/run/bulkhead/notify"
