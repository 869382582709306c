/* SPDX-License-Identifier: MIT
 * The device's name, as init.ini and hostname(5) give it. Pure.
 */
#pragma once
#include "base/span.h"

#define HOSTNAME_FILE "/etc/hostname"
#define HOSTNAME_BYTES 64 /* __NEW_UTS_LEN */
#define HOSTNAME_FILE_KB 4

/* Whether it may be a host's name, or one with its domain: letters, digits and - _ between dots.
 * @ too: a service's own host has its name, if nothing else is said. */
bool hostname_valid(struct span name);
/* The name in the text of HOSTNAME_FILE: the first word that is not a comment (#). Lines may end in
 * \r\n. False: there is none. It may be no valid one. */
bool hostname_find(struct span text, struct span *name);
