/* SPDX-License-Identifier: MIT
 * Where the compile halves put what is wrong with a value. One finding is one line:
 *   file:line: [Section] Directive: what is wrong, what was expected
 * The place is set by the compiler before it hands a value to a room; the room only says the rest.
 */
#pragma once
#include <stdbool.h>

struct diag; /* made by the compile program, opaque to rooms */

/* An error: the service is refused. printf(3)'s formats. Returns -EINVAL, so that a setter can
 * `return diag_error(...)`. */
int diag_error(struct diag *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Something worth saying that refuses nothing. */
void diag_note(struct diag *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says that there is no memory, and ends the program with the status of a system that failed. */
void diag_no_memory(void) __attribute__((noreturn));
