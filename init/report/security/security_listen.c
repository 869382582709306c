/* SPDX-License-Identifier: MIT
 * [Socket] in --security: the sockets that PID 1 passes on.
 */
#include "report/security/security.h"

/* tenths: who connects is anybody in the network, not somebody on this device */
#define WEIGHT_NETWORK 3

/* value: enum plan_socket_kind */
void security_listening(const struct security_look *l, const struct security_row *row)
{
	struct security *f = l->found;
	const struct sockets_conf *c = &f->service->sockets;
	for (size_t i = 0; i < c->count; i++) {
		const struct sockets_address *a = &c->listen[i];
		if (a->kind != row->value)
			continue;
		security_opens(l, row, sockets_is_internet(a) ? WEIGHT_NETWORK : row->weight,
			"a socket at %.*s", SPAN_ARGS(a->text));
		f->opening[f->count - 1].place = &a->place;
	}
}
