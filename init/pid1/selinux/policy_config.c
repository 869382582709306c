/* SPDX-License-Identifier: MIT
 * Parsers of the SELinux loader. They are strict, because a misread mode would leave the device
 * open without a message.
 */
#include "pid1/selinux/policy_config.h"
#include "base/cmdline.h"
#include "base/count.h"

static bool is_blank_or_comment(struct span line)
{
	return line.n == 0 || line.p[0] == '#';
}

static bool take_prefix(struct span *s, const char *prefix)
{
	if (!span_starts(*s, prefix))
		return false;
	size_t n = span_of(prefix).n;
	s->p += n;
	s->n -= n;
	return true;
}

static bool set_want(struct policy_config *c, struct span value)
{
	static const struct {
		const char *word;
		enum policy_want want;
	} modes[] = {
		{"enforcing", POLICY_WANT_ENFORCING},
		{"permissive", POLICY_WANT_PERMISSIVE},
		{"disabled", POLICY_WANT_DISABLED},
	};
	if (c->has_want)
		return false;
	for (size_t i = 0; i < COUNT(modes); i++) {
		if (!span_is(value, modes[i].word))
			continue;
		c->want = modes[i].want;
		c->has_want = true;
		return true;
	}
	return false;
}

/* The name becomes part of a path: letters, digits, '-', '_' and nothing that could leave
 * /etc/selinux. */
static bool is_type_name(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool other = (c >= '0' && c <= '9') || c == '-' || c == '_';
		if (!letter && !other)
			return false;
	}
	return s.n > 0;
}

static bool set_type(struct policy_config *c, struct span value)
{
	if (c->has_type || !is_type_name(value) || span_copy(value, c->type, sizeof(c->type)) < 0)
		return false;
	c->has_type = true;
	return true;
}

unsigned policy_config_parse(struct span text, struct policy_config *out)
{
	struct span line;
	*out = (struct policy_config){.want = POLICY_WANT_ENFORCING};
	for (unsigned number = 1; span_line(&text, &line); number++) {
		line = span_trim(line);
		bool good = is_blank_or_comment(line);
		if (take_prefix(&line, "SELINUX="))
			good = set_want(out, line);
		else if (take_prefix(&line, "SELINUXTYPE="))
			good = set_type(out, line);
		if (!good)
			return number;
	}
	return 0;
}

void policy_cmdline_parse(struct span text, struct policy_cmdline *out)
{
	struct cmdline_word word;
	*out = (struct policy_cmdline){.enforcing = -1};
	while (cmdline_next(&text, &word) && !span_is(word.whole, "--"))
		if (span_is(word.name, "selinux") && span_is(word.value, "0"))
			out->selinux_off = true;
		else if (span_is(word.name, "selinux") && span_is(word.value, "1"))
			out->selinux_off = false;
		else if (span_is(word.name, "enforcing") && span_is(word.value, "0"))
			out->enforcing = 0;
		else if (span_is(word.name, "enforcing") && span_is(word.value, "1"))
			out->enforcing = 1;
}

unsigned policy_config_choose(bool (*present)(void *context, unsigned version), void *context,
	unsigned max)
{
	for (unsigned v = max < POLICY_NEWEST ? max : POLICY_NEWEST; v >= POLICY_OLDEST; v--)
		if (present(context, v))
			return v;
	return 0;
}

unsigned policy_config_too_new(bool (*present)(void *context, unsigned version), void *context,
	unsigned max)
{
	if (max >= POLICY_NEWEST)
		return 0;
	for (unsigned v = max < POLICY_OLDEST ? POLICY_OLDEST : max + 1; v <= POLICY_NEWEST; v++)
		if (present(context, v))
			return v;
	return 0;
}

int policy_label_next(struct span *rest, struct span *path, struct span *context)
{
	struct span line;
	while (span_line(rest, &line)) {
		line = span_trim(line);
		struct span extra;
		if (is_blank_or_comment(line))
			continue;
		if (!span_word(&line, path) || path->p[0] != '/')
			return -1;
		if (!span_word(&line, context) || span_word(&line, &extra))
			return -1;
		return 1;
	}
	return 0;
}
