/* SPDX-License-Identifier: MIT
 * The namespaces of its own, and those of the host.
 */
#include "walls/namespaces/conf.h"
#include "base/count.h"
#include "walls/report.h"
#include <stdio.h>

static const char *const namespace_names[] = {"mount", "pid", "ipc", "uts", "cgroup", "user",
	"network", "time"}; /* by bit */

static void explain_text(const void *conf, const struct wall_context *context)
{
	/* of a joined network see below */
	uint32_t own = ((const struct namespaces_conf *)conf)->own,
			 not_the_hosts = own | (context->host_network ? 0 : NS_NETWORK);
	printf(EXPLAIN_LINE "own:", "  namespaces");
	for (unsigned i = 0; i < COUNT(namespace_names); i++)
		if (own >> i & 1)
			printf(" %s", namespace_names[i]);
	if (not_the_hosts != NS_ALL)
		printf("; the host's:");
	for (unsigned i = 0; i < COUNT(namespace_names); i++)
		if (!(not_the_hosts >> i & 1))
			printf(" %s", namespace_names[i]);
	printf("\n");
}

static void explain_json(const void *conf, const struct wall_context *context)
{
	uint32_t own = ((const struct namespaces_conf *)conf)->own;
	(void)context;
	printf("    \"own_namespaces\": [");
	for (unsigned i = 0, n = 0; i < COUNT(namespace_names); i++)
		if (own >> i & 1)
			printf("%s\"%s\"", n++ ? ", " : "", namespace_names[i]);
	printf("]");
}

const struct wall_explain namespaces_explain = {explain_text, explain_json};
