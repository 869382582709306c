/* SPDX-License-Identifier: MIT
 * The known name nearest to a mistyped one: see nearest.h.
 */
#include "base/nearest.h"
#include "base/fmt.h"

#define NEAREST_MAX 64 /* longer names are not compared */

/* How many differences still count as near. Fewer in a short name, which has few letters left in
 * common. */
static size_t slips(size_t length)
{
	return length < 2 ? 0 : length < 6 ? 1 : length < 9 ? 2 : 3;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Damerau-Levenshtein with adjacent swaps (optimal string alignment), case ignored. */
static size_t distance(struct span a, struct span b)
{
	static size_t row[NEAREST_MAX + 1][NEAREST_MAX + 1];
	for (size_t i = 0; i <= a.n; i++) {
		for (size_t j = 0; j <= b.n; j++) {
			if (i == 0 || j == 0) {
				row[i][j] = i + j;
				continue;
			}
			bool same = lower(a.p[i - 1]) == lower(b.p[j - 1]);
			size_t best = row[i - 1][j - 1] + !same;
			if (row[i - 1][j] + 1 < best)
				best = row[i - 1][j] + 1;
			if (row[i][j - 1] + 1 < best)
				best = row[i][j - 1] + 1;
			if (i > 1 && j > 1 && lower(a.p[i - 1]) == lower(b.p[j - 2]) &&
				lower(a.p[i - 2]) == lower(b.p[j - 1]) && row[i - 2][j - 2] + 1 < best)
				best = row[i - 2][j - 2] + 1;
			row[i][j] = best;
		}
	}
	return row[a.n][b.n];
}

void nearest_begin(struct nearest *n, struct span wanted)
{
	if (span_ends(wanted, ".service")) /* no name here has systemd's suffix */
		wanted.n -= sizeof(".service") - 1;
	*n = (struct nearest){.wanted = wanted, .distance = slips(wanted.n) + 1};
}

static bool is_blank_in_name(char c)
{
	return c == '_' || c == '-';
}

/* The first or the last words of a longer name: CAP_NET_BIND, net_admin. */
static bool is_part(struct span wanted, struct span name)
{
	size_t more = name.n > wanted.n ? name.n - wanted.n : 0;
	bool first = more && is_blank_in_name(name.p[wanted.n]),
		 last = more && is_blank_in_name(name.p[more - 1]);
	for (size_t i = 0; i < wanted.n && (first || last); i++) {
		first = first && lower(wanted.p[i]) == lower(name.p[i]);
		last = last && lower(wanted.p[i]) == lower(name.p[more + i]);
	}
	return wanted.n >= 4 && (first || last);
}

void nearest_try(struct nearest *n, struct span name)
{
	if (n->wanted.n == 0 || n->wanted.n > NEAREST_MAX || name.n > NEAREST_MAX)
		return;
	size_t far = is_part(n->wanted, name) ? 1 : distance(n->wanted, name);
	/* A tie goes to the name that was tried first. */
	if (far < n->distance && far < n->wanted.n) {
		n->distance = far;
		n->best = name;
	}
}

static void put_hint(struct nearest *n)
{
	struct fmt f;
	fmt_init(&f, n->hint, sizeof(n->hint));
	fmt_str(&f, " (did you mean \"");
	fmt_mem(&f, n->best.p, n->best.n);
	fmt_str(&f, "\"?)");
}

const char *nearest_hint(struct nearest *n)
{
	n->hint[0] = '\0';
	if (n->best.n > 0)
		put_hint(n);
	return n->hint;
}
