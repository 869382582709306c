/* SPDX-License-Identifier: MIT
 * Notes on files below services.d of /etc/bulkhead and /usr/lib/bulkhead.
 */
#pragma once
#include "compile/unit/service.h"

/* Files of another system's names, and drop-ins of nobody, once all services are loaded. */
void strays_note(const struct set *set);
