/* SPDX-License-Identifier: MIT
 * Looking things up in the directive table, and what is said when they are not there.
 */
#include "compile/directives.h"
#include "compile/json.h"
#include <stdio.h>
#include <string.h>

/* Part of the format, but not of this version: an error like an unknown name, with another reason. */
static const char *const later_keys[] = {
	"ExecReload",
	"ConditionFirmware",
	"ConditionVirtualization",
	"DynamicUser",
	"EnvironmentFile",
	"LoadCredential",
	"LogRateLimitBurst",
	"LogRateLimitIntervalSec",
	NULL,
};
static const char *const later_sections[] = {"Timer", NULL};

static bool in_list(struct span name, const char *const *list)
{
	for (; *list; list++) {
		if (span_is(name, *list))
			return true;
	}
	return false;
}

int directive_find(struct span section, struct span key)
{
	for (int i = 0; directives[i].section; i++) {
		if (span_is(section, directives[i].section) && span_is(key, directives[i].key))
			return i;
	}
	return -1;
}

bool directive_section_known(struct span section)
{
	for (int i = 0; directives[i].section; i++) {
		if (span_is(section, directives[i].section))
			return true;
	}
	return false;
}

void directive_unknown_section(struct span section, struct diag *d)
{
	struct nearest near;

	if (in_list(section, later_sections)) {
		diag_error(d, "section [%.*s] is not supported by this version", SPAN_ARGS(section));
		return;
	}
	nearest_begin(&near, section);
	for (int i = 0; directives[i].section; i++)
		nearest_try(&near, span_of(directives[i].section));
	/* systemd's name of the file's first part. */
	diag_error(d, "unknown section [%.*s]%s", SPAN_ARGS(section),
		span_is(section, "Unit") || span_is(section, "Install") ? ": its directives belong into [Service] here"
																: nearest_hint(&near));
}

void directive_unknown_key(struct span section, struct span key, struct diag *d)
{
	struct nearest near;
	const char *elsewhere = NULL;

	if (in_list(key, later_keys)) {
		diag_error(d, "%.*s is not supported by this version", SPAN_ARGS(key));
		return;
	}
	nearest_begin(&near, key);
	for (int i = 0; directives[i].section; i++) {
		if (span_is(section, directives[i].section))
			nearest_try(&near, span_of(directives[i].key));
		else if (!elsewhere && span_is(key, directives[i].key))
			elsewhere = directives[i].section;
	}
	if (elsewhere)
		diag_error(d, "unknown directive \"%.*s\": it belongs into [%s]", SPAN_ARGS(key), elsewhere);
	else
		diag_error(d, "unknown directive \"%.*s\"%s", SPAN_ARGS(key), nearest_hint(&near));
}

void directive_list(void)
{
	for (const struct directive *t = directives; t->section; t++)
		printf("[%s] %s%s = %s\n    %s\n", t->section, t->key, t->kind & LIST ? " (list)" : "", t->fallback ? t->fallback : "",
			t->doc);
}

void directive_list_json(void)
{
	printf("[\n");
	for (const struct directive *t = directives; t->section; t++) {
		printf("{\"section\": \"%s\", \"name\": \"%s\", \"list\": %s, \"specifiers\": %s, \"default\": ", t->section, t->key,
			t->kind & LIST ? "true" : "false", t->kind & SPECIFIERS ? "true" : "false");
		if (t->fallback)
			json_text(t->fallback);
		else
			printf("null");
		printf(", \"doc\": ");
		json_text(t->doc);
		printf("}%s\n", t[1].section ? "," : "");
	}
	printf("]\n");
}

/* mdoc(7): a leading dot or quote would be a request, a backslash an escape. */
static void mdoc_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		printf("\\&");
	for (; *text; text++) {
		if (*text == '\\')
			printf("\\e");
		else if (*text == '-')
			printf("\\-");
		else if (text[0] == '.' && text[1] == ' ')
			text += printf(".\n") - 1; /* each sentence on a line of its own */
		else
			putchar(*text);
	}
	putchar('\n');
}

void directive_list_mdoc(void)
{
	const char *section = "";

	for (const struct directive *t = directives; t->section; t++) {
		if (strcmp(section, t->section) != 0) {
			if (*section)
				printf(".El\n");
			printf(".Ss [%s]\n.Bl -tag -width Ds\n", t->section);
			section = t->section;
		}
		printf(".It Ic %s%s%s\n", t->key, t->kind & LIST ? " Pq list" : "", "");
		mdoc_text(t->doc);
		if (t->fallback)
			printf("Default:\n.Ql %s .\n", t->fallback);
	}
	printf(".El\n");
}
