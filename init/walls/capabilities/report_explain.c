/* SPDX-License-Identifier: MIT
 * Its sets of capabilities, and no_new_privs.
 */
#include "walls/capabilities/conf.h"
#include "print/json.h"
#include "walls/report.h"
#include <stdio.h>

static void explain_text(const void *conf, const struct wall_context *context)
{
	const struct capabilities_conf *c = conf;
	char names[1024];
	const char *text = capabilities_text(context->bounding, names, sizeof(names));
	printf(EXPLAIN_LINE "bounding set: %s\n", "  capabilities", *text ? text : "none");
	text = capabilities_text(c->ambient, names, sizeof(names));
	printf(EXPLAIN_LINE "from the start: %s\n", "", *text ? text : "none");
	printf(EXPLAIN_LINE "no_new_privs: %s\n", "", c->no_new_privs ? "yes" : "no");
}

static void json_words(const char *name, const char *words)
{
	struct span rest = span_of(words), word;
	bool first = true;
	printf("    \"%s\": [", name);
	while (span_word(&rest, &word)) {
		printf("%s", first ? "" : ", ");
		json_span(word);
		first = false;
	}
	printf("],\n");
}

static void explain_json(const void *conf, const struct wall_context *context)
{
	const struct capabilities_conf *c = conf;
	char names[1024];
	json_words("bounding_set", capabilities_text(context->bounding, names, sizeof(names)));
	json_words("ambient_set", capabilities_text(c->ambient, names, sizeof(names)));
	printf("    \"no_new_privs\": %s", c->no_new_privs ? "true" : "false");
}

const struct wall_explain capabilities_explain = {explain_text, explain_json};
