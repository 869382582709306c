/* SPDX-License-Identifier: MIT
 * A directive table as text, JSON and the manual page's mdoc(7): what this build has of it.
 */
#include "compile/unit/directives.h"
#include "print/json.h"
#include <stdio.h>
#include <string.h>

void directive_list(const struct directive *table)
{
	for (const struct directive *t = table; t->section; t++) {
		if (t->left_out)
			continue;
		printf("[%s] %s%s = %s\n    %s\n", t->section, t->key, t->flags & LIST ? " (list)" : "",
			t->fallback ? t->fallback : "", t->doc);
	}
}

void directive_list_json(const struct directive *table)
{
	struct json j = {.out = stdout};
	json_open(&j, NULL, '[');
	for (const struct directive *t = table; t->section; t++) {
		if (t->left_out)
			continue;
		json_row(&j, NULL, '{');
		json_text(&j, "section", t->section);
		json_text(&j, "name", t->key);
		json_bool(&j, "list", t->flags & LIST);
		json_bool(&j, "specifiers", t->flags & SPECIFIERS);
		if (t->fallback)
			json_text(&j, "default", t->fallback);
		else
			json_null(&j, "default");
		json_text(&j, "doc", t->doc);
		json_close(&j, '}');
	}
	json_close(&j, ']');
}

/* mdoc(7): a leading dot or quote would be a request, a backslash an escape. */
static void mdoc_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		printf("\\&");
	for (; *text; text++)
		if (*text == '\\')
			printf("\\e");
		else if (*text == '-')
			printf("\\-");
		else if (text[0] == '.' && text[1] == ' ')
			text += printf(".\n") - 1; /* each sentence on a line of its own */
		else
			putchar(*text);
	putchar('\n');
}

void directive_list_mdoc(const struct directive *table)
{
	const char *section = "";
	for (const struct directive *t = table; t->section; t++) {
		if (t->left_out)
			continue;
		if (strcmp(section, t->section) != 0) {
			if (*section)
				printf(".El\n");
			printf(".Ss [%s]\n.Bl -tag -width Ds\n", t->section);
			section = t->section;
		}
		printf(".It Ic %s%s%s\n", t->key, t->flags & LIST ? " Pq list" : "", "");
		mdoc_text(t->doc);
		if (t->fallback)
			printf("Default:\n.Ql %s .\n", t->fallback);
	}
	printf(".El\n");
}
