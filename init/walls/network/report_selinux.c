/* SPDX-License-Identifier: MIT
 * Internet sockets, in the host's network or in one of its own.
 */
#include "walls/network/conf.h"
#include "walls/module.h"
#include <linux/capability.h>
#include <sys/socket.h>

void network_module(struct cil *c, const void *conf, const struct wall_context *context)
{
	(void)conf;
	if (!cil_speaks(c, AF_INET, 0) && !cil_speaks(c, AF_INET6, 0))
		return;
	cil_why(c,
		context->own_network ? "[Namespaces] Network = private" : "[Namespaces] Network = host");
	cil_rule(c, "(call use_internet (%s))", cil_domain(c));
	cil_why(c, "CAP_NET_BIND_SERVICE: ports below 1024");
	if (context->bounding >> CAP_NET_BIND_SERVICE & 1)
		cil_rule(c, "(call bind_reserved (%s))", cil_domain(c));
	if (context->bounding >> CAP_NET_RAW & 1)
		cil_rule(c, "(allow %s self use_raw)", cil_domain(c));
}
