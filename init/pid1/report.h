/* SPDX-License-Identifier: MIT
 * Lines of the console about services: the notices of the core, and what PID 1 has to say itself.
 */
#pragma once
#include "pid1/state.h"

struct fmt;

/* Prints the line of an ACT_NOTICE. */
void report_service(struct pid1 *s, const struct plan *p, const struct core_action *a);
/* Writes why a service has failed, followed by what is known, such as the last STATUS= of that
 * life. */
void report_reason(struct fmt *f, const struct pid1 *s, const struct plan *p, uint32_t service);
/* Whether a line about the service may be printed now. If not, it is counted, and the count is
 * printed later. */
bool report_may(struct pid1 *s, uint32_t service, enum storm_kind kind);
/* When such a count is due, STORM_NEVER = none. */
uint64_t report_deadline(const struct pid1 *s);
void report_left_out(struct pid1 *s, const struct plan *p); /* prints the counts that are due */
/* The services of the boot have settled, or SettleTimeoutSec is over: how many are up, and which
 * are not. */
void report_boot(struct pid1 *s, const struct plan *p, bool settled);
/* Writes why the boot is not good yet. */
void report_not_good(struct fmt *f, const struct pid1 *s, const struct plan *p, bool dark);
/* Says that the boot is not good in time, and why. dark: no service runs. */
void report_late(struct pid1 *s, const struct plan *p, bool dark);
/* The process of the slot has ended with success and left others, as a daemon does that moves to
 * the background, or a command that starts one. */
void report_leaves(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot);
/* Prints that a descriptor could not be watched, if there was one (watch_error()). */
void report_unwatched(struct pid1 *s);
/* Prints that a mark (bootmark.h) could not be written, if err < 0. */
void report_bootmark(struct pid1 *s, const char *path, int err);
