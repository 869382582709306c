/* SPDX-License-Identifier: MIT
 * %i instance, %n name, %H host name, %% per cent.
 */
#pragma once
#include "base/diag.h"
#include "base/span.h"

int specifiers_expand(struct span value, const char *name, const char *instance, struct span *out,
	struct diag *d);
/* What %H stands for; until it is set, it is an error to use it. */
void specifiers_hostname(struct span name);
