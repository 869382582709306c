/* SPDX-License-Identifier: MIT
 * %i instance, %n name, %H host name, %% per cent.
 */
#pragma once
#include "base/diag.h"
#include "base/span.h"

struct specifiers {
	const char *name, *instance; /* instance: "" if it is none */
	struct span hostname;        /* empty: it is an error to use it */
};

/* *out: the value itself, or malloc'd. */
int specifiers_expand(struct span value, const struct specifiers *names, struct span *out,
	struct diag *d);
