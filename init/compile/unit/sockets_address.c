/* SPDX-License-Identifier: MIT
 * What a line of [Socket] listens at: see sockets.h. The forms are systemd.socket(5)'s.
 */
#include "base/count.h"
#include "base/num.h"
#include "compile/unit/sockets.h"
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <string.h>

static const char *const directives[SOCKET_KIND_COUNT] = {
	[SOCKET_STREAM] = "ListenStream",
	[SOCKET_DATAGRAM] = "ListenDatagram",
	[SOCKET_SEQPACKET] = "ListenSequentialPacket",
	[SOCKET_FIFO] = "ListenFIFO",
	[SOCKET_NETLINK] = "ListenNetlink",
};

const char *sockets_directive(unsigned kind)
{
	return kind < SOCKET_KIND_COUNT ? directives[kind] : "?";
}

bool sockets_is_internet(const struct sockets_address *a)
{
	return a->family == SOCKET_IPV4 || a->family == SOCKET_IPV6;
}

/* ---- paths and names ---- */

static int parse_path(struct span v, struct sockets_address *out, struct diag *d)
{
	int err = value_path(v, d);
	if (err < 0)
		return err;
	if (out->kind != SOCKET_FIFO && v.n > SOCKETS_MAX_PATH)
		return diag_error(d, "the path has %zu bytes, a socket's can have at most %d", v.n,
			SOCKETS_MAX_PATH);
	if (v.n == 1)
		return diag_error(d, "\"/\" is no place for a file");
	if (span_below(v, span_of("/run/bulkhead")))
		return diag_error(d, "\"%.*s\" lies in PID 1's own directory, expected another one",
			SPAN_ARGS(v));
	/* nor does PID 1 follow links where it makes something */
	if (span_below(v, span_of("/var/run")))
		return diag_error(d,
			"\"%.*s\" lies below /var/run, which is a link: expected the same path below /run",
			SPAN_ARGS(v));
	out->family = SOCKET_PATH;
	out->path = v;
	return 0;
}

static int parse_abstract(struct span v, struct sockets_address *out, struct diag *d)
{
	struct span name = {v.p + 1, v.n - 1};
	if (name.n == 0 || name.n > SOCKETS_MAX_PATH)
		return diag_error(d, "a name behind @ has 1 to %d bytes", SOCKETS_MAX_PATH);
	out->family = SOCKET_ABSTRACT;
	out->path = name;
	return 0;
}

/* ---- IP ---- */

static int no_address(struct span v, enum plan_socket_kind kind, struct diag *d)
{
	if (kind == SOCKET_SEQPACKET)
		return diag_error(d, "\"%.*s\" is no place to listen at, expected a path or @NAME",
			SPAN_ARGS(v));
	return diag_error(d,
		"\"%.*s\" is no place to listen at, expected a path, @NAME, PORT, IPv4:PORT or [IPv6]:PORT",
		SPAN_ARGS(v));
}

static bool parse_port(struct span v, struct sockets_address *out)
{
	uint64_t port = 0;
	if (num_u64(v, UINT16_MAX, &port) < 0 || port == 0)
		return false;
	out->port = (uint16_t)port;
	return true;
}

static bool parse_host(int family, struct span host, struct sockets_address *out)
{
	char text[INET6_ADDRSTRLEN];
	out->family = family == AF_INET ? SOCKET_IPV4 : SOCKET_IPV6;
	return span_copy(host, text, sizeof(text)) == 0 && inet_pton(family, text, out->bytes) == 1;
}

static bool parse_internet(struct span v, struct sockets_address *out)
{
	size_t colon = v.n;
	if (parse_port(v, out)) {
		out->family = SOCKET_IPV6;
		out->any = true;
		return true;
	}
	while (colon > 0 && v.p[colon - 1] != ':')
		colon--;
	if (colon < 2 || !parse_port((struct span){v.p + colon, v.n - colon}, out))
		return false;
	struct span host = {v.p, colon - 1};
	if (host.p[0] != '[')
		return parse_host(AF_INET, host, out);
	return host.n > 2 && host.p[host.n - 1] == ']' &&
		parse_host(AF_INET6, (struct span){host.p + 1, host.n - 2}, out);
}

