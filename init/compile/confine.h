/* SPDX-License-Identifier: MIT
 * What the compiler gives up before it reads files that others may have written.
 */
#pragma once

/* No new privileges, no core files, bounds on processor time and memory. 0 or -errno. */
int confine(void);
