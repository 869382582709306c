/* SPDX-License-Identifier: MIT
 * Names of errno values and signals for messages ("EPERM", "SIGTERM"), from tables, without stdio
 * and locale. All texts are static. Pure.
 */
#pragma once

const char *err_name(int err); /* of a positive or negative errno; "E?" if unknown */
/* a few plain words ("operation not permitted"); "unknown error" */
const char *err_text(int err);
const char *sig_name(int sig);    /* "SIGTERM"; real-time ones "SIG34"; "SIG?" if there is none */
int sig_number(const char *name); /* of "TERM" or "SIGTERM"; -1 if unknown */
