/* SPDX-License-Identifier: MIT
 * Where the readiness sockets are, one a service. Nobody gets into their directory: in its own view
 * the service sees its own as NOTIFY_PATH, which on the host is an empty file. One that has the
 * host's mounts finds its own in the other directory.
 */
#pragma once

#define NOTIFY_DIRECTORY "/run/bulkhead/notify.d"
#define NOTIFY_HOST_DIRECTORY "/run/bulkhead/notify.host"
#define NOTIFY_PATH "/run/bulkhead/notify"
