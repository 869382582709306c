/* SPDX-License-Identifier: MIT
 * Its user and groups, inside its user namespace and outside.
 */
#include "walls/identity/conf.h"
#include "walls/report.h"
#include <stdio.h>

static void explain_text(const void *conf, const struct wall_context *context)
{
	const struct identity_ids *ids = context->ids;
	printf(EXPLAIN_LINE "uid %u gid %u", "  identity", ids->uid, ids->gid);
	if (ids->kernel_base)
		printf(" inside, %u and %u outside", context->kernel_uid, context->kernel_gid);
	for (size_t i = 0; i < ids->group_count; i++)
		printf("%s%u", i ? " " : "; groups ", ids->groups[i]);
	printf(", umask %04o\n", ((const struct identity_conf *)conf)->umask);
}

static void explain_json(const void *conf, const struct wall_context *context)
{
	(void)conf;
	printf("    \"uid\": %u, \"gid\": %u, \"kernel_uid\": %u, \"kernel_gid\": %u", context->uid,
		context->gid, context->kernel_uid, context->kernel_gid);
}

const struct wall_explain identity_explain = {explain_text, explain_json};
