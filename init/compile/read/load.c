/* SPDX-License-Identifier: MIT
 * Service files in layers: see load.h. A service's lines are gathered first and handed to the
 * rooms' setters after, in the order of layers.
 */
#include "compile/read/load.h"
#include "base/count.h"
#include "compile/files/files.h"
#include "compile/files/trust.h"
#include "compile/read/builtin.h"
#include "compile/unit/directives.h"
#include "compile/read/ini.h"
#include "compile/read/options.h"
#include "compile/read/strays.h"
#include "compile/unit/specifiers.h"
#include "compile/unit/unit.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lines { /* what a service's files say, in order */
	struct assignment *list;
	size_t count;
};

struct reading { /* one file */
	struct lines *lines;
	enum layer layer;
	struct span section;
	const char *file;
};

static struct lines defaults;
static bool defaults_secret;
static const char *further; /* drop-in named by the user */

static void add_line(struct lines *lines, struct assignment a)
{
	struct assignment *longer = realloc(lines->list, (lines->count + 1) * sizeof(*longer));
	if (!longer)
		diag_no_memory();
	lines->list = longer;
	lines->list[lines->count++] = a;
}

static bool on_section(void *user, struct span name, struct diag *d)
{
	struct reading *r = user;
	r->section = name;
	if (directive_section_known(name))
		return true;
	directive_unknown_section(name, d);
	return false;
}

static bool on_known(void *user, struct span key)
{
	struct reading *r = user;
	return directive_find(r->section, key) >= 0;
}

static void on_pair(void *user, struct span key, struct span value, struct diag *d)
{
	struct reading *r = user;
	int index = directive_find(r->section, key);
	if (index < 0) {
		directive_unknown_key(r->section, key, d);
		return;
	}
	const struct directive *t = &directives[index];
	d->key = t->key;
	for (size_t i = 0; !(t->flags & LIST) && i < r->lines->count; i++) {
		const struct assignment *a = &r->lines->list[i];
		if (a->directive == index && a->place.file == r->file) {
			diag_error(d, "is given twice, first in line %u", a->place.line);
			return;
		}
	}
	if (value.n == 0 && !(t->flags & LIST)) {
		diag_error(d, "has no value");
		return;
	}
	add_line(r->lines,
		(struct assignment){(uint16_t)index, (uint8_t)r->layer, {r->file, d->line}, value});
}

static void read_text(struct span text, const char *file, enum layer layer, struct lines *lines,
	struct diag *d)
{
	struct reading r = {.lines = lines, .layer = layer, .file = file};
	const struct ini_reader reader = {on_section, on_known, on_pair, &r};
	ini_read(text, file, &reader, d);
}

