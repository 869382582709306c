/* SPDX-License-Identifier: MIT
 * Its user and group, as the host sees them (proc_pid_status(5)).
 */
#include "walls/identity/conf.h"
#include "walls/report.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool all_equal(const char *fields, uint32_t id)
{
	char *end;
	unsigned long n;
	if (!*fields)
		return false;
	for (; *fields; fields = end + strspn(end, " \t")) {
		n = strtoul(fields, &end, 10);
		if (end == fields || n != id)
			return false;
	}
	return true;
}

static void look_at_id(struct look *l, enum directive_id directive, const char *field, uint32_t id)
{
	/* Whoever may change its ids does: nginx, dnsmasq, login. */
	bool may_change = l->context->bounding & (strcmp(field, "Uid") == 0 ? 1ull << 7 : 1ull << 6);
	char asked[32], found[96], ids[64];
	look_field(l, field, ids, sizeof(ids));
	snprintf(asked, sizeof(asked), "%u outside", id);
	if (all_equal(ids, id))
		snprintf(found, sizeof(found), "%u", id);
	else
		snprintf(found, sizeof(found), "%s%s", ids, may_change ? ", changed by itself" : "");
	/* Which of them it was, its start or its own call, nobody can tell. */
	look_row(l, directive, "",
		all_equal(ids, id)          ? IN_FORCE
			: may_change || !ids[0] ? UNSEEN
									: MISSING,
		asked, found);
}

void identity_look(struct look *l)
{
	look_at_id(l, D_Service_User, "Uid", l->context->kernel_uid);
	look_at_id(l, D_Service_Group, "Gid", l->context->kernel_gid);
}
