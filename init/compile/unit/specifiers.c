/* SPDX-License-Identifier: MIT
 * Specifiers: see unit.h.
 */
#include "compile/unit/unit.h"
#include "base/hostname.h"
#include <stdlib.h>
#include <string.h>

/* What the host is called is no reason to be without a login. */
#define NO_HOSTNAME "localhost"

static int meaning(char c, const struct specifiers *names, struct span *out, struct diag *d)
{
	switch (c) {
	case 'n':
		*out = span_of(names->name);
		return 0;
	case 'i':
		*out = span_of(names->instance);
		return names->instance[0]
			? 0
			: diag_error(d, "%%i stands for nothing: this is no instance of a template NAME@.ini");
	case 'H':
		*out = names->hostname;
		if (names->hostname.n == 0) {
			*out = span_of(NO_HOSTNAME);
			diag_note(d,
				"%%H stands for " NO_HOSTNAME
				": neither init.ini ([Boot] Hostname) nor " HOSTNAME_FILE " has a name");
		}
		return 0;
	case '%':
		*out = span_of("%");
		return 0;
	default:
		return c ? diag_error(d, "unknown specifier %%%c, expected %%i, %%n, %%H or %%%%", c)
				 : diag_error(d, "a single %% at the end, expected %%%%");
	}
}

int specifiers_expand(struct span value, const struct specifiers *names, struct span *out,
	struct diag *d)
{
	char *text = NULL;
	size_t n = 0;
	*out = value;
	if (value.n == 0 || !memchr(value.p, '%', value.n))
		return 0;
	for (size_t i = 0; i < value.n; i++) {
		struct span part = {value.p + i, 1};
		if (value.p[i] == '%') {
			int err = meaning(i + 1 < value.n ? value.p[i + 1] : '\0', names, &part, d);
			if (err < 0)
				return err;
			i++;
		}
		text = diag_realloc(text, n + part.n + 1);
		memcpy(text + n, part.p, part.n);
		n += part.n;
	}
	*out = (struct span){text, n};
	return 0;
}
