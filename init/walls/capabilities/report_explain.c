/* SPDX-License-Identifier: MIT
 * Its sets of capabilities, and no_new_privs.
 */
#include "walls/capabilities/conf.h"
#include "walls/report.h"

static void one_set(struct explain *e, const char *label, const char *what, const char *key,
	uint64_t set)
{
	char names[1024];
	const char *text = capabilities_text(set, names, sizeof(names));
	explain_line(e, label, "%s: %s", what, *text ? text : "none");
	json_words(&e->json, key, span_of(text));
}

void capabilities_explain(struct explain *e, const void *conf, const struct wall_context *context)
{
	const struct capabilities_conf *c = conf;
	one_set(e, "capabilities", "bounding set", "bounding_set", context->bounding);
	one_set(e, "", "from the start", "ambient_set", c->ambient);
	explain_line(e, "", "no_new_privs: %s", c->no_new_privs ? "yes" : "no");
	json_bool(&e->json, "no_new_privs", c->no_new_privs);
}
