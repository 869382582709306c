/* SPDX-License-Identifier: MIT
 * Addresses and names of interfaces in service files: see conf.h.
 */
#include "base/num.h"
#include "walls/network/conf.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static int bad_address(struct span v, bool prefix, struct diag *d)
{
	return diag_error(d, "\"%.*s\" is not an address%s, expected one like %s", SPAN_ARGS(v),
		prefix ? " with its prefix" : "",
		prefix ? "10.0.0.2/24 or fd00::2/64" : "10.0.0.1 or fd00::1");
}

static bool is_unusable(const struct network_address *a)
{
	static const uint8_t zero[16];
	if (a->family == AF_INET6)
		return memcmp(a->bytes, zero, 16) == 0 || a->bytes[0] == 0xff;
	return a->bytes[0] == 0 || a->bytes[0] >= 224;
}

int network_value_address(struct span v, bool prefix, struct network_address *out, struct diag *d)
{
	char text[INET6_ADDRSTRLEN];
	struct span host, length;
	bool slash = span_cut(v, '/', &host, &length);
	struct network_address a = {
		.family = host.n && memchr(host.p, ':', host.n) ? AF_INET6 : AF_INET};
	uint64_t bits = 0;
	if (prefix != slash || span_copy(host, text, sizeof(text)) < 0 ||
		inet_pton(a.family, text, a.bytes) != 1)
		return bad_address(v, prefix, d);
	if (slash && (num_u64(length, a.family == AF_INET6 ? 128 : 32, &bits) < 0 || bits == 0))
		return bad_address(v, prefix, d);
	if (is_unusable(&a))
		return diag_error(d, "\"%.*s\" is not the address of one host", SPAN_ARGS(v));
	a.prefix = (uint8_t)bits;
	*out = a;
	return 0;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
	return at ? (int)(at - digits) : -1;
}

int network_value_mac(struct span v, uint8_t mac[6], struct diag *d)
{
	static const char expected[] =
		"\"%.*s\" is not the hardware address of one interface, expected one like 02:00:00:12:34:56";
	for (size_t i = 0; i < 6; i++) {
		int high = v.n == 17 ? hex_digit(v.p[i * 3]) : -1,
			low = v.n == 17 ? hex_digit(v.p[i * 3 + 1]) : -1;
		if (high < 0 || low < 0 || (i < 5 && v.p[i * 3 + 2] != ':'))
			return diag_error(d, expected, SPAN_ARGS(v));
		mac[i] = (uint8_t)(high << 4 | low);
	}
	/* The lowest bit of the first byte means many receivers; all zero means none. */
	if (mac[0] & 1 || !(mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]))
		return diag_error(d, expected, SPAN_ARGS(v));
	return 0;
}

/* dev_valid_name() of the kernel, and no % (which would be a pattern) or quotes. */
int network_value_interface(struct span v, struct diag *d)
{
	bool good = v.n > 0 && v.n < NETWORK_NAME_MAX && !span_is(v, ".") && !span_is(v, "..");
	for (size_t i = 0; good && i < v.n; i++)
		good = v.p[i] > ' ' && v.p[i] < 127 && !strchr("/:%\"'", v.p[i]);
	if (!good)
		return diag_error(d,
			"\"%.*s\" is not the name of an interface, expected one like eth1 of at most 15 bytes",
			SPAN_ARGS(v));
	if (span_is(v, "lo") || span_is(v, "all") || span_is(v, "default"))
		return diag_error(d,
			"\"%.*s\" has a meaning of its own, expected the name of an interface like eth1",
			SPAN_ARGS(v));
	return 0;
}

bool network_contains(const struct network_address *net, const struct network_address *host)
{
	unsigned whole = net->prefix / 8u, rest = net->prefix % 8u;
	if (net->family != host->family || memcmp(net->bytes, host->bytes, whole) != 0)
		return false;
	return rest == 0 || ((net->bytes[whole] ^ host->bytes[whole]) >> (8 - rest)) == 0;
}

const char *network_address_text(const struct network_address *a, char *buf, size_t cap)
{
	char text[INET6_ADDRSTRLEN] = "";
	inet_ntop(a->family, a->bytes, text, sizeof(text));
	snprintf(buf, cap, a->prefix ? "%s/%u" : "%s", text, a->prefix);
	return buf;
}
