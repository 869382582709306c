/* SPDX-License-Identifier: MIT
 * What the core reports, in words, on the console.
 */
#pragma once
#include "pid1/state.h"

struct fmt;

void tell_world(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* Why it has failed, and what else is known of that: the last STATUS= of its life, say. */
void tell_reason(struct fmt *f, const struct pid1 *s, const struct plan *p, uint32_t service);
/* Whether a line about a service may be said, or is one too many: then it is counted, and the
 * count is said later. */
bool tell_may(struct pid1 *s, uint32_t service, enum storm_kind kind);
uint64_t tell_deadline(const struct pid1 *s);
void tell_left_out(struct pid1 *s, const struct plan *p); /* those counts that are due */
void tell_boot(struct pid1 *s, const struct plan *p);     /* the boot's services have settled */
/* Its main process has ended well, and left others: what a daemon does that goes to the background
 * by itself. */
void tell_leaves(struct pid1 *s, const struct plan *p, uint32_t service);
/* err < 0: why a mark (mark.h) could not be left */
void tell_mark(struct pid1 *s, const char *path, int err);
