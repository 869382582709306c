/* SPDX-License-Identifier: MIT
 * The label of its directories.
 */
#include "walls/selinux/conf.h"
#include "walls/module.h"

void selinux_module(struct cil *c, const void *conf, const struct wall_context *context)
{
	struct span type = selinux_type(((const struct selinux_conf *)conf)->directory);
	(void)context;
	cil_why(c, "DirectoryContext");
	if (type.n > 0)
		cil_rule(c, "(call service_label (%s %.*s))", cil_domain(c), SPAN_ARGS(type));
}
