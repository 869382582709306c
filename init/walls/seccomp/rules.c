/* SPDX-License-Identifier: MIT
 * SystemCallRule = NAME: EXPRESSION. The expression is comparisons joined by && and ||, && binding
 * tighter:
 *   PARAMETER [& VALUE] == | != | < | <= | > | >= VALUE      or      PARAMETER [& VALUE] [not] in
 *   VALUE VALUE …
 * A VALUE is numbers and constants joined by |. Comparisons are unsigned, as the filter's are.
 */
#include "walls/seccomp/rules.h"
#include "base/count.h"
#include "base/num.h"
#include <string.h>

struct reader {
	struct span rest;
	struct span token; /* empty at the end */
	struct span call;
	bool guessed; /* nobody knows how many bits of this parameter the kernel looks at */
	struct diag *d;
};

static bool word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
		c == '-';
}

static void next(struct reader *r)
{
	static const char *const operators[] = {"&&", "||", "==", "!=", "<=", ">=", NULL};
	size_t n = 0;
	r->rest = span_trim(r->rest);
	while (n < r->rest.n && word_char(r->rest.p[n]))
		n++;
	for (int i = 0; n == 0 && operators[i]; i++)
		if (span_starts(r->rest, operators[i]))
			n = 2;
	if (n == 0 && r->rest.n > 0)
		n = 1;
	r->token = (struct span){r->rest.p, n};
	r->rest = (struct span){r->rest.p + n, r->rest.n - n};
}

static bool takes(struct reader *r, const char *token)
{
	if (!span_is(r->token, token))
		return false;
	next(r);
	return true;
}

static bool is_word(struct reader *r)
{
	return r->token.n > 0 && word_char(r->token.p[0]);
}

static int expected(struct reader *r, const char *what)
{
	if (r->token.n == 0)
		return diag_error(r->d, "the rule ends where %s was expected", what);
	return diag_error(r->d, "\"%.*s\" stands where %s was expected", SPAN_ARGS(r->token), what);
}

static int read_parameter(struct reader *r, struct seccomp_compare *c)
{
	const char *known = rule_parameters(r->call);
	struct span rest = span_of(known), word, name = r->token;
	struct nearest near;
	if (!is_word(r))
		return expected(r, "a parameter");
	nearest_begin(&near, name);
	next(r);
	c->wide = true;
	r->guessed = true;
	bool numbered = name.n == 4 && span_starts(name, "arg") && name.p[3] >= '0' && name.p[3] <= '5';
	if (numbered)
		c->arg = (uint8_t)(name.p[3] - '0');
	for (uint8_t i = 0; span_word(&rest, &word); i++) {
		bool wide = word.p[word.n - 1] == '*';
		struct span plain = {word.p, word.n - wide};
		if (numbered ? i == c->arg : span_same(plain, name)) {
			c->arg = i;
			c->wide = wide;
			r->guessed = false;
			return 0;
		}
		nearest_try(&near, plain);
	}
	if (numbered)
		return 0;
	if (!known)
		return diag_error(r->d, "the parameters of %.*s have no names here, expected arg0 to arg5",
			SPAN_ARGS(r->call));
	return diag_error(r->d, "%.*s has no parameter \"%.*s\", expected one of %s or arg0 to arg5%s",
		SPAN_ARGS(r->call), SPAN_ARGS(name), known, nearest_hint(&near));
}

static int read_constant(struct reader *r, uint64_t *out)
{
	struct span t = r->token;
	uint64_t v = 0;
	int64_t negative = 0;
	struct nearest near;
	if (!is_word(r))
		return expected(r, "a value");
	next(r);
	if (num_int(t, UINT64_MAX, &v) == 0 || rule_constant(t, &v) == 0) {
		*out |= v;
		return 0;
	}
	if (num_i64(t, INT32_MIN, -1, &negative) == 0) {
		*out |= (uint64_t)negative;
		return 0;
	}
	nearest_begin(&near, t);
	rule_try_constants(&near, "");
	return diag_error(r->d, "unknown constant \"%.*s\", expected a number or a name like AF_INET%s",
		SPAN_ARGS(t), nearest_hint(&near));
}

static int read_value(struct reader *r, const struct seccomp_compare *c, uint64_t *out)
{
	uint64_t v = 0;
	do {
		int err = read_constant(r, &v);
		if (err < 0)
			return err;
	} while (takes(r, "|"));
	/* -1 of an int is 0xffffffff to the kernel. */
	if (!c->wide && v > UINT32_MAX && (int64_t)v >= INT32_MIN && (int64_t)v < 0)
		v &= UINT32_MAX;
	if (!c->wide && v > UINT32_MAX)
		return diag_error(r->d, "0x%llx does not fit into this parameter, which has 32 bits",
			(unsigned long long)v);
	*out = v;
	return 0;
}

