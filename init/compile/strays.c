/* SPDX-License-Identifier: MIT
 * What lies among the service files and nobody reads: see strays.h.
 */
#include "compile/strays.h"
#include "compile/files.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".ini"

static const char *const tops[] = {"/etc/bulkhead", "/usr/lib/bulkhead"};

static char *path_of(const char *format, const char *top, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, format, top, name) < 0)
		abort();
	return path;
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t n = strlen(name), s = strlen(suffix);

	return n > s && strcmp(name + n - s, suffix) == 0;
}

/* Whether a service, a template or an instance has drop-ins by that name. A file that is masked or
 * makes no service is one all the same. */
static bool has_drop_ins(const struct set *set, const char *name)
{
	struct stat st;

	if (set_find(set, span_of(name)))
		return true;
	for (size_t t = 0; t < 2; t++) {
		char *path = path_of("%s/services.d/%s" SUFFIX, tops[t], name);

		if (files_masked(path) || files_stat(path, &st) == 0)
			return true;
	}
	return false;
}

static void note_drop_ins(const struct set *set, const char *top, const char *directory)
{
	struct diag d = {0};
	struct files all;
	struct nearest near;
	struct span name = {directory, strlen(directory) - 2};
	char *path = path_of("%s/services.d/%s", top, directory), *of = strndup(name.p, name.n);

	if (!of)
		abort();
	files_list(path, "", &all);
	for (size_t i = 0; i < all.count && has_drop_ins(set, of); i++) {
		if (ends_with(all.name[i], SUFFIX))
			continue;
		diag_place(&d, path_of("%s/%s", path, all.name[i]), 0, NULL, NULL);
		diag_note(&d, "is not read, expected a drop-in's name like 10-memory" SUFFIX);
	}
	if (all.count == 0 || has_drop_ins(set, of))
		return;
	nearest_begin(&near, name);
	for (size_t i = 0; i < set->count; i++)
		nearest_try(&near, span_of(set->service[i]->name));
	diag_place(&d, path, 0, NULL, NULL);
	diag_note(&d, "its drop-ins are not read: there is no service \"%s\"%s", of, nearest_hint(&near));
}

/* Files of another system's names, and drop-ins of nobody. */
static void note_strays(const struct set *set, const char *top)
{
	struct diag d = {0};
	struct files all;

	files_list(path_of("%s/%s", top, "services.d"), "", &all);
	for (size_t i = 0; i < all.count; i++) {
		if (ends_with(all.name[i], ".d"))
			note_drop_ins(set, top, all.name[i]);
		if (!ends_with(all.name[i], ".conf") && !ends_with(all.name[i], ".service"))
			continue;
		diag_place(&d, path_of("%s/services.d/%s", top, all.name[i]), 0, NULL, NULL);
		diag_note(&d, "is not read, expected a service's name like nginx" SUFFIX);
	}
}

void strays_note(const struct set *set)
{
	for (size_t t = 0; t < 2; t++)
		note_strays(set, tops[t]);
}
