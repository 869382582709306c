/* SPDX-License-Identifier: MIT
 * Network: see conf.h. Interfaces and VirtualEthernet are in compile_veth.c. How they fit together
 * is checked when the whole service is known (compile/check/check.c).
 */
#include "walls/network/conf.h"
#include <string.h>

void network_conf_init(struct network_conf *conf)
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
		return diag_error(d,
			"\"%.*s\" is not the name of a network namespace, expected that of a file in /run/netns",
			SPAN_ARGS(name));
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
		return set_join(n, (struct span){value.p + sizeof(join) - 1, value.n - (sizeof(join) - 1)},
			d);
	if (span_starts(value, named))
		return set_named(n,
			(struct span){value.p + sizeof(named) - 1, value.n - (sizeof(named) - 1)}, d);
	int err = value_choice(value, names, &mode, d);
	if (err < 0)
		return err;
	n->mode = mode;
	n->name = (struct span){NULL, 0};
	return 0;
}

bool network_conf_is_configured(const struct network_conf *conf)
{
	return conf->interfaces > 0 || conf->bridge.n > 0;
}

struct plan_blob network_encode(const struct network_conf *conf, const struct wall_context *context,
	struct plan_writer *w)
{
	char name[NETWORK_NAME_MAX];
	plan_str interfaces[NETWORK_MAX_INTERFACES] = {0};
	bool veth = CONFIG_INTERFACES && conf->bridge.n > 0;
	struct network_plan n = {
		.mode = conf->mode,
		.flags = (context->network_kept ? NETWORK_KEPT : 0u) |
			(context->network_owned ? NETWORK_OWNED : 0u),
		.name = plan_write_span(w, conf->name),
		.bridge = plan_write_span(w, conf->bridge),
		.outside = veth ? plan_write_span(w, network_host_end(conf, context->service, name)) : 0,
		.inside = veth ? plan_write_span(w, conf->inside.n ? conf->inside : span_of(NETWORK_INSIDE))
					   : 0,
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
