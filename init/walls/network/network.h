/* SPDX-License-Identifier: MIT
 * The inside of the service's own network namespace (network_namespaces(7)): for now its loopback; veth and moved interfaces come here.
 */
#pragma once
#include <stdint.h>
#include "walls/apply.h"

/* lo up (SIOCSIFFLAGS, netdevice(7)); for a service whose network namespace is its own. */
int network_loopback_up(struct wall_why *why);
