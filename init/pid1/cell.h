/* SPDX-License-Identifier: MIT
 * What a cell reports: that its service has started, or why not, and how it has ended.
 */
#pragma once
#include "pid1/state.h"

/* It has written, or closed its pipe. */
void cell_hear(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot);
