/* SPDX-License-Identifier: MIT
 * Labels of sockets: see label.h. */
#include "pid1/label.h"
#include "sockets/sockets.h"
#include "walls/apply.h"

void label_of(struct pid1 *s, const struct plan *p, uint32_t service, struct sockets_label *label)
{
	const struct plan_service *ps = plan_service(p, service);
	const char *context = plan_text(p, ps->socket_context);
	*label = (struct sockets_label){context[0] && s->selinux ? context : NULL,
		ps->flags & SERVICE_LABELLED};
	s->runtime[service].unlabelled = context[0] && !s->selinux;
}

void label_note(struct pid1 *s, uint32_t service, const struct wall_why *why)
{
	if (why->absent & OPTIONAL_SELINUX)
		s->runtime[service].unlabelled = 1;
}
