/* SPDX-License-Identifier: MIT
 * Notes on files below services.d of /etc/bulkhead and /usr/lib/bulkhead.
 */
#pragma once
#include "compile/unit/service.h"

/* Notes files with another system's names, and drop-ins without a service, when all services are
 * loaded. */
void strays_note(const struct set *set);