/* ---- netlink ---- */

static const struct {
	const char *name;
	uint32_t protocol;
} families[] = {
	{"route", NETLINK_ROUTE},
	{"inet-diag", NETLINK_SOCK_DIAG},
	{"xfrm", NETLINK_XFRM},
	{"selinux", NETLINK_SELINUX},
	{"iscsi", NETLINK_ISCSI},
	{"audit", NETLINK_AUDIT},
	{"fib-lookup", NETLINK_FIB_LOOKUP},
	{"connector", NETLINK_CONNECTOR},
	{"netfilter", NETLINK_NETFILTER},
	{"dnrtmsg", NETLINK_DNRTMSG},
	{"kobject-uevent", NETLINK_KOBJECT_UEVENT},
	{"generic", NETLINK_GENERIC},
	{"scsitransport", NETLINK_SCSITRANSPORT},
	{"ecryptfs", NETLINK_ECRYPTFS},
	{"rdma", NETLINK_RDMA},
	{"crypto", NETLINK_CRYPTO},
};

static int parse_netlink(struct span v, struct sockets_address *out, struct diag *d)
{
	struct span rest = v, family = {NULL, 0}, group = {NULL, 0}, more;
	struct nearest near;
	uint64_t bits = 0;
	bool known = false;
	if (!span_word(&rest, &family))
		return diag_error(d,
			"has no value, expected a netlink family like kobject-uevent, and bits of groups");
	if (span_word(&rest, &group) &&
		(span_word(&rest, &more) || num_int(group, UINT32_MAX, &bits) < 0))
		return diag_error(d,
			"\"%.*s\" is not FAMILY or FAMILY GROUPS, expected one like kobject-uevent 1",
			SPAN_ARGS(v));
	nearest_begin(&near, family);
	for (size_t i = 0; i < COUNT(families); i++) {
		nearest_try(&near, span_of(families[i].name));
		if (span_is(family, families[i].name)) {
			out->protocol = families[i].protocol;
			known = true;
		}
	}
	if (!known)
		return diag_error(d, "there is no netlink family \"%.*s\"%s", SPAN_ARGS(family),
			nearest_hint(&near));
	out->family = SOCKET_ROUTES;
	out->groups = (uint32_t)bits;
	return 0;
}

int sockets_parse(struct span v, enum plan_socket_kind kind, struct sockets_address *out,
	struct diag *d)
{
	struct sockets_address a = {.kind = (uint8_t)kind, .text = v};
	int err = 0;
	if (kind == SOCKET_NETLINK)
		err = parse_netlink(v, &a, d);
	else if (kind == SOCKET_FIFO || (v.n > 0 && v.p[0] == '/'))
		err = parse_path(v, &a, d);
	else if (v.n > 0 && v.p[0] == '@')
		err = parse_abstract(v, &a, d);
	else if (kind == SOCKET_SEQPACKET || !parse_internet(v, &a))
		err = no_address(v, kind, d);
	if (err == 0)
		*out = a;
	return err;
}

/* ---- two of them ---- */

static bool is_wildcard(const struct sockets_address *a)
{
	static const uint8_t zero[16];
	return memcmp(a->bytes, zero, a->family == SOCKET_IPV4 ? 4 : 16) == 0;
}

/* The IPv6 wildcard takes IPv4 too. */
static bool hosts_collide(const struct sockets_address *a, const struct sockets_address *b)
{
	if (a->family == b->family)
		return is_wildcard(a) || is_wildcard(b) ||
			memcmp(a->bytes, b->bytes, a->family == SOCKET_IPV4 ? 4 : 16) == 0;
	return is_wildcard(a->family == SOCKET_IPV6 ? a : b);
}

bool sockets_collide(const struct sockets_address *a, const struct sockets_address *b)
{
	if (a->family == SOCKET_PATH && b->family == SOCKET_PATH)
		return span_same(a->path, b->path);
	if (a->kind != b->kind)
		return false;
	if (a->family == SOCKET_ABSTRACT && b->family == SOCKET_ABSTRACT)
		return span_same(a->path, b->path);
	return sockets_is_internet(a) && sockets_is_internet(b) && a->port == b->port &&
		hosts_collide(a, b);
}
