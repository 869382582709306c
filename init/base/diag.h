/* SPDX-License-Identifier: MIT
 * Diagnostics of the compile halves. One finding is one line:
 *   file:line: [Section] Directive: what is wrong, what was expected
 * The compiler sets the place before it passes a value to a room; the room gives the rest.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct diag; /* made by the compile program, opaque to rooms */

/* Reports an error, which refuses the service. Formats as printf(3). Returns -EINVAL, so that a
 * setter can `return diag_error(...)`. */
int diag_error(struct diag *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Reports a note, which refuses nothing. */
void diag_note(struct diag *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Reports a lack of memory and exits with the status of a system failure. */
void diag_no_memory(void) __attribute__((noreturn));
/* As realloc(3), calloc(3) and asprintf(3), but without memory they do not return. */
void *diag_realloc(void *p, size_t size);
void *diag_calloc(size_t count, size_t size);
char *diag_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
