/* SPDX-License-Identifier: MIT
 * What --security prints: a line for each service, one service in full, or JSON.
 */
#include "walls/diagnose.h"
#include "print/json.h"
#include "report/security/security.h"
#include <stdio.h>
#include <string.h>

#define SCORE(tenths) (tenths) / 10, (tenths) % 10

static bool wanted(const struct service *s, char *const *names)
{
	for (char *const *n = names; *n; n++)
		if (strcmp(*n, s->name) == 0)
			return true;
	return !*names && s->unit.type != TYPE_GROUP;
}

static void print_row(const struct security *f)
{
	if (f->service->diag.errors > 0) {
		printf("%-20s    -  (refused)\n", f->service->name);
		return;
	}
	int column = printf("%-20s %2u.%u  ", f->service->name, SCORE(f->score));
	int start = column;
	for (size_t i = 0; i < f->count; i++) {
		const char *what = f->opening[i].what;
		if (i > 0 && column + (int)strlen(what) > 118)
			column = printf(",\n%*s", start, "") - 2;
		else if (i > 0)
			column += printf(", ");
		column += printf("%s", what);
	}
	printf("%s\n", f->count ? "" : "-");
}

static void print_closed(const struct service *s)
{
	const char *key[SECURITY_MAX_CLOSED];
	size_t n = security_closed(s, key);
	if (n == 0)
		return;
	printf("  closed beyond the default:");
	for (size_t i = 0; i < n; i++)
		printf(" %s", key[i]);
	putchar('\n');
}

static void print_full(const struct security *f)
{
	printf("%s: %u.%u of 10\n", f->service->name, SCORE(f->score));
	if (f->service->diag.errors > 0)
		printf("REFUSED: %s\n", f->service->diag.first);
	if (f->count == 0)
		printf("  nothing is open\n");
	for (size_t i = 0; i < f->count; i++) {
		const struct security_opening *o = &f->opening[i];
		printf("  %u.%u  %s\n", SCORE(o->weight), o->what);
		printf("       %s\n", o->why);
		if (o->place)
			printf("       %s:%u\n", o->place->file, o->place->line);
	}
	print_closed(f->service);
}

static void print_service_json(const struct security *f, struct json *j)
{
	json_row(j, NULL, '{');
	json_text(j, "service", f->service->name);
	json_tenths(j, "score", f->score);
	json_bool(j, "refused", f->service->diag.errors > 0);
	json_open(j, "open", '[');
	for (size_t i = 0; i < f->count; i++) {
		const struct security_opening *o = &f->opening[i];
		json_row(j, NULL, '{');
		json_text(j, "open", o->what);
		json_text(j, "why", o->why);
		json_tenths(j, "weight", o->weight);
		if (o->place) {
			json_text(j, "file", o->place->file);
			json_u64(j, "line", o->place->line);
		}
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static bool within(const struct security *f, unsigned limit)
{
	fflush(stdout); /* the complaint comes after what it is about */
	if (f->service->diag.errors > 0 && limit < SECURITY_MAX_SCORE) {
		fprintf(stderr, "bulkhead-compile: %s is refused, so there is nothing to judge\n",
			f->service->name);
		return false;
	}
	if (f->score <= limit)
		return true;
	fprintf(stderr, "bulkhead-compile: %s scores %u.%u, more than %u.%u\n", f->service->name,
		SCORE(f->score), SCORE(limit));
	return false;
}

bool security_print(const struct set *set, char *const *names, bool json, unsigned limit)
{
	static struct security found;
	struct json j = {.out = json ? stdout : NULL};
	bool good = true, table = !json && !*names;
	if (table)
		printf("%-20s %s  OPEN\n", "SERVICE", "SCORE");
	json_open(&j, NULL, '[');
	for (size_t i = 0; i < set->count; i++) {
		if (!wanted(set->service[i], names))
			continue;
		security_judge(set->service[i], &found);
		if (json)
			print_service_json(&found, &j);
		else if (table)
			print_row(&found);
		else
			print_full(&found);
		good &= within(&found, limit);
	}
	json_close(&j, ']');
	return good;
}
