/* SPDX-License-Identifier: MIT
 * Files into lines: see layers.h.
 */
#include "compile/read/layers.h"
#include "base/count.h"
#include "compile/files/files.h"
#include "compile/read/ini.h"
#include "compile/read/load.h"
#include "compile/unit/directives.h"
#include "compile/unit/unit.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading { /* one file */
	struct lines *lines;
	enum layer layer;
	const char *file;
};

static struct {            /* what is for each service */
	struct lines defaults; /* of init.ini */
	bool secret;           /* not everybody may read them */
	struct span hostname;  /* %H */
	const char *further;   /* drop-in named by the user */
} given;

void lines_add(struct lines *lines, struct assignment a)
{
	lines->list = diag_realloc(lines->list, (lines->count + 1) * sizeof(*lines->list));
	lines->list[lines->count++] = a;
}

/* What it sets: two names of one directive are the same. */
static unsigned meant_by(unsigned directive)
{
	unsigned other = directives[directive].same_as;
	return other ? other : directive;
}

/* Where the file says this directive, 0 if nowhere. */
static unsigned first_line(const struct lines *lines, int directive, const char *file)
{
	for (size_t i = 0; i < lines->count; i++)
		if (meant_by(lines->list[i].directive) == meant_by((unsigned)directive) &&
			lines->list[i].place.file == file)
			return lines->list[i].place.line;
	return 0;
}

static void on_pair(void *user, struct span section, struct span key, struct span value,
	struct diag *d)
{
	struct reading *r = user;
	int index = directive_find(directives, section, key);
	if (index < 0) {
		directive_unknown_key(section, key, d);
		return;
	}
	const struct directive *t = &directives[index];
	d->key = t->key;
	if (directive_line_counts(t, value, first_line(r->lines, index, r->file), d))
		lines_add(r->lines,
			(struct assignment){(uint16_t)index, (uint8_t)r->layer, {r->file, d->line}, value});
}

void layers_text(struct span text, const char *file, enum layer layer, struct lines *lines,
	struct diag *d)
{
	struct reading r = {.lines = lines, .layer = layer, .file = file};
	const struct ini_reader reader = {directives, NULL, directive_unknown_section, on_pair, &r};
	ini_read(text, file, &reader, d);
}

/* -ENOENT if there is no such file. */
int layers_file(const char *path, bool anywhere, enum layer layer, struct lines *lines,
	struct diag *d)
{
	struct span text;
	int err = files_read(path, anywhere, CONFIG_MAX_INI_KB, &text, d);
	if (err == 0)
		layers_text(text, strdup(path), layer, lines, d);
	return err;
}

/* ---- drop-ins ---- */

struct drop_in {
	char *name;
	const char *top;
	const char *of; /* NAME of NAME.d */
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct drop_in *)a)->name, ((const struct drop_in *)b)->name);
}

/* A later one of the same name takes the earlier one's place. */
static void add_drop_in(struct drop_in *list, size_t *count, size_t max, struct drop_in one)
{
	for (size_t i = 0; i < *count; i++) {
		if (strcmp(list[i].name, one.name) == 0) {
			list[i] = one;
			return;
		}
	}
	if (*count < max)
		list[(*count)++] = one;
}

void layers_drop_ins(const char *of, struct lines *lines, struct diag *d)
{
	static const char *const tops[] = {FILES_VENDOR, FILES_DEVICE};
	struct drop_in list[64];
	size_t count = 0;
	for (size_t t = 0; t < 2; t++) {
		struct files names;
		files_list(diag_text("%s/services.d/%s.d", tops[t], of), FILES_SUFFIX, &names);
		for (size_t i = 0; i < names.count; i++) {
			if (count == COUNT(list))
				diag_error(d, "more than %zu drop-ins", count);
			add_drop_in(list, &count, COUNT(list), (struct drop_in){names.name[i], tops[t], of});
		}
	}
	qsort(list, count, sizeof(list[0]), by_name);
	for (size_t i = 0; i < count; i++) {
		char *path = diag_text("%s/services.d/%s.d/%s", list[i].top, of, list[i].name);
		if (files_masked(path))
			continue;
		diag_place(d, path, 0, NULL, NULL);
		if (layers_file(path, false, LAYER_DROP_IN, lines, d) == -ENOENT)
			diag_error(d,
				"is not there any more: it vanished while it was read, or is a link that leads nowhere");
	}
}

