/* SPDX-License-Identifier: MIT
 * [Capabilities]: sets of capabilities by their names in capabilities(7), resolved by libcap. `~NAME` takes one away, `~` alone stands for all.
 */
#include "walls/capabilities/conf.h"
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

#define BIT(cap) (1ull << (cap))
#define ALL_CAPABILITIES (BIT(CAP_LAST_CAP + 1) - 1)

/* The kernel asks for these with ns_capable() in the namespace of the file, process or credentials concerned, so they mean something inside a user
 * namespace; for all others it asks in the host's (capable()), or in the owner's of a network namespace, which is the host. */
static const uint64_t within_user_namespace = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) |
	BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_KILL) | BIT(CAP_SETGID) | BIT(CAP_SETUID) | BIT(CAP_SETPCAP) | BIT(CAP_SETFCAP) |
	BIT(CAP_SYS_CHROOT) | BIT(CAP_SYS_PTRACE);

void capabilities_init(struct capabilities_conf *conf)
{
	*conf = (struct capabilities_conf){.no_new_privs = true};
}

static int unknown_name(struct span word, struct diag *d)
{
	struct nearest near;

	nearest_begin(&near, word);
	for (int i = 0; i <= CAP_LAST_CAP; i++) {
		char *name = cap_to_name(i); /* a few dozen bytes, left to the end of this short-lived program: the hint points into it */

		for (char *c = name; c && *c; c++)
			*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
		if (name)
			nearest_try(&near, span_of(name));
	}
	return diag_error(d, "unknown capability \"%.*s\"%s", SPAN_ARGS(word), nearest_hint(&near));
}

static int read_name(struct span word, uint64_t *bit, struct diag *d)
{
	char name[48];
	cap_value_t cap = -1;

	/* libcap takes numbers for names, and any case; people are to write what the manual page says. */
	if (!span_starts(word, "CAP_") || span_copy(word, name, sizeof(name)) < 0 || cap_from_name(name, &cap) < 0 ||
		cap > CAP_LAST_CAP)
		return unknown_name(word, d);
	*bit = BIT((unsigned)cap);
	return 0;
}

static int read_set(struct span value, uint64_t *set, struct diag *d)
{
	struct span rest = value, word;
	uint64_t result = value.n > 0 ? *set : 0;

	while (span_word(&rest, &word)) {
		bool without = word.p[0] == '~';
		uint64_t bit = 0;

		if (without && result == 0)
			result = ALL_CAPABILITIES;
		if (without)
			word = (struct span){word.p + 1, word.n - 1};
		if (without && word.n == 0)
			continue;
		int err = read_name(word, &bit, d);

		if (err < 0)
			return err;
		result = without ? result & ~bit : result | bit;
	}
	*set = result;
	return 0;
}

int capabilities_set_bounding(void *conf, struct span value, struct diag *d)
{
	struct capabilities_conf *c = conf;

	c->bounding_given = true;
	return read_set(value, &c->bounding, d);
}

int capabilities_set_ambient(void *conf, struct span value, struct diag *d)
{
	struct capabilities_conf *c = conf;

	return read_set(value, &c->ambient, d);
}

int capabilities_set_no_new_privs(void *conf, struct span value, struct diag *d)
{
	struct capabilities_conf *c = conf;

	return value_bool(value, &c->no_new_privs, d);
}

uint64_t capabilities_bounding(const struct capabilities_conf *conf)
{
	return conf->bounding_given ? conf->bounding : conf->ambient;
}

uint64_t capabilities_over_host(uint64_t set)
{
	return set & ~within_user_namespace;
}

const char *capabilities_text(uint64_t set, char *buf, size_t cap)
{
	size_t n = 0;

	buf[0] = '\0';
	for (int i = 0; i <= CAP_LAST_CAP && n + 1 < cap; i++) {
		char *name = set & BIT(i) ? cap_to_name(i) : NULL;

		if (!name)
			continue;
		for (char *c = name; *c; c++)
			*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
		n += (size_t)snprintf(buf + n, cap - n, "%s%s", n ? " " : "", name);
		cap_free(name);
	}
	return buf;
}

struct plan_blob capabilities_encode(const struct capabilities_conf *conf, struct plan_writer *w)
{
	struct capabilities_plan c = {
		.bounding = capabilities_bounding(conf),
		.ambient = conf->ambient,
		.flags = conf->no_new_privs ? CAPS_NO_NEW_PRIVS : 0,
	};

	return plan_write_blob(w, &c, sizeof(c));
}