static int read_list(struct reader *r, struct seccomp_compare *c)
{
	do {
		if (c->count == COMPARE_MAX_VALUES)
			return diag_error(r->d, "more than %d values in one list", COMPARE_MAX_VALUES);
		int err = read_value(r, c, &c->value[c->count]);
		if (err < 0)
			return err;
		c->count++;
		takes(r, ",");
	} while (is_word(r));
	return 0;
}

static int read_operator(struct reader *r, struct seccomp_compare *c)
{
	static const char *const names[] = {"==", "!=", "<", "<=", ">", ">="}; /* enum compare_op */
	for (size_t i = 0; i < COUNT(names); i++) {
		if (!takes(r, names[i]))
			continue;
		c->op = (uint8_t)i;
		c->count = 1;
		return read_value(r, c, &c->value[0]);
	}
	if (takes(r, "not"))
		c->op = COMPARE_NE;
	if (takes(r, "in"))
		return read_list(r, c);
	return expected(r, c->op == COMPARE_NE ? "in" : "==, !=, <, <=, >, >=, &, in or not in");
}

/* Of an unknown width what allows less: to be equal, or less, is a matter of all 64 bits; to
 * differ, or be greater, of the low 32. */
static void choose_width(struct seccomp_compare *c)
{
	if (c->op == COMPARE_EQ || c->op == COMPARE_LT || c->op == COMPARE_LE)
		return;
	for (uint8_t i = 0; i < c->count; i++)
		if (c->value[i] > UINT32_MAX &&
			!((int64_t)c->value[i] < 0 && (int64_t)c->value[i] >= INT32_MIN))
			return;
	for (uint8_t i = 0; i < c->count; i++)
		c->value[i] &= UINT32_MAX;
	c->wide = false;
	c->mask &= UINT32_MAX;
}

static int read_compare(struct reader *r, struct seccomp_compare *c)
{
	int err;
	*c = (struct seccomp_compare){.mask = UINT64_MAX};
	err = read_parameter(r, c);
	if (err == 0 && takes(r, "&"))
		err = read_value(r, c, &c->mask);
	else if (err == 0 && !c->wide)
		c->mask = UINT32_MAX;
	if (err == 0)
		err = read_operator(r, c);
	if (err < 0)
		return err;
	if (r->guessed)
		choose_width(c);
	if (c->op > COMPARE_NE && c->mask != UINT64_MAX && c->mask != UINT32_MAX)
		return diag_error(r->d, "after a mask only ==, !=, in and not in make sense");
	for (uint8_t i = 0; i < c->count; i++) {
		if (c->value[i] & ~c->mask)
			return diag_error(r->d,
				"0x%llx has bits outside the mask 0x%llx: the comparison could never hold",
				(unsigned long long)c->value[i], (unsigned long long)c->mask);
	}
	return 0;
}

void rule_narrow(struct seccomp_rule *rule)
{
	for (size_t k = 0; k < rule->clauses; k++) {
		for (size_t i = 0; i < rule->clause[k].count; i++) {
			struct seccomp_compare *c = &rule->clause[k].compare[i];
			for (uint8_t v = 0; v < c->count; v++)
				if ((int64_t)c->value[v] < 0 && (int64_t)c->value[v] >= INT32_MIN)
					c->value[v] &= UINT32_MAX;
		}
	}
}

int rule_split(struct span text, struct span *name, struct span *expression, struct diag *d)
{
	if (!span_cut(text, ':', name, expression))
		return diag_error(d,
			"\"%.*s\" has no colon, expected NAME: EXPRESSION like \"socket: domain in AF_UNIX AF_INET\"",
			SPAN_ARGS(text));
	*name = span_trim(*name);
	*expression = span_trim(*expression);
	return 0;
}

int rule_parse(struct span name, struct span expression, struct seccomp_rule *rule, struct diag *d)
{
	struct reader r = {.rest = expression, .call = name, .d = d};
	next(&r);
	do {
		if (rule->clauses == RULE_MAX)
			return diag_error(d, "more than %d alternatives for one call", RULE_MAX);
		size_t n = rule->clauses++;
		rule->clause[n].count = 0;
		do {
			if (rule->clause[n].count == CLAUSE_MAX)
				return diag_error(d, "more than %d comparisons joined by &&", CLAUSE_MAX);
			int err = read_compare(&r, &rule->clause[n].compare[rule->clause[n].count]);
			if (err < 0)
				return err;
			rule->clause[n].count++;
		} while (takes(&r, "&&"));
	} while (takes(&r, "||"));
	return r.token.n == 0 ? 0 : expected(&r, "&&, || or the end");
}
