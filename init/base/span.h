/* SPDX-License-Identifier: MIT
 * A run of bytes that is not owned and not NUL-terminated. Pure.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct span {
	const char *p;
	size_t n;
};

/* a NUL-terminated string; NULL gives an empty span */
struct span span_of(const char *text);
struct span span_trim(struct span s);          /* without blanks and tabs at both ends */
bool span_is(struct span s, const char *text); /* equal, byte for byte */
bool span_starts(struct span s, const char *prefix);
bool span_ends(struct span s, const char *tail); /* true only if s is longer than `tail` */
/* Takes the next word off *rest (blanks and tabs separate); false if none is left. */
bool span_word(struct span *rest, struct span *word);
/* Takes the next line, without its \n, off *rest; false if none is left. */
bool span_line(struct span *rest, struct span *line);
/* Replaces the octal escapes of fstab(5) and proc_pid_mountinfo(5) (\040: a blank) in place.
 * Returns the new length. */
size_t span_unescape(char *text, size_t n);
/* Copies with a NUL. 0, or -ENAMETOOLONG with "" in buf if it does not fit. */
int span_copy(struct span s, char *buf, size_t cap);
