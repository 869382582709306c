/* SPDX-License-Identifier: MIT
 * Specifiers: %i instance, %n name, %H host name, %% per cent sign.
 */
#pragma once
#include "base/diag.h"
#include "base/span.h"

struct specifiers {
	const char *name, *instance; /* instance: "" if there is none */
	struct span hostname;        /* empty: its use is an error */
};

/* Replaces them. *out is the value itself, or malloc'd. 0, or an error through d. */
int specifiers_expand(struct span value, const struct specifiers *names, struct span *out,
	struct diag *d);
