/* SPDX-License-Identifier: MIT
 * Labels of sockets: see label.h. */
#include "pid1/service/label.h"
#include "sockets/sockets.h"
#include "walls/apply.h"

void label_of(struct pid1 *s, const struct plan *p, uint32_t service, struct sockets_label *label)
{
	const struct plan_service *ps = plan_service(p, service);
	*label = sockets_label_for(p, ps, s->selinux);
	s->runtime[service].unlabelled = *plan_text(p, ps->socket_context) && !s->selinux;
}

void label_note(struct pid1 *s, uint32_t service, const struct wall_why *why)
{
	if (why->absent & OPTIONAL_SELINUX)
		s->runtime[service].unlabelled = 1;
}
