/* SPDX-License-Identifier: MIT
 * Interfaces and VirtualEthernet: see conf.h.
 */
#include "base/count.h"
#include "base/hash.h"
#include "walls/network/conf.h"
#include <stdio.h>
#include <string.h>

int network_set_interfaces(void *conf, struct span value, struct diag *d)
{
	struct network_conf *n = conf;
	struct span word;
	if (value.n == 0)
		n->interfaces = 0;
	while (span_word(&value, &word)) {
		int err = network_value_interface(word, d);
		for (size_t i = 0; err == 0 && i < n->interfaces; i++)
			if (span_same(n->interface[i], word))
				err = diag_error(d, "%.*s is named twice", SPAN_ARGS(word));
		if (err == 0 && n->interfaces == NETWORK_MAX_INTERFACES)
			err = diag_error(d, "more than %d interfaces", NETWORK_MAX_INTERFACES);
		if (err < 0)
			return err;
		n->interface[n->interfaces++] = word;
	}
	return 0;
}

/* ---- VirtualEthernet: words KEY=VALUE ---- */

static int set_bridge(struct network_conf *n, struct span v, struct diag *d)
{
	n->bridge = v;
	return network_value_interface(v, d);
}

static int set_bridge_address(struct network_conf *n, struct span v, struct diag *d)
{
	return network_value_address(v, true, &n->bridge_address, d);
}

static int set_address(struct network_conf *n, struct span v, struct diag *d)
{
	if (n->addresses == NETWORK_MAX_ADDRESSES)
		return diag_error(d, "more than %d addresses", NETWORK_MAX_ADDRESSES);
	return network_value_address(v, true, &n->address[n->addresses++], d);
}

static int set_gateway(struct network_conf *n, struct span v, struct diag *d)
{
	if (n->gateways == COUNT(n->gateway))
		return diag_error(d, "more gateways than one of IPv4 and one of IPv6");
	return network_value_address(v, false, &n->gateway[n->gateways++], d);
}

static int set_inside(struct network_conf *n, struct span v, struct diag *d)
{
	n->inside = v;
	return network_value_interface(v, d);
}

static int set_outside(struct network_conf *n, struct span v, struct diag *d)
{
	n->outside = v;
	return network_value_interface(v, d);
}

static int set_mac(struct network_conf *n, struct span v, struct diag *d)
{
	return network_value_mac(v, n->mac, d);
}

static const struct {
	const char *key;
	int (*set)(struct network_conf *n, struct span v, struct diag *d);
	bool many;
} words[] = {
	{"bridge", set_bridge, false},
	{"bridge-address", set_bridge_address, false},
	{"address", set_address, true},
	{"gateway", set_gateway, true},
	{"name", set_inside, false},
	{"host-name", set_outside, false},
	{"mac", set_mac, false},
};

static int set_word(struct network_conf *n, struct span word, unsigned *seen, struct diag *d)
{
	struct span key, value;
	bool equals = span_cut(word, '=', &key, &value);
	struct nearest near;
	nearest_begin(&near, key);
	for (size_t i = 0; i < COUNT(words); i++) {
		nearest_try(&near, span_of(words[i].key));
		if (!equals || !span_is(key, words[i].key))
			continue;
		if (*seen & 1u << i && !words[i].many)
			return diag_error(d, "%s= is given twice", words[i].key);
		*seen |= 1u << i;
		return words[i].set(n, value, d);
	}
	return diag_error(d,
		"\"%.*s\" is not known, expected words like bridge=br0 address=10.0.0.2/24 gateway=10.0.0.1%s",
		SPAN_ARGS(word), nearest_hint(&near));
}

static int check_gateways(const struct network_conf *n, struct diag *d)
{
	char text[64];
	for (size_t g = 0; g < n->gateways; g++) {
		bool reachable = false;
		for (size_t i = 0; i < n->addresses; i++)
			reachable |= network_contains(&n->address[i], &n->gateway[g]);
		network_address_text(&n->gateway[g], text, sizeof(text));
		if (!reachable)
			return diag_error(d, "gateway=%s is in the network of no address=", text);
	}
	return n->gateways < 2 || n->gateway[0].family != n->gateway[1].family
		? 0
		: diag_error(d, "two gateways of the same family, expected one");
}

int network_set_virtual_ethernet(void *conf, struct span value, struct diag *d)
{
	struct network_conf *n = conf,
						fresh = {.mode = n->mode, .name = n->name, .interfaces = n->interfaces};
	struct span word;
	unsigned seen = 0;
	memcpy(fresh.interface, n->interface, sizeof(fresh.interface));
	while (span_word(&value, &word)) {
		int err = set_word(&fresh, word, &seen, d);
		if (err < 0)
			return err;
	}
	if (fresh.bridge.n == 0)
		return diag_error(d,
			"bridge= is missing, expected the bridge of the host that the other end joins, like bridge=br0");
	int err = check_gateways(&fresh, d);
	if (err == 0)
		*n = fresh;
	return err;
}

/* ve-SERVICE; a name too long for an interface keeps its beginning and gets a hash of the whole. */
struct span network_host_end(const struct network_conf *conf, const char *service,
	char buf[NETWORK_NAME_MAX])
{
	if (conf->outside.n > 0)
		return conf->outside;
	int n = snprintf(buf, NETWORK_NAME_MAX, "ve-%s", service);
	if (n >= NETWORK_NAME_MAX)
		snprintf(buf, NETWORK_NAME_MAX, "ve-%.6s-%05x", service,
			(unsigned)(hash_bytes(HASH_INIT, service, strlen(service)) & 0xfffff));
	return span_of(buf);
}

const char *network_veth_text(const struct network_conf *conf, const char *service, char *buf,
	size_t cap)
{
	char name[NETWORK_NAME_MAX], text[64];
	struct span outside = network_host_end(conf, service, name),
				inside = conf->inside.n ? conf->inside : span_of(NETWORK_INSIDE);
	size_t n = 0;
	buf[0] = '\0';
	if (conf->bridge.n == 0)
		return buf;
	n = (size_t)snprintf(buf, cap, "%.*s, on the host %.*s in bridge %.*s", SPAN_ARGS(inside),
		SPAN_ARGS(outside), SPAN_ARGS(conf->bridge));
	for (size_t i = 0; i < conf->addresses && n < cap; i++)
		n += (size_t)snprintf(buf + n, cap - n, "%s%s", i ? " " : ", address ",
			network_address_text(&conf->address[i], text, sizeof(text)));
	for (size_t i = 0; i < conf->gateways && n < cap; i++)
		n += (size_t)snprintf(buf + n, cap - n, "%s%s", i ? " " : ", gateway ",
			network_address_text(&conf->gateway[i], text, sizeof(text)));
	return buf;
}
