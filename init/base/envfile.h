/* SPDX-License-Identifier: MIT
 * The format of EnvironmentFile, as systemd reads it (systemd.exec(5)): a variable a line,
 * NAME=value; lines that begin with # or ; are comments; blanks around the name and at both ends of
 * the value do not count. A value may be in ' or " quotes, also in part, and then may go on over
 * lines. A backslash takes the meaning of the next character away, before the end of a line both
 * are left out; in " quotes it does so only before " \ ` $ and the end of the line. Pure; no
 * allocation.
 *
 * systemd leaves out what it cannot read. Here it is an error.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct envfile {
	char *at, *end;
	unsigned line;     /* of what was returned last, from 1 */
	unsigned next;     /* line that `at` is in */
	const char *wrong; /* a static text */
};

/* Begins with `n` bytes of text, which is overwritten, as is the byte behind it. */
void envfile_begin(struct envfile *e, char *text, size_t n);
/* 1: *variable is the next "NAME=value", inside the text. 0: there are no more. -EINVAL: `line` and
 * `wrong` say what cannot be read. */
int envfile_next(struct envfile *e, char **variable);
/* A value as words, for $NAME alone in a command line: blanks and ends of lines divide it, ' and "
 * quotes hold them and are left out. 1: *word is the next one, inside the text at *rest, which is
 * overwritten. 0: there are no more. -EINVAL: a quotation mark is not closed. */
int envfile_word(char **rest, char **word);
/* Whether bulkhead itself sets the variable of this name, where the service has it. */
bool envfile_is_given(const char *name, size_t n);
/* Of n bytes, how many at their begin are a name: letters, digits and _, the first one no digit. */
size_t envfile_name_length(const char *text, size_t n);
/* Whether all of it is a name. */
bool envfile_is_name(const char *name, size_t n);
