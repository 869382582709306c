/* SPDX-License-Identifier: MIT
 * The namespaces of its own, and those of the host.
 */
#include "walls/namespaces/conf.h"
#include "base/count.h"
#include "walls/report.h"

static void names(struct explain *e, const char *before, uint32_t set, struct json *j)
{
	static const char *const words[] = {"mount", "pid", "ipc", "uts", "cgroup", "user", "network",
		"time"}; /* by bit */
	explain_text(e, "%s", before);
	for (unsigned i = 0; i < COUNT(words); i++) {
		if (!(set >> i & 1))
			continue;
		explain_text(e, " %s", words[i]);
		json_text(j, NULL, words[i]);
	}
}

void namespaces_explain(struct explain *e, const void *conf, const struct wall_context *context)
{
	/* of a joined network see below */
	uint32_t own = ((const struct namespaces_conf *)conf)->own,
			 hosts = NS_ALL & ~(own | (context->host_network ? 0 : NS_NETWORK));
	json_row(&e->json, "own_namespaces", '[');
	explain_text(e, EXPLAIN_LABEL, "namespaces");
	names(e, "own:", own, &e->json);
	names(e, hosts ? "; the host's:" : "", hosts, &(struct json){0});
	explain_text(e, "\n");
	json_close(&e->json, ']');
}
