/* SPDX-License-Identifier: MIT
 * `--security`: what the filter allows of socket(2) and socketpair(2) beyond the default, by asking
 * the filter itself: a rule that names fewer sockets than the default opens nothing.
 */
#include "walls/seccomp/report.h"
#include "base/count.h"
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define PROTOCOLS 263 /* the last that has a name is IPPROTO_MPTCP */
#define EDGES_MAX 256
#define SHOWN 4

struct program {
	struct sock_filter insn[BPF_MAXINSNS];
	size_t n;
};

struct sockets {
	const char *why;
	unsigned weight, count;
	char names[120];
};

static bool lets(const struct program *p, const char *call, uint64_t domain, uint64_t protocol)
{
	static const uint64_t types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET};
	for (size_t i = 0; i < COUNT(types); i++) {
		const uint64_t plain[6] = {domain, types[i], protocol},
					   flags[6] = {domain, types[i] | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol};
		if (seccomp_lets(p->insn, p->n, call, plain) || seccomp_lets(p->insn, p->n, call, flags))
			return true;
	}
	return false;
}

static void note_opening(struct sockets *s, unsigned weight, const char *why, const char *prefix,
	uint64_t value)
{
	const char *name = seccomp_constant_name(span_of(prefix), value);
	char text[40];
	size_t n = strlen(s->names);
	snprintf(text, sizeof(text), "%s%u", prefix, (unsigned)value);
	if (s->count < SHOWN && strstr(s->names, name ? name : text))
		return; /* over IPv4 as over IPv6 */
	if (weight > s->weight) {
		s->weight = weight;
		s->why = why;
	}
	if (s->count++ < SHOWN)
		snprintf(s->names + n, sizeof(s->names) - n, " %s", name ? name : text);
}

/* Netlink's and the Internet's families are in the default, with some of their protocols. Whoever
 * asks for the news of devices (NETLINK_KOBJECT_UEVENT) hears what /sys tells as well. */
static void add_protocol(struct sockets *s, uint64_t domain, uint64_t protocol)
{
	if (domain == AF_NETLINK && protocol != NETLINK_KOBJECT_UEVENT && protocol < MAX_LINKS)
		note_opening(s, 2, "a large part of the kernel listens there", "NETLINK_", protocol);
	else if (domain == AF_INET || domain == AF_INET6)
		note_opening(s, 2, "rare protocols, whose code is seldom looked at", "IPPROTO_", protocol);
}

static bool usual_family(uint64_t domain)
{
	return domain == AF_UNIX || domain == AF_INET || domain == AF_INET6 || domain == AF_NETLINK;
}

static void look_at_family(struct sockets *s, const struct program *own,
	const struct program *plain, const char *call, uint64_t domain)
{
	uint32_t edge[EDGES_MAX];
	size_t edges = seccomp_edges(own->insn, own->n, 2, edge, EDGES_MAX);
	for (uint64_t i = 0; i < PROTOCOLS + edges; i++) {
		uint64_t protocol = i < PROTOCOLS ? i : edge[i - PROTOCOLS];
		if ((i >= PROTOCOLS && protocol < PROTOCOLS) || !lets(own, call, domain, protocol) ||
			lets(plain, call, domain, protocol))
			continue;
		if (usual_family(domain)) {
			add_protocol(s, domain, protocol);
			continue;
		}
		note_opening(s, 4, "rare address families, whose code is seldom looked at", "AF_", domain);
		return;
	}
}

void security_sockets(const struct security_look *l, const struct security_row *row,
	const struct seccomp_conf *usual)
{
	static const char *const calls[] = {"socket", "socketpair"};
	static struct program own, plain;
	struct sockets s = {.weight = 0};
	struct security_row mine = *row;
	own.n = seccomp_program(l->conf, own.insn);
	plain.n = seccomp_program(usual, plain.insn);
	/* Whole families before single protocols: the first few are shown. Nothing is of AF_UNSPEC. */
	for (size_t i = 0; i < 2 * COUNT(calls); i++) {
		for (uint64_t domain = AF_UNIX; domain < SECCOMP_FAMILIES; domain++)
			if (usual_family(domain) == (i >= 2))
				look_at_family(&s, &own, &plain, calls[i % 2], domain);
	}
	mine.why = s.why;
	if (s.count > SHOWN)
		security_opens(l, &mine, s.weight, "sockets of%s and others", s.names);
	else if (s.count > 0)
		security_opens(l, &mine, s.weight, "sockets of%s", s.names);
}
