/* SPDX-License-Identifier: MIT
 * Its label.
 */
#include "walls/selinux/conf.h"
#include "base/feature.h"
#include "print/json.h"
#include "walls/report.h"
#include <stdio.h>

static void explain_text(const void *conf, const struct wall_context *context)
{
	const struct selinux_conf *c = conf;
	struct span label = c->context.n ? c->context
									 : span_of("what the policy says about its program");
	(void)context;
	if (CONFIG_SELINUX)
		printf(EXPLAIN_LINE "%.*s%s\n", "  SELinux", SPAN_ARGS(label),
			c->required ? ", required" : "");
	else
		printf(EXPLAIN_LINE "none: " FEATURE_WITHOUT " CONFIG_SELINUX\n", "  SELinux");
}

static void explain_json(const void *conf, const struct wall_context *context)
{
	(void)context;
	printf("    \"selinux_context\": ");
	json_span(((const struct selinux_conf *)conf)->context);
}

const struct wall_explain selinux_explain = {explain_text, explain_json};
