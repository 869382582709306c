/* SPDX-License-Identifier: MIT
 * Compile half of Network, Interfaces and VirtualEthernet.
 */
#pragma once
#include "walls/compile.h"
#include "walls/network/network.h"

#define NETWORK_INSIDE "eth0" /* default name of the inner end */

struct network_conf {
	unsigned mode;    /* enum network_mode */
	struct span name; /* of the service to join, or of the namespace */
	struct span interface[NETWORK_MAX_INTERFACES];
	size_t interfaces;
	struct span bridge, outside, inside; /* of VirtualEthernet; empty bridge: not used */
	uint8_t mac[6];
	struct network_address bridge_address, address[NETWORK_MAX_ADDRESSES], gateway[2];
	size_t addresses, gateways;
};

void network_conf_init(struct network_conf *conf);
wall_setter network_set_network, network_set_interfaces, network_set_virtual_ethernet;
/* The name of the pair's outer end. */
struct span network_host_end(const struct network_conf *conf, const char *service,
	char buf[NETWORK_NAME_MAX]);
/* Writes VirtualEthernet with its defaults to buf, for --explain; "" if it is not used. */
const char *network_veth_text(const struct network_conf *conf, const char *service, char *buf,
	size_t cap);
/* Whether there is more than a loopback, so that something has to be made or moved at the start. */
bool network_conf_is_configured(const struct network_conf *conf);
struct plan_blob network_encode(const struct network_conf *conf, const struct wall_context *context,
	struct plan_writer *w);

/* compile_address.c: parse values. "A.B.C.D/N" or "X:Y::Z/N"; the prefix length is required if
 * `prefix`, else not allowed. */
int network_value_address(struct span v, bool prefix, struct network_address *out, struct diag *d);
int network_value_mac(struct span v, uint8_t mac[6], struct diag *d);
int network_value_interface(struct span v, struct diag *d);
bool network_contains(const struct network_address *net, const struct network_address *host);
const char *network_address_text(const struct network_address *a, char *buf, size_t cap);
