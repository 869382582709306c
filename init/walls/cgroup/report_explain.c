/* SPDX-License-Identifier: MIT
 * The control group in explain: files, and what is written to them.
 */
#include "walls/cgroup/conf.h"
#include "walls/report.h"

void cgroup_explain(struct explain *e, const void *conf, const struct wall_context *context)
{
	const struct cgroup_conf *c = conf;
	const char *file, *value;
	explain_line(e, "cgroup", "/sys/fs/cgroup/%.*s%s%s", SPAN_ARGS(c->slice), c->slice.n ? "/" : "",
		context->service);
	json_row(&e->json, "cgroup", '{');
	for (unsigned i = 0; cgroup_written(c, i, &file, &value); i++) {
		explain_line(e, "", "%s = %s", file, value);
		json_text(&e->json, file, value);
	}
	json_close(&e->json, '}');
}
