/* SPDX-License-Identifier: MIT
 * A network of the host.
 */
#include "walls/network/conf.h"
#include "walls/report.h"

static void look_network(const struct security_look *l, const struct security_row *row)
{
	if (!l->context->own_network)
		security_opens(l, row, row->weight, "%s of the host", security_key(row));
}

/* clang-format off */
static const struct security_row rows[] = {
	{D_Namespaces_Network, "it reaches whatever listens on the host, loopback and abstract sockets too, and is reached by the network", look_network, 8, 0, NULL},
	{0},
};
/* clang-format on */

const struct wall_security network_security = {rows, NULL};
