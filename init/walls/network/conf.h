/* SPDX-License-Identifier: MIT
 * Compile half of Network, Interfaces and VirtualEthernet.
 */
#pragma once
#include "walls/compile.h"
#include "walls/network/network.h"

#define NETWORK_INSIDE "eth0" /* the end inside, where the file does not name it */

struct network_conf {
	unsigned mode;    /* enum network_mode */
	struct span name; /* of the service to join, or of the namespace */
	struct span interface[NETWORK_MAX_INTERFACES];
	size_t interfaces;
	struct span bridge, outside, inside; /* of VirtualEthernet; no bridge: it is not asked for */
	uint8_t mac[6];
	struct network_address bridge_address, address[NETWORK_MAX_ADDRESSES], gateway[2];
	size_t addresses, gateways;
};

void network_conf_init(struct network_conf *conf);
wall_setter network_set_network, network_set_interfaces, network_set_virtual_ethernet;
/* The name of the pair's end on the host. */
struct span network_host_end(const struct network_conf *conf, const char *service,
	char buf[NETWORK_NAME_MAX]);
/* What VirtualEthernet says, with what it leaves open, into buf: for --explain. "" where there
 * is none. */
const char *network_veth_text(const struct network_conf *conf, const char *service, char *buf,
	size_t cap);
/* More than a loopback, so that something has to be made or moved at the start. */
bool network_conf_is_configured(const struct network_conf *conf);
struct plan_blob network_encode(const struct network_conf *conf, const struct wall_context *context,
	struct plan_writer *w);

/* compile_address.c: values. "A.B.C.D/N" or "X:Y::Z/N"; the prefix is needed (and only allowed)
 * if `prefix`. */
int network_value_address(struct span v, bool prefix, struct network_address *out, struct diag *d);
int network_value_mac(struct span v, uint8_t mac[6], struct diag *d);
int network_value_interface(struct span v, struct diag *d);
bool network_contains(const struct network_address *net, const struct network_address *host);
const char *network_address_text(const struct network_address *a, char *buf, size_t cap);