void layers_further(struct lines *lines, struct diag *d)
{
	if (!given.further)
		return;
	diag_place(d, given.further, 0, NULL, NULL);
	if (layers_file(given.further, true, LAYER_DROP_IN, lines, d) == -ENOENT)
		diag_error(d, "is not there");
}

void load_hostname(struct span name)
{
	given.hostname = name;
}

struct span layers_hostname(void)
{
	return given.hostname;
}

void load_add_drop_in(const char *path)
{
	given.further = path;
}

/* ---- profile ---- */

const struct assignment *lines_last(const struct lines *lines, enum directive_id directive)
{
	for (size_t i = lines->count; i-- > 0;)
		if (lines->list[i].directive == directive)
			return &lines->list[i];
	return NULL;
}

static void unknown_profile(struct span name, struct diag *d)
{
	struct nearest near;
	nearest_begin(&near, name);
	for (size_t t = 0; t < FILES_TOPS; t++) {
		struct files names;
		files_list(diag_text("%s/%s", files_tops[t], "profiles.d"), FILES_SUFFIX, &names);
		for (size_t i = 0; i < names.count; i++)
			nearest_try(&near,
				(struct span){names.name[i], strlen(names.name[i]) - strlen(FILES_SUFFIX)});
	}
	diag_error(d, "there is no profile \"%.*s\" in profiles.d%s", SPAN_ARGS(name),
		nearest_hint(&near));
}

/* The profile's lines go before the file's. */
void layers_profile(struct lines *own, struct diag *d)
{
	const struct assignment *a = lines_last(own, D_Service_Profile);
	struct lines all = {0};
	char name[CONFIG_MAX_NAME];
	int err;
	if (!a)
		a = lines_last(&given.defaults, D_Service_Profile);
	if (!a)
		return;
	directive_place(d, &a->place, D_Service_Profile);
	if (!unit_name_valid(a->value) || span_copy(a->value, name, sizeof(name)) < 0) {
		diag_error(d, "\"%.*s\" is not a profile's name", SPAN_ARGS(a->value));
		return;
	}
	err = layers_file(diag_text("%s/profiles.d/%s" FILES_SUFFIX, FILES_DEVICE, name), false,
		LAYER_PROFILE, &all, d);
	if (err == -ENOENT)
		err = layers_file(diag_text("%s/profiles.d/%s" FILES_SUFFIX, FILES_VENDOR, name), false,
			LAYER_PROFILE, &all, d);
	directive_place(d, &a->place, D_Service_Profile);
	if (err == -ENOENT)
		unknown_profile(a->value, d);
	if (lines_last(&all, D_Service_Profile))
		diag_error(d, "a profile cannot have a profile itself");
	for (size_t i = 0; i < own->count; i++)
		lines_add(&all, own->list[i]);
	*own = all;
}

/* ---- [Defaults] ---- */

const struct lines *layers_defaults(bool *secret)
{
	*secret = given.secret;
	return &given.defaults;
}

void load_default(struct span key, struct span value, struct diag *d)
{
	int found = -1;
	/* [Defaults] has no sections of its own; no two of ours share a name but User, which means
	 * the namespace only in its section. */
	for (int i = 0; directives[i].section && found < 0; i++)
		if (span_is(key, directives[i].key))
			found = i;
	if (found < 0) {
		directive_unknown_key(span_of(""), key, d);
		return;
	}
	d->key = directives[found].key;
	given.secret |= d->secret;
	unsigned first = first_line(&given.defaults, found, d->file);
	if (directive_line_counts(&directives[found], value, first, d))
		lines_add(&given.defaults,
			(struct assignment){(uint16_t)found, LAYER_DEFAULTS, {d->file, d->line}, value});
}
