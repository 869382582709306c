/* SPDX-License-Identifier: MIT
 * Whose network it has, and the interfaces in it.
 */
#include "walls/network/conf.h"
#include "walls/report.h"

void network_explain(struct explain *e, const void *conf, const struct wall_context *context)
{
	static const struct {
		const char *text, *word;
	} modes[] = {{"its own: loopback", "private"}, {"the host's", "host"},
		{"of the service", "join"}, {"of the name", "netns"}};
	const struct network_conf *n = conf;
	char buf[512] = "";
	const char *veth = CONFIG_INTERFACES ? network_veth_text(n, context->service, buf, sizeof(buf))
										 : "";
	struct json *j = &e->json;
	explain_text(e, EXPLAIN_LABEL "%s%s%.*s", "network", modes[n->mode].text, n->name.n ? " " : "",
		SPAN_ARGS(n->name));
	json_row(j, "network", '{');
	json_text(j, "mode", modes[n->mode].word);
	json_span(j, "of", n->name);
	json_row(j, "interfaces", '[');
	for (size_t i = 0; i < n->interfaces; i++) {
		explain_text(e, ", %.*s", SPAN_ARGS(n->interface[i]));
		json_span(j, NULL, n->interface[i]);
	}
	json_close(j, ']');
	explain_text(e, "%s\n", context->network_owned ? "; its capabilities count over it" : "");
	if (*veth)
		explain_line(e, "", "%s", veth);
	json_text(j, "virtual_ethernet", veth);
	json_bool(j, "owned", context->network_owned);
	json_close(j, '}');
}
