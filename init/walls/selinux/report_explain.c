/* SPDX-License-Identifier: MIT
 * Its label.
 */
#include "walls/selinux/conf.h"
#include "base/feature.h"
#include "walls/report.h"

void selinux_explain(struct explain *e, const void *conf, const struct wall_context *context)
{
	const struct selinux_conf *c = conf;
	struct span label = c->context.n ? c->context
									 : span_of("what the policy says about its program");
	(void)context;
	if (CONFIG_SELINUX)
		explain_line(e, "SELinux", "%.*s%s", SPAN_ARGS(label), c->required ? ", required" : "");
	else
		explain_line(e, "SELinux", "none: " FEATURE_WITHOUT " CONFIG_SELINUX");
	json_span(&e->json, "selinux_context", c->context);
}
