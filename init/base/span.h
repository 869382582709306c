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
bool span_is_blank(char c);                    /* a blank or a tab */
struct span span_trim(struct span s);          /* without blanks and tabs at both ends */
bool span_is(struct span s, const char *text); /* equal, byte for byte */
bool span_same(struct span a, struct span b);
/* Which of these words it is, or -1. The list ends with NULL. */
int span_index(struct span s, const char *const *words);
bool span_starts(struct span s, const char *prefix);
bool span_ends(struct span s, const char *tail); /* true only if s is longer than `tail` */
/* Whether `path` is `top` or below it; both are absolute, without a slash at the end. */
bool span_below(struct span path, struct span top);
/* Takes the next word off *rest (blanks and tabs separate); false if none is left. */
bool span_word(struct span *rest, struct span *word);
/* The n-th word of a line, from 0. False if it has not so many. */
bool span_field(struct span line, unsigned n, struct span *word);
/* Takes what stands before the next `end` off *rest, and that with it; false if nothing is left. */
bool span_part(struct span *rest, char end, struct span *part);
/* Splits at the first `at`: "NAME=VALUE" at '='. False if there is none: then all of it stands
 * before. */
bool span_cut(struct span s, char at, struct span *before, struct span *after);
/* Takes the next line, without its \n, off *rest; false if none is left. */
bool span_line(struct span *rest, struct span *line);
/* The same of a file that an editor of another system may have written: without \r\n either. */
bool span_text_line(struct span *rest, struct span *line);
/* Such a text without the byte order mark before it. */
struct span span_text(struct span text);
/* Replaces the octal escapes of fstab(5) and proc_pid_mountinfo(5) (\040: a blank) in place.
 * Returns the new length. */
size_t span_unescape(char *text, size_t n);
/* What of a text stands behind the first `word`, or NULL. strstr(3) for short texts: musl's is 1.3
 * kB that is fast on long ones. */
const char *span_behind(const char *text, const char *word);
/* Copies with a NUL. 0, or -ENAMETOOLONG with "" in buf if it does not fit. */
int span_copy(struct span s, char *buf, size_t cap);
