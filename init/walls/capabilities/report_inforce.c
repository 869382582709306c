/* SPDX-License-Identifier: MIT
 * Its sets of capabilities and no_new_privs (proc_pid_status(5)).
 */
#include "walls/capabilities/conf.h"
#include "walls/report.h"
#include <string.h>

static void look_at_set(struct look *l, enum directive_id directive, const char *field,
	const char *item, uint64_t asked)
{
	uint64_t found = look_hex(l, field);
	char names[2][1024];
	bool seen = *look_field(l, field, names[0], sizeof(names[0]));
	const char *want = capabilities_text(asked, names[0], sizeof(names[0])),
			   *is = capabilities_text(found, names[1], sizeof(names[1]));
	/* What it has given up is its own affair. */
	look_row(l, directive, item,
		!seen                ? UNSEEN
			: found & ~asked ? MISSING
							 : IN_FORCE,
		*want ? want : "none", *is ? is : "none");
}

void capabilities_look(struct look *l)
{
	const struct capabilities_conf *c = l->conf;
	uint64_t bounding = capabilities_bounding(c);
	/* Uid 0, and a program with capabilities of its own, gain what the bounding set has. */
	bool gains = l->context->uid == 0 || !c->no_new_privs;
	uint64_t most = gains ? bounding : c->ambient;
	char nnp[16];
	look_at_set(l, D_Capabilities_CapabilityBoundingSet, "CapBnd", "bounding set", bounding);
	look_at_set(l, D_Capabilities_AmbientCapabilities, "CapAmb", "ambient set", c->ambient);
	look_at_set(l, D_Capabilities_AmbientCapabilities, "CapPrm", "permitted set", most);
	look_at_set(l, D_Capabilities_AmbientCapabilities, "CapEff", "effective set", most);
	look_at_set(l, D_Capabilities_AmbientCapabilities, "CapInh", "inheritable set", most);
	bool is = strcmp(look_field(l, "NoNewPrivs", nnp, sizeof(nnp)), "1") == 0;
	look_row(l, D_Capabilities_NoNewPrivileges, "", is || !c->no_new_privs ? IN_FORCE : MISSING,
		c->no_new_privs ? "yes" : "no", is ? "yes" : "no");
}
