/* SPDX-License-Identifier: MIT
 * Whose network it has, and the interfaces in it.
 */
#include "walls/network/conf.h"
#include "print/json.h"
#include "walls/report.h"
#include <stdio.h>

static void explain_text(const void *conf, const struct wall_context *context)
{
	static const char *const modes[] = {"its own: loopback", "the host's", "of the service",
		"of the name"};
	const struct network_conf *n = conf;
	char veth[512];
	printf(EXPLAIN_LINE "%s%s%.*s", "  network", modes[n->mode], n->name.n ? " " : "",
		SPAN_ARGS(n->name));
	for (size_t i = 0; i < n->interfaces; i++)
		printf(", %.*s", SPAN_ARGS(n->interface[i]));
	if (context->network_owned)
		printf("; its capabilities count over it");
	if (CONFIG_INTERFACES && *network_veth_text(n, context->service, veth, sizeof(veth)))
		printf("\n" EXPLAIN_LINE "%s", "", veth);
	printf("\n");
}

static void explain_json(const void *conf, const struct wall_context *context)
{
	static const char *const modes[] = {"private", "host", "join", "netns"};
	const struct network_conf *n = conf;
	char veth[512];
	printf("    \"network\": {\"mode\": \"%s\", \"of\": ", modes[n->mode]);
	json_span(n->name);
	printf(", \"interfaces\": [");
	for (size_t i = 0; i < n->interfaces; i++) {
		printf("%s", i ? ", " : "");
		json_span(n->interface[i]);
	}
	printf("], \"virtual_ethernet\": ");
	json_text(CONFIG_INTERFACES ? network_veth_text(n, context->service, veth, sizeof(veth)) : "");
	printf(", \"owned\": %s}", context->network_owned ? "true" : "false");
}

const struct wall_explain network_explain = {explain_text, explain_json};
