/* SPDX-License-Identifier: MIT
 * Its user and groups, inside its user namespace and outside.
 */
#include "walls/identity/conf.h"
#include "walls/report.h"

static void json_beside(struct json *j, const char *key, uint32_t id)
{
	j->beside = true;
	json_u64(j, key, id);
}

void identity_explain(struct explain *e, const void *conf, const struct wall_context *context)
{
	const struct identity_ids *ids = context->ids;
	explain_text(e, EXPLAIN_LABEL "uid %u gid %u", "identity", ids->uid, ids->gid);
	if (ids->kernel_base)
		explain_text(e, " inside, %u and %u outside", context->kernel_uid, context->kernel_gid);
	for (size_t i = 0; i < ids->group_count; i++)
		explain_text(e, "%s%u", i ? " " : "; groups ", ids->groups[i]);
	explain_text(e, ", umask %04o\n", ((const struct identity_conf *)conf)->umask);
	json_u64(&e->json, "uid", context->uid);
	json_beside(&e->json, "gid", context->gid);
	json_beside(&e->json, "kernel_uid", context->kernel_uid);
	json_beside(&e->json, "kernel_gid", context->kernel_gid);
}
