/* SPDX-License-Identifier: MIT
 * What the core reports, in words, on the console.
 */
#pragma once
#include "pid1/state.h"

struct fmt;

void report_service(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* Why it has failed, and what else is known of that: the last STATUS= of its life, say. */
void report_reason(struct fmt *f, const struct pid1 *s, const struct plan *p, uint32_t service);
/* Whether a line about a service may be said, or is one too many: then it is counted, and the
 * count is said later. */
bool report_may(struct pid1 *s, uint32_t service, enum storm_kind kind);
uint64_t report_deadline(const struct pid1 *s);
void report_left_out(struct pid1 *s, const struct plan *p); /* those counts that are due */
void report_boot(struct pid1 *s, const struct plan *p);     /* the boot's services have settled */
/* Its main process has ended well, and left others: what a daemon does that goes to the background
 * by itself. */
void report_leaves(struct pid1 *s, const struct plan *p, uint32_t service);
/* That descriptors could not be watched, if so (watch_error). */
void report_unwatched(struct pid1 *s);
/* err < 0: why a mark (bootmark.h) could not be left */
void report_bootmark(struct pid1 *s, const char *path, int err);
