/* SPDX-License-Identifier: MIT
 * Network, Interfaces and VirtualEthernet: see conf.h. What they mean together is checked where the whole service is known (compile/check.c).
 */
#include "base/hash.h"
#include "walls/network/conf.h"
#include <stdio.h>
#include <string.h>

#define INSIDE "eth0" /* where the file does not name it */

void network_init(struct network_conf *conf)
{
	*conf = (struct network_conf){0};
}

/* As a file name in /run/netns. */
static int set_named(struct network_conf *n, struct span name, struct diag *d)
{
	bool good = name.n > 0 && name.n < 64 && name.p[0] != '.';

	for (size_t i = 0; good && i < name.n; i++)
		good = name.p[i] > ' ' && name.p[i] < 127 && name.p[i] != '/';
	if (!good)
		return diag_error(
			d, "\"%.*s\" is not the name of a network namespace, expected that of a file in /run/netns", SPAN_ARGS(name));
	n->mode = NETWORK_NAMED;
	n->name = name;
	return 0;
}

static int set_join(struct network_conf *n, struct span name, struct diag *d)
{
	if (name.n == 0 || name.n >= CONFIG_MAX_NAME)
		return diag_error(d, "\"%.*s\" is not the name of a service", SPAN_ARGS(name));
	n->mode = NETWORK_JOIN;
	n->name = name;
	return 0;
}

int network_set_network(void *conf, struct span value, struct diag *d)
{
	static const char join[] = "join:", named[] = "netns:";
	static const char *const names[] = {"private", "host", "join:SERVICE", "netns:NAME", NULL};
	struct network_conf *n = conf;
	unsigned mode = 0;

	if (span_starts(value, join))
		return set_join(n, (struct span){value.p + sizeof(join) - 1, value.n - (sizeof(join) - 1)}, d);
	if (span_starts(value, named))
		return set_named(n, (struct span){value.p + sizeof(named) - 1, value.n - (sizeof(named) - 1)}, d);
	int err = value_choice(value, names, &mode, d);

	if (err < 0)
		return err;
	n->mode = mode;
	n->name = (struct span){NULL, 0};
	return 0;
}

int network_set_interfaces(void *conf, struct span value, struct diag *d)
{
	struct network_conf *n = conf;
	struct span word;

	if (value.n == 0)
		n->interfaces = 0;
	while (span_word(&value, &word)) {
		int err = network_value_interface(word, d);

		for (size_t i = 0; err == 0 && i < n->interfaces; i++) {
			if (span_same(n->interface[i], word))
				err = diag_error(d, "%.*s is named twice", SPAN_ARGS(word));
		}
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
	if (n->gateways == sizeof(n->gateway) / sizeof(n->gateway[0]))
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
	const char *equals = memchr(word.p, '=', word.n);
	struct span key = {word.p, equals ? (size_t)(equals - word.p) : word.n};
	struct nearest near;

	nearest_begin(&near, key);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		nearest_try(&near, span_of(words[i].key));
		if (!equals || !span_is(key, words[i].key))
			continue;
		if (*seen & 1u << i && !words[i].many)
			return diag_error(d, "%s= is given twice", words[i].key);
		*seen |= 1u << i;
		return words[i].set(n, (struct span){equals + 1, word.n - key.n - 1}, d);
	}
	return diag_error(d, "\"%.*s\" is not known, expected words like bridge=br0 address=10.0.0.2/24 gateway=10.0.0.1%s",
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
	struct network_conf *n = conf, fresh = {.mode = n->mode, .name = n->name, .interfaces = n->interfaces};
	struct span word;
	unsigned seen = 0;

	memcpy(fresh.interface, n->interface, sizeof(fresh.interface));
	while (span_word(&value, &word)) {
		int err = set_word(&fresh, word, &seen, d);

		if (err < 0)
			return err;
	}
	if (fresh.bridge.n == 0)
		return diag_error(d, "bridge= is missing, expected the bridge of the host that the other end joins, like bridge=br0");
	int err = check_gateways(&fresh, d);

	if (err == 0)
		*n = fresh;
	return err;
}

/* ve-SERVICE; a name too long for an interface keeps its beginning and gets a hash of the whole. */
struct span network_host_end(const struct network_conf *conf, const char *service, char buf[NETWORK_NAME_MAX])
{
	if (conf->outside.n > 0)
		return conf->outside;
	int n = snprintf(buf, NETWORK_NAME_MAX, "ve-%s", service);

	if (n >= NETWORK_NAME_MAX)
		snprintf(buf, NETWORK_NAME_MAX, "ve-%.6s-%05x", service,
			(unsigned)(hash_bytes(HASH_INIT, service, strlen(service)) & 0xfffff));
	return span_of(buf);
}

const char *network_veth_text(const struct network_conf *conf, const char *service, char *buf, size_t cap)
{
	char name[NETWORK_NAME_MAX], text[64];
	struct span outside = network_host_end(conf, service, name), inside = conf->inside.n ? conf->inside : span_of(INSIDE);
	size_t n = 0;

	buf[0] = '\0';
	if (conf->bridge.n == 0)
		return buf;
	n = (size_t)snprintf(
		buf, cap, "%.*s, on the host %.*s in bridge %.*s", SPAN_ARGS(inside), SPAN_ARGS(outside), SPAN_ARGS(conf->bridge));
	for (size_t i = 0; i < conf->addresses && n < cap; i++)
		n += (size_t)snprintf(
			buf + n, cap - n, "%s%s", i ? " " : ", address ", network_address_text(&conf->address[i], text, sizeof(text)));
	for (size_t i = 0; i < conf->gateways && n < cap; i++)
		n += (size_t)snprintf(
			buf + n, cap - n, "%s%s", i ? " " : ", gateway ", network_address_text(&conf->gateway[i], text, sizeof(text)));
	return buf;
}

bool network_conf_is_furnished(const struct network_conf *conf)
{
	return conf->interfaces > 0 || conf->bridge.n > 0;
}

struct plan_blob network_encode(const struct network_conf *conf, const char *service, uint32_t flags, struct plan_writer *w)
{
	char name[NETWORK_NAME_MAX];
	plan_str interfaces[NETWORK_MAX_INTERFACES] = {0};
	bool veth = conf->bridge.n > 0;
	struct network_plan n = {
		.mode = conf->mode,
		.flags = flags,
		.name = plan_write_span(w, conf->name),
		.bridge = plan_write_span(w, conf->bridge),
		.outside = veth ? plan_write_span(w, network_host_end(conf, service, name)) : 0,
		.inside = veth ? plan_write_span(w, conf->inside.n ? conf->inside : span_of(INSIDE)) : 0,
		.bridge_address = conf->bridge_address,
		.addresses = plan_write_list(w, conf->address, sizeof(conf->address[0]), conf->addresses),
		.gateways = plan_write_list(w, conf->gateway, sizeof(conf->gateway[0]), conf->gateways),
	};

	memcpy(n.mac, conf->mac, sizeof(n.mac));
	for (size_t i = 0; i < conf->interfaces; i++)
		interfaces[i] = plan_write_span(w, conf->interface[i]);
	n.interfaces = plan_write_list(w, interfaces, sizeof(interfaces[0]), conf->interfaces);
	return plan_write_blob(w, &n, sizeof(n));
}
