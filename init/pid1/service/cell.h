/* SPDX-License-Identifier: MIT
 * Reports of a cell: that its service has started, or why it has not, and how it ended.
 */
#pragma once
#include "pid1/state.h"

/* Reads what a cell has written, and posts the events. A closed pipe is closed here too. */
void cell_hear(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot);