/* -ENOENT if there is no such file. */
static int read_file(const char *path, bool anywhere, enum layer layer, struct lines *lines,
	struct diag *d)
{
	struct span text;
	int err = files_read(path, anywhere, CONFIG_MAX_INI_KB, &text, d);
	if (err == 0)
		read_text(text, strdup(path), layer, lines, d);
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

static void read_drop_ins(const char *of, struct lines *lines, struct diag *d)
{
	static const char *const tops[] = {FILES_VENDOR, FILES_DEVICE};
	struct drop_in list[64];
	size_t count = 0;
	for (size_t t = 0; t < 2; t++) {
		struct files names;
		files_list(files_path("%s/services.d/%s.d", tops[t], of), FILES_SUFFIX, &names);
		for (size_t i = 0; i < names.count; i++) {
			if (count == COUNT(list))
				diag_error(d, "more than %zu drop-ins", count);
			add_drop_in(list, &count, COUNT(list), (struct drop_in){names.name[i], tops[t], of});
		}
	}
	qsort(list, count, sizeof(list[0]), by_name);
	for (size_t i = 0; i < count; i++) {
		char *path = NULL;
		if (asprintf(&path, "%s/services.d/%s.d/%s", list[i].top, of, list[i].name) < 0)
			diag_no_memory();
		if (files_masked(path))
			continue;
		diag_place(d, path, 0, NULL, NULL);
		if (read_file(path, false, LAYER_DROP_IN, lines, d) == -ENOENT)
			diag_error(d,
				"is not there any more: it vanished while it was read, or is a link that leads nowhere");
	}
}

static void read_further(struct lines *lines, struct diag *d)
{
	if (!further)
		return;
	diag_place(d, further, 0, NULL, NULL);
	if (read_file(further, true, LAYER_DROP_IN, lines, d) == -ENOENT)
		diag_error(d, "is not there");
}

void load_add_drop_in(const char *path)
{
	further = path;
}

/* ---- profile ---- */

static const struct assignment *last_of(const struct lines *lines, const char *section,
	const char *key)
{
	int index = directive_find(span_of(section), span_of(key));
	for (size_t i = lines->count; i-- > 0;)
		if (lines->list[i].directive == index)
			return &lines->list[i];
	return NULL;
}

static void unknown_profile(struct span name, struct diag *d)
{
	static const char *const tops[] = {FILES_DEVICE, FILES_VENDOR};
	struct nearest near;
	nearest_begin(&near, name);
	for (size_t t = 0; t < 2; t++) {
		struct files names;
		files_list(files_path("%s/%s", tops[t], "profiles.d"), FILES_SUFFIX, &names);
		for (size_t i = 0; i < names.count; i++)
			nearest_try(&near,
				(struct span){names.name[i], strlen(names.name[i]) - strlen(FILES_SUFFIX)});
	}
	diag_error(d, "there is no profile \"%.*s\" in profiles.d%s", SPAN_ARGS(name),
		nearest_hint(&near));
}

/* The profile's lines go before the file's. */
static void read_profile(struct lines *own, struct diag *d)
{
	const struct assignment *a = last_of(own, "Service", "Profile");
	struct lines all = {0};
	char name[CONFIG_MAX_NAME];
	int err;
	if (!a)
		a = last_of(&defaults, "Service", "Profile");
	if (!a)
		return;
	diag_place(d, a->place.file, a->place.line, "Service", "Profile");
	if (!unit_name_valid(a->value) || span_copy(a->value, name, sizeof(name)) < 0) {
		diag_error(d, "\"%.*s\" is not a profile's name", SPAN_ARGS(a->value));
		return;
	}
	err = read_file(files_path("%s/profiles.d/%s" FILES_SUFFIX, FILES_DEVICE, name), false,
		LAYER_PROFILE, &all, d);
	if (err == -ENOENT)
		err = read_file(files_path("%s/profiles.d/%s" FILES_SUFFIX, FILES_VENDOR, name), false,
			LAYER_PROFILE, &all, d);
	diag_place(d, a->place.file, a->place.line, "Service", "Profile");
	if (err == -ENOENT)
		unknown_profile(a->value, d);
	if (last_of(&all, "Service", "Profile"))
		diag_error(d, "a profile cannot have a profile itself");
	for (size_t i = 0; i < own->count; i++)
		add_line(&all, own->list[i]);
	*own = all;
}

/* ---- from lines to values ---- */

static bool same_directive(unsigned a, unsigned b)
{
	const struct directive *x = &directives[a], *y = &directives[b];
	if (a == b)
		return true;
	return strcmp(x->section, y->section) == 0 &&
		((x->same_as && strcmp(x->same_as, y->key) == 0) ||
			(y->same_as && strcmp(y->same_as, x->key) == 0));
}

/* Whether the service's own files say something about this directive, by any of its names. */
static bool said(const struct service *s, unsigned directive, bool defaults_too)
{
	for (size_t i = 0; i < s->set_count; i++)
		if ((defaults_too || s->set[i].layer != LAYER_DEFAULTS) &&
			same_directive(s->set[i].directive, directive))
			return true;
	return false;
}

bool load_counts(const struct service *s, const struct assignment *a)
{
	return a->layer != LAYER_DEFAULTS || !said(s, a->directive, false);
}

static void apply(struct service *s, unsigned directive, struct span value)
{
	const struct directive *t = &directives[directive];
	struct span expanded = value;
	if (t->left_out) /* options_apply */
		return;
	if (t->flags & SPECIFIERS &&
		specifiers_expand(value, s->name, s->instance, &expanded, &s->diag) < 0)
		return;
	directive_set(t, s, expanded);
}

/* The limits that a service has if it says nothing are not for a group, whose limits are those
 * of many (Slice). */
static bool counts(const struct service *s, unsigned directive, bool is_default)
{
	return !is_default || s->unit.type != TYPE_GROUP ||
		strcmp(directives[directive].section, "Cgroup") != 0;
}

/* The type decides what counts of the rest. */
static void apply_type(struct service *s)
{
	for (size_t i = 0; i < s->set_count; i++) {
		const struct directive *t = &directives[s->set[i].directive];
		if (strcmp(t->key, "Type") == 0 && load_counts(s, &s->set[i]) &&
			span_is(s->set[i].value, "group"))
			s->unit.type = TYPE_GROUP;
	}
}

static void apply_all(struct service *s)
{
	apply_type(s);
	for (unsigned i = 0; directives[i].section; i++) {
		diag_place(&s->diag, s->file, 0, directives[i].section, directives[i].key);
		if (directives[i].fallback && counts(s, i, true) && !said(s, i, true))
			apply(s, i, span_of(directives[i].fallback));
	}
	for (size_t i = 0; i < s->set_count; i++) {
		const struct assignment *a = &s->set[i];
		diag_place(&s->diag, a->place.file, a->place.line,
			a->layer == LAYER_DEFAULTS ? "Defaults" : directives[a->directive].section,
			directives[a->directive].key);
		if (load_counts(s, a) && counts(s, a->directive, a->layer == LAYER_DEFAULTS))
			apply(s, a->directive, a->value);
	}
}

static void init_rooms(struct service *s)
{
	unit_init(&s->unit);
#define WALL_INIT(NAME, name) name##_conf_init(&s->name);
	PLAN_WALLS(WALL_INIT)
	sockets_init(&s->sockets);
}

/* ---- services ---- */

static struct service *new_service(struct set *set, const char *name, const char *file)
{
	static struct diag lost = {.boot = true};
	struct service *s;
	if (set->count == CONFIG_MAX_SERVICES) {
		diag_place(&lost, file, 0, NULL, NULL);
		diag_error(&lost, "more than %d services (CONFIG_MAX_SERVICES): %s is left out",
			CONFIG_MAX_SERVICES, name);
		set->left_out++;
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		diag_no_memory();
	snprintf(s->name, sizeof(s->name), "%s", name);
	s->file = file;
	const char *at = strchr(name, '@');
	if (at)
		snprintf(s->instance, sizeof(s->instance), "%s", at + 1);
	init_rooms(s);
	set->service[set->count++] = s;
	return s;
}

static void finish(struct service *s, const struct lines *lines, const struct diag *so_far)
{
	struct lines all = {0};
	s->diag = *so_far;
	s->diag.secret |= defaults_secret;
	for (size_t i = 0; i < defaults.count; i++)
		add_line(&all, defaults.list[i]);
	for (size_t i = 0; i < lines->count; i++)
		add_line(&all, lines->list[i]);
	s->set = all.list;
	s->set_count = all.count;
	apply_all(s);
	options_apply(s);
}

static void finish_template(struct set *set, const char *name, const char *file,
	const struct lines *lines, struct diag *d)
{
	const struct assignment *a = last_of(lines, "Service", "Instances");
	struct span rest, word;
	if (!a) {
		diag_place(d, file, 0, NULL, NULL);
		diag_note(d, "is a template without Instances, so nothing is made of it");
		return;
	}
	rest = a->value;
	while (span_word(&rest, &word)) {
		char full[CONFIG_MAX_NAME];
		int n = snprintf(full, sizeof(full), "%s%.*s", name, SPAN_ARGS(word));
		diag_place(d, a->place.file, a->place.line, "Service", "Instances");
		if (n >= CONFIG_MAX_NAME || !unit_name_valid(span_of(full)) ||
			memchr(word.p, '@', word.n)) {
			diag_error(d,
				"\"%.*s\" is not an instance's name, expected letters, digits, _ and - (with the template's name at most %d)",
				SPAN_ARGS(word), CONFIG_MAX_NAME - 1);
			continue;
		}
		if (set_find(set, span_of(full))) {
			diag_error(d, "there is a service %s already", full);
			continue;
		}
		struct lines own = *lines;
		struct diag so_far = *d;
		struct service *s;
		own.list = malloc((own.count + 1) * sizeof(*own.list));
		if (!own.list)
			diag_no_memory();
		memcpy(own.list, lines->list, lines->count * sizeof(*own.list));
		read_drop_ins(full, &own, &so_far);
		s = new_service(set, full, file);
		if (s)
			finish(s, &own, &so_far);
	}
}

/* `name` as in NAME.ini. */
static void finish_service(struct set *set, const char *name, const char *file, struct lines *lines,
	struct diag *d)
{
	size_t n = strlen(name);
	struct service *s;
	read_profile(lines, d);
	if (n > 0 && name[n - 1] == '@') {
		finish_template(set, name, file, lines, d);
		return;
	}
	const struct assignment *a = last_of(lines, "Service", "Instances");
	if (a) {
		diag_place(d, a->place.file, a->place.line, "Service", "Instances");
		diag_error(d, "only a template has instances, a file NAME@.ini");
	}
	s = new_service(set, name, file);
	if (s)
		finish(s, lines, d);
}

/* A file whose name cannot be a service's is reported, and nothing is made of it. */
static bool name_of_file(const char *file, const char *base, char *name, struct diag *d)
{
	struct span span = span_of(base);
	span.n = span_ends(span, FILES_SUFFIX) ? span.n - strlen(FILES_SUFFIX) : 0;

	if (unit_name_valid(span) && span_copy(span, name, CONFIG_MAX_NAME) == 0)
		return true;
	diag_place(d, file, 0, NULL, NULL);
	d->boot = true; /* nothing is made of it that could say it */
	diag_error(d,
		"the file's name makes no service's name, expected NAME.ini with letters, digits, _ - and @ (at most %d)",
		CONFIG_MAX_NAME - 1);
	return false;
}

static void load_one(struct set *set, const char *top, const char *base, bool named)
{
	struct diag d = {0};
	struct lines lines = {0};
	char name[CONFIG_MAX_NAME];
	char *path = files_path("%s/services.d/%s", top, base);
	if (!name_of_file(path, base, name, &d) || set_find(set, span_of(name)) || files_masked(path))
		return;
	diag_place(&d, path, 0, NULL, NULL);
	if (read_file(path, false, LAYER_FILE, &lines, &d) == -ENOENT)
		diag_error(&d,
			"is not there any more: it vanished while it was read, or is a link that leads nowhere");
	read_drop_ins(name, &lines, &d);
	if (named)
		read_further(&lines, &d);
	finish_service(set, name, path, &lines, &d);
}

int load_named(struct set *set, const char *name)
{
	static const char *const tops[] = {FILES_DEVICE, FILES_VENDOR};
	struct stat st;
	for (size_t t = 0; t < 2; t++) {
		char *base = files_path("%s%s", name, FILES_SUFFIX);
		if (files_stat(files_path("%s/services.d/%s", tops[t], base), &st) == 0) {
			load_one(set, tops[t], base, true);
			return set_find(set, span_of(name)) ? 0 : -ENOENT;
		}
	}
	return -ENOENT;
}

/* Before all others: with it left out for the bound of services, their output would go nowhere. */
static void load_logger(struct set *set, const struct files *device, const struct files *vendor,
	uint32_t ring_kb)
{
	struct stat st;
	struct lines lines = {0};
	struct diag d = {0};
	struct service *s;
	if (files_has(device, BUILTIN_LOGGER FILES_SUFFIX)) {
		load_one(set, FILES_DEVICE, BUILTIN_LOGGER FILES_SUFFIX, false);
	} else if (files_has(vendor, BUILTIN_LOGGER FILES_SUFFIX)) {
		load_one(set, FILES_VENDOR, BUILTIN_LOGGER FILES_SUFFIX, false);
	} else if (!set_find(set, span_of(BUILTIN_LOGGER)) &&
		files_stat(BUILTIN_LOGGER_PROGRAM, &st) == 0) {
		read_text(builtin_logger(ring_kb), BUILTIN_LOGGER_FILE, LAYER_FILE, &lines, &d);
		read_drop_ins(BUILTIN_LOGGER, &lines, &d);
		finish_service(set, BUILTIN_LOGGER, BUILTIN_LOGGER_FILE, &lines, &d);
	}
	s = set_find(set, span_of(BUILTIN_LOGGER));
	if (s)
		s->logger = true;
}

void load_root(struct set *set, bool extra, uint32_t log_ring_kb)
{
	struct files device, vendor;
	size_t before = set->count;
	trust_directory(FILES_DEVICE "/services.d");
	trust_directory(FILES_VENDOR "/services.d");
	files_list(FILES_DEVICE "/services.d", FILES_SUFFIX, &device);
	files_list(FILES_VENDOR "/services.d", FILES_SUFFIX, &vendor);
	load_logger(set, &device, &vendor, log_ring_kb);
	for (size_t i = 0; i < device.count; i++)
		load_one(set, FILES_DEVICE, device.name[i], false);
	for (size_t i = 0; i < vendor.count; i++)
		if (!files_has(&device, vendor.name[i]))
			load_one(set, FILES_VENDOR, vendor.name[i], false);
	for (size_t i = before; i < set->count; i++)
		set->service[i]->extra = extra;
	strays_note(set);
	load_sort(set);
}

void load_file(struct set *set, const char *path)
{
	struct diag d = {0};
	struct lines lines = {0};
	char name[CONFIG_MAX_NAME];
	const char *slash = strrchr(path, '/');
	diag_place(&d, path, 0, NULL, NULL);
	if (!name_of_file(path, slash ? slash + 1 : path, name, &d))
		return;
	if (set_find(set, span_of(name))) {
		diag_error(&d, "a service of this name is given twice");
		return;
	}
	if (read_file(path, true, LAYER_FILE, &lines, &d) == -ENOENT) {
		diag_place(&d, NULL, 0, NULL, NULL); /* no line of it is at fault */
		diag_error(&d, "%s: is not there", path);
	}
	read_further(&lines, &d);
	finish_service(set, name, path, &lines, &d);
	load_sort(set);
}

static int by_service_name(const void *a, const void *b)
{
	return strcmp((*(struct service *const *)a)->name, (*(struct service *const *)b)->name);
}

void load_sort(struct set *set)
{
	if (set->count > 0)
		qsort(set->service, set->count, sizeof(set->service[0]), by_service_name);
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
	defaults_secret |= d->secret;
	for (size_t i = 0; i < defaults.count && !(directives[found].flags & LIST); i++) {
		if (defaults.list[i].directive == found) {
			diag_error(d, "is given twice, first in line %u", defaults.list[i].place.line);
			return;
		}
	}
	if (value.n == 0 && !(directives[found].flags & LIST)) {
		diag_error(d, "has no value");
		return;
	}
	add_line(&defaults,
		(struct assignment){(uint16_t)found, LAYER_DEFAULTS, {d->file, d->line}, value});
}
