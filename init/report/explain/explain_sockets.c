/* SPDX-License-Identifier: MIT
 * [Socket] in --explain.
 */
#include "report/explain/explain.h"
#include "print/json.h"
#include <stdio.h>

static struct span name_of(const struct service *s, size_t i)
{
	return s->sockets.names == 0 ? span_of(s->name)
								 : s->sockets.name[s->sockets.names == 1 ? 0 : i];
}

void sockets_text(const struct service *s)
{
	const struct sockets_conf *c = &s->sockets;
	for (size_t i = 0; i < c->count; i++) {
		const struct sockets_address *a = &c->listen[i];
		printf("%-18s%zu %s %.*s", i ? "" : "  sockets", PLAN_FIRST_SOCKET + i,
			sockets_directive(a->kind), SPAN_ARGS(a->text));
		if (a->family == SOCKET_PATH)
			printf(", mode %04o, owner %u:%u", c->mode, c->uid, c->gid);
		if (sockets_is_internet(a) && c->device.n)
			printf(", from %.*s", SPAN_ARGS(c->device));
		printf(", name %.*s\n", SPAN_ARGS(name_of(s, i)));
	}
	if (c->count)
		printf("                  of the host; %s\n",
			c->on_demand ? "its process is started by the first who calls"
						 : "open from its start on");
}

void sockets_json(const struct service *s)
{
	const struct sockets_conf *c = &s->sockets;
	if (c->count == 0)
		return;
	printf(",\n    \"sockets\": [");
	for (size_t i = 0; i < c->count; i++) {
		printf("%s{\"descriptor\": %zu, \"directive\": \"%s\", \"address\": ", i ? ", " : "",
			PLAN_FIRST_SOCKET + i, sockets_directive(c->listen[i].kind));
		json_span(c->listen[i].text);
		printf(", \"name\": ");
		json_span(name_of(s, i));
		printf("}");
	}
	printf("],\n    \"on_demand\": %s", c->on_demand ? "true" : "false");
}
