/* SPDX-License-Identifier: MIT
 * [Socket] in --explain.
 */
#include "report/explain/explain.h"

static struct span socket_name(const struct service *s, size_t i)
{
	return s->sockets.names == 0 ? span_of(s->name)
								 : s->sockets.name[s->sockets.names == 1 ? 0 : i];
}

static void one_socket(struct explain *e, const struct service *s, size_t i)
{
	const struct sockets_conf *c = &s->sockets;
	const struct sockets_address *a = &c->listen[i];
	explain_text(e, EXPLAIN_LABEL "%zu %s %.*s", i ? "" : "sockets", PLAN_FIRST_SOCKET + i,
		sockets_directive(a->kind), SPAN_ARGS(a->text));
	if (a->family == SOCKET_PATH)
		explain_text(e, ", mode %04o, owner %u:%u", c->mode, c->uid, c->gid);
	if (sockets_is_internet(a) && c->device.n)
		explain_text(e, ", from %.*s", SPAN_ARGS(c->device));
	explain_text(e, ", name %.*s\n", SPAN_ARGS(socket_name(s, i)));
	json_row(&e->json, NULL, '{');
	json_u64(&e->json, "descriptor", PLAN_FIRST_SOCKET + i);
	json_text(&e->json, "directive", sockets_directive(a->kind));
	json_span(&e->json, "address", a->text);
	json_span(&e->json, "name", socket_name(s, i));
	json_close(&e->json, '}');
}

void explain_sockets(struct explain *e, const struct service *s)
{
	if (s->sockets.count == 0)
		return;
	json_row(&e->json, "sockets", '[');
	for (size_t i = 0; i < s->sockets.count; i++)
		one_socket(e, s, i);
	json_close(&e->json, ']');
	explain_line(e, "", "of the host; %s",
		s->sockets.on_demand ? "its process is started by the first who calls"
							 : "open from its start on");
	json_bool(&e->json, "on_demand", s->sockets.on_demand);
}
