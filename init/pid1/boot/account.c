/* SPDX-License-Identifier: MIT
 * A user's password field: see account.h. */
#include "pid1/boot/account.h"
#include <string.h>

/* The second field of the first line whose first field is `user`: login(1) takes the first, too. */
static bool find_field(struct span text, const char *user, struct span *field)
{
	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		struct span line = {text.p, end ? (size_t)(end - text.p) : text.n};
		text.p += line.n + (end != NULL);
		text.n -= line.n + (end != NULL);
		const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
		if (!colon || !span_is((struct span){line.p, (size_t)(colon - line.p)}, user))
			continue;
		struct span rest = {colon + 1, line.n - (size_t)(colon + 1 - line.p)};
		const char *second = rest.n ? memchr(rest.p, ':', rest.n) : NULL;
		if (!second) /* a line that was cut off */
			return false;
		*field = (struct span){rest.p, (size_t)(second - rest.p)};
		return true;
	}
	return false;
}

static bool is_crypt(char c)
{
	return (c >= '.' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* $id$..., DES's thirteen characters, or BSDi's twenty behind a '_'. */
static bool is_hash(struct span s)
{
	if (s.n >= 13 && s.p[0] == '$')
		return true;
	bool bsdi = s.n == 20 && s.p[0] == '_';
	for (size_t i = bsdi; i < s.n; i++)
		if (!is_crypt(s.p[i]))
			return false;
	return bsdi || s.n == 13;
}

enum account account_of(struct span passwd, struct span shadow, const char *user)
{
	struct span field;
	if (!find_field(passwd, user, &field))
		return ACCOUNT_NONE;
	if ((span_is(field, "x") || span_is(field, "*")) && !find_field(shadow, user, &field))
		return ACCOUNT_NONE;
	if (field.n == 0)
		return ACCOUNT_EMPTY;
	return is_hash(field) ? ACCOUNT_PASSWORD : ACCOUNT_LOCKED;
}
