/* SPDX-License-Identifier: MIT
 * User, Group, SupplementaryGroups, UMask: see conf.h.
 */
#include "walls/identity/conf.h"

void identity_conf_init(struct identity_conf *conf)
{
	*conf = (struct identity_conf){.umask = 022};
}

static int set_name(struct span *out, struct span name, struct diag *d)
{
	bool good = name.n > 0 && name.n < 64 && name.p[0] != '-';
	for (size_t i = 0; i < name.n; i++)
		good = good && name.p[i] > ' ' && name.p[i] != ':' && name.p[i] != '/' && name.p[i] != ',';
	if (!good)
		return diag_error(d, "\"%.*s\" is not a user or group name", SPAN_ARGS(name));
	*out = name;
	return 0;
}

int identity_set_user(void *conf, struct span value, struct diag *d)
{
	return set_name(&((struct identity_conf *)conf)->user, value, d);
}

int identity_set_group(void *conf, struct span value, struct diag *d)
{
	return set_name(&((struct identity_conf *)conf)->group, value, d);
}

int identity_set_supplementary_groups(void *conf, struct span value, struct diag *d)
{
	struct identity_conf *i = conf;
	struct span rest = value, word;
	if (value.n == 0)
		i->supplementary_count = 0;
	while (span_word(&rest, &word)) {
		struct span group;
		int err = set_name(&group, word, d);
		if (err < 0)
			return err;
		if (i->supplementary_count == IDENTITY_MAX_GROUPS)
			return diag_error(d, "more than %d groups", IDENTITY_MAX_GROUPS);
		i->supplementary[i->supplementary_count++] = group;
	}
	return 0;
}

int identity_set_umask(void *conf, struct span value, struct diag *d)
{
	struct identity_conf *i = conf;
	uint32_t mask = 0;
	int err = value_mode(value, &mask, d);
	if (err < 0)
		return err;
	if (mask > 0777)
		return diag_error(d, "\"%.*s\" is not a mask of file permissions, expected 0000 to 0777",
			SPAN_ARGS(value));
	i->umask = mask;
	return 0;
}

struct plan_blob identity_encode(const struct identity_conf *conf,
	const struct wall_context *context, struct plan_writer *w)
{
	const struct identity_ids *ids = context->ids;
	struct identity_plan i = {
		.uid = ids->uid,
		.gid = ids->gid,
		.umask = conf->umask,
		.kernel_uid = context->kernel_uid,
		.kernel_gid = context->kernel_gid,
		.groups = plan_write_list(w, ids->groups, sizeof(ids->groups[0]), ids->group_count),
	};
	return plan_write_blob(w, &i, sizeof(i));
}
