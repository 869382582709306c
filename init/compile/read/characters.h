/* SPDX-License-Identifier: MIT
 * Characters of the lines of a file. An editor, a word processor or a copied web page puts some
 * into a line that look like others, or like nothing: a no-break space, typographic quotation marks
 * and dashes, a byte order mark. Nothing that reads a value takes them for what they look like.
 */
#pragma once
#include "base/diag.h"
#include "base/span.h"

enum characters_quotes {
	CHARACTERS_EVERYWHERE,
	CHARACTERS_UNQUOTED, /* in "..." and '...' what can be seen is meant as it stands */
	CHARACTERS_BARE,     /* they would be part of a word: none begins with one */
};

/* Whether the line is text: 0, or the value of diag_error(). *stop is set if nothing after it can
 * be either. */
int characters_text(struct span line, bool *stop, struct diag *d);
/* Reports the first one that looks like another, or a word in quotation marks where there are none:
 * 0 if there is no such, or the value of diag_error(). */
int characters_plain(struct span text, enum characters_quotes quotes, struct diag *d);
