/* SPDX-License-Identifier: MIT
 * Its control group: files, and what is written to them.
 */
#include "walls/cgroup/conf.h"
#include "walls/report.h"
#include <stdio.h>

static void explain_text(const void *conf, const struct wall_context *context)
{
	const struct cgroup_conf *c = conf;
	const char *file, *value;
	printf("  cgroup          /sys/fs/cgroup/%.*s%s%s\n", SPAN_ARGS(c->slice),
		c->slice.n ? "/" : "", context->service);
	for (unsigned i = 0; cgroup_written(c, i, &file, &value); i++)
		printf("                  %s = %s\n", file, value);
}

static void explain_json(const void *conf, const struct wall_context *context)
{
	const char *file, *value;
	(void)context;
	printf("    \"cgroup\": {");
	for (unsigned i = 0; cgroup_written(conf, i, &file, &value); i++)
		printf("%s\"%s\": \"%s\"", i ? ", " : "", file, value);
	printf("}");
}

const struct wall_explain cgroup_explain = {explain_text, explain_json};
