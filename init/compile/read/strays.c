/* SPDX-License-Identifier: MIT
 * Files among the service files that nothing reads: see load.h.
 */
#include "compile/read/load.h"
#include "base/count.h"
#include "compile/files/files.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A file that explains the others may lie among them. */
static bool is_readme(const char *name)
{
	return strncasecmp(name, "README", 6) == 0;
}

/* Whether a service, a template or an instance has drop-ins by that name. A file that is masked or
 * makes no service is one all the same. */
static bool has_drop_ins(const struct set *set, const char *name)
{
	return set_find(set, span_of(name)) || files_has_service(name);
}

static void note_drop_ins(const struct set *set, const char *top, const char *directory)
{
	struct diag d = {0};
	struct files all;
	struct nearest near;
	struct span name = {directory, strlen(directory) - 2};
	char *path = diag_text("%s/services.d/%s", top, directory),
		 *of = diag_text("%.*s", SPAN_ARGS(name));
	files_list(path, "", &all);
	for (size_t i = 0; i < all.count && has_drop_ins(set, of); i++) {
		if (span_ends(span_of(all.name[i]), FILES_SUFFIX) || is_readme(all.name[i]))
			continue;
		diag_place(&d, diag_text("%s/%s", path, all.name[i]), 0, NULL, NULL);
		diag_note(&d, "is not read, expected a drop-in's name like 10-memory" FILES_SUFFIX);
	}
	if (all.count == 0 || has_drop_ins(set, of))
		return;
	diag_place(&d, path, 0, NULL, NULL);
	diag_note(&d, "its drop-ins are not read: there is no service \"%s\"%s", of,
		set_hint(set, name, &near));
}

/* Beside services.d: a service file that lies too high, or drop-ins of init.ini. */
static void note_above(const char *top)
{
	static const char *const ends[] = {FILES_SUFFIX, ".conf", ".service"};
	struct diag d = {0};
	struct files all;
	files_list(top, "", &all);
	for (size_t i = 0; i < all.count; i++) {
		struct span name = span_of(all.name[i]);
		bool meant = span_is(name, "init.d") || span_is(name, "init.ini.d");
		for (size_t k = 0; k < COUNT(ends); k++)
			meant |= span_ends(name, ends[k]);
		if (!meant || (span_is(name, "init.ini") && top == files_tops[0]))
			continue;
		diag_place(&d, diag_text("%s/%s", top, all.name[i]), 0, NULL, NULL);
		diag_note(&d,
			"is not read: service files are in %s/services.d, the device's settings in " FILES_DEVICE
			"/init.ini",
			top);
	}
}

/* Files of another system's names, and drop-ins of nobody. */
static void note_strays(const struct set *set, const char *top)
{
	struct diag d = {0};
	struct files all;
	files_list(diag_text("%s/%s", top, "services.d"), "", &all);
	for (size_t i = 0; i < all.count; i++) {
		if (span_ends(span_of(all.name[i]), ".d")) {
			note_drop_ins(set, top, all.name[i]);
			continue;
		}
		if (span_ends(span_of(all.name[i]), FILES_SUFFIX) || is_readme(all.name[i]))
			continue;
		diag_place(&d, diag_text("%s/services.d/%s", top, all.name[i]), 0, NULL, NULL);
		if (span_ends(span_of(all.name[i]), ".timer"))
			diag_note(&d,
				"is not read: its [Timer] belongs into the service's own file, %.*s" FILES_SUFFIX,
				(int)strlen(all.name[i]) - 6, all.name[i]);
		else
			diag_note(&d, "is not read, expected a service's name like nginx" FILES_SUFFIX);
	}
}

void strays_note(const struct set *set)
{
	for (size_t t = 0; t < FILES_TOPS; t++) {
		note_strays(set, files_tops[t]);
		note_above(files_tops[t]);
	}
}
