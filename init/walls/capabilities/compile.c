/* SPDX-License-Identifier: MIT
 * [Capabilities]: sets of capabilities by their names in capabilities(7), resolved by libcap, or by
 * number (CAP_45, 45) for newer ones. A line that begins with ~ removes its names; a first one
 * removes them from all that libcap knows, and `~` alone means all of these.
 */
#include "walls/capabilities/conf.h"
#include "base/count.h"
#include "base/num.h"
#include <linux/securebits.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

#define BIT(cap) (1ull << (cap))
#define MAX_CAPS 64
#define ALL_CAPABILITIES (BIT(CAP_LAST_CAP + 1) - 1)

/* The kernel asks for these with ns_capable() in the namespace of the file, process or credentials
 * concerned, so they mean something inside a user namespace; for all others it asks in the
 * host's (capable()), or in the owner's of a network namespace, which is the host. */
static const uint64_t within_user_namespace = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) |
	BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_KILL) | BIT(CAP_SETGID) |
	BIT(CAP_SETUID) | BIT(CAP_SETPCAP) | BIT(CAP_SETFCAP) | BIT(CAP_SYS_CHROOT) |
	BIT(CAP_SYS_PTRACE);

void capabilities_conf_init(struct capabilities_conf *conf)
{
	*conf = (struct capabilities_conf){.no_new_privs = true};
}

static int unknown_name(struct span word, struct diag *d)
{
	struct nearest near;
	nearest_begin(&near, word);
	for (int i = 0; i <= CAP_LAST_CAP; i++) {
		/* a few dozen bytes, left to the end of this short-lived program: the hint points into
		 * it */
		char *name = cap_to_name(i);
		for (char *c = name; c && *c; c++)
			*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
		if (name)
			nearest_try(&near, span_of(name));
	}
	return diag_error(d, "unknown capability \"%.*s\"%s", SPAN_ARGS(word), nearest_hint(&near));
}

static int read_name(struct span word, uint64_t *bit, struct diag *d)
{
	bool named = span_starts(word, "CAP_");
	struct span rest = {word.p + (named ? 4 : 0), word.n - (named ? 4 : 0)};
	uint64_t number;
	char name[48];
	cap_value_t cap = -1;
	if (num_u64(rest, MAX_CAPS - 1, &number) == 0) {
		*bit = BIT(number);
		return 0;
	}
	/* libcap takes any case; people are to write what the manual page says. */
	if (!named || span_copy(word, name, sizeof(name)) < 0 || cap_from_name(name, &cap) < 0 ||
		cap >= MAX_CAPS)
		return unknown_name(word, d);
	*bit = BIT((unsigned)cap);
	return 0;
}

/* `first`: nothing was said of the set before. */
static int read_set(struct span value, bool first, uint64_t *set, uint64_t *named, struct diag *d)
{
	uint64_t result = value.n > 0 ? *set : 0;
	bool without = false, all = span_is(value, "~");
	struct span word;
	int err = all ? 0 : value_list(&value, &without, d);
	if (err < 0)
		return err;
	if (all || (without && first))
		result = ALL_CAPABILITIES;
	while (!all && span_word(&value, &word)) {
		uint64_t bit = 0;
		err = read_name(word, &bit, d);
		if (err < 0)
			return err;
		result = without ? result & ~bit : result | bit;
		*named = without ? *named & ~bit : *named | bit;
	}
	*set = result;
	return 0;
}

int capabilities_set_bounding(void *conf, struct span value, struct diag *d)
{
	struct capabilities_conf *c = conf;
	bool first = !c->bounding_given;
	c->bounding_given = true;
	return read_set(value, first, &c->bounding, &c->named, d);
}

int capabilities_set_ambient(void *conf, struct span value, struct diag *d)
{
	struct capabilities_conf *c = conf;
	bool first = !c->ambient_given;
	c->ambient_given = true;
	return read_set(value, first, &c->ambient, &c->named, d);
}

int capabilities_set_securebits(void *conf, struct span value, struct diag *d)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} bits[] = {
		{"keep-caps-locked", SECBIT_KEEP_CAPS_LOCKED},
		{"no-setuid-fixup", SECBIT_NO_SETUID_FIXUP},
		{"no-setuid-fixup-locked", SECBIT_NO_SETUID_FIXUP_LOCKED},
		{"noroot", SECBIT_NOROOT},
		{"noroot-locked", SECBIT_NOROOT_LOCKED},
		{"no-cap-ambient-raise", SECBIT_NO_CAP_AMBIENT_RAISE},
		{"no-cap-ambient-raise-locked", SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED},
	};
	struct capabilities_conf *c = conf;
	struct span rest = value, word;
	struct nearest near;
	c->securebits = value.n > 0 ? c->securebits : 0;
	while (span_word(&rest, &word)) {
		uint32_t bit = 0;
		nearest_begin(&near, word);
		for (size_t i = 0; i < COUNT(bits); i++) {
			nearest_try(&near, span_of(bits[i].name));
			bit |= span_is(word, bits[i].name) ? bits[i].bit : 0;
		}
		if (span_is(word, "keep-caps"))
			return diag_error(d,
				"keep-caps does not outlive execve(2), so it would do nothing: use AmbientCapabilities");
		if (!bit)
			return diag_error(d, "unknown bit \"%.*s\"%s", SPAN_ARGS(word), nearest_hint(&near));
		c->securebits |= bit;
	}
	return 0;
}

uint64_t capabilities_bounding(const struct capabilities_conf *conf)
{
	return conf->bounding_given ? conf->bounding : conf->ambient;
}

uint64_t capabilities_over_host(uint64_t set)
{
	return set & ~within_user_namespace;
}

uint64_t capabilities_over_network(uint64_t set)
{
	return set &
		(BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW) | BIT(CAP_NET_BIND_SERVICE) |
			BIT(CAP_NET_BROADCAST));
}

const char *capabilities_text(uint64_t set, char *buf, size_t cap)
{
	size_t n = 0;
	buf[0] = '\0';
	for (int i = 0; i < MAX_CAPS && n + 1 < cap; i++) {
		char *name = set & BIT(i) && i <= CAP_LAST_CAP ? cap_to_name(i) : NULL;
		for (char *c = name; c && *c; c++)
			*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
		if (name)
			n += (size_t)snprintf(buf + n, cap - n, "%s%s", n ? " " : "", name);
		else if (set & BIT(i))
			n += (size_t)snprintf(buf + n, cap - n, "%sCAP_%d", n ? " " : "", i);
		if (name)
			cap_free(name);
	}
	return buf;
}

struct plan_blob capabilities_encode(const struct capabilities_conf *conf,
	const struct wall_context *context, struct plan_writer *w)
{
	(void)context;
	struct capabilities_plan c = {
		.bounding = capabilities_bounding(conf),
		.ambient = conf->ambient,
		.named = conf->named,
		.securebits = conf->securebits,
		.flags = conf->no_new_privs ? CAPS_NO_NEW_PRIVS : 0,
	};
	return plan_write_blob(w, &c, sizeof(c));
}
