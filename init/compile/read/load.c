/* SPDX-License-Identifier: MIT
 * Service files in layers: see load.h. A service's lines are gathered first and handed to the
 * rooms' setters after, in the order of layers.
 */
#include "compile/read/load.h"
#include "base/errname.h"
#include "compile/files/files.h"
#include "compile/files/trust.h"
#include "compile/read/builtin.h"
#include "compile/read/layers.h"
#include "compile/unit/directives.h"
#include "compile/unit/unit.h"
#include "compile/unit/users.h"
#include "plan/plan.h"
#include "print/escape.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- from lines to values ---- */

static bool same_directive(unsigned a, unsigned b)
{
	unsigned x = directives[a].same_as, y = directives[b].same_as;
	return a == b || (x && x == b) || (y && y == a);
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
	const struct specifiers names = {s->name, s->instance, layers_hostname()};
	struct span expanded = value;
	if (t->left_out) /* apply_options */
		return;
	if (t->flags & SPECIFIERS && specifiers_expand(value, &names, &expanded, &s->diag) < 0)
		return;
	directive_set(t, s, expanded, &s->diag);
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
	for (size_t i = 0; i < s->set_count; i++)
		if (s->set[i].directive == D_Service_Type && load_counts(s, &s->set[i]) &&
			span_is(s->set[i].value, "group"))
			s->unit.type = TYPE_GROUP;
}

static void apply_all(struct service *s)
{
	apply_type(s);
	for (unsigned i = 0; directives[i].section; i++) {
		directive_place(&s->diag, &(struct place){s->file, 0}, i);
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

/* Which options of Kconfig the lines need (base/feature.h), when all values are known. A line that
 * needs one which was left out is an error, except for a wall that OptionalWalls allows to be
 * missing. */
static void apply_options(struct service *s)
{
	for (size_t i = 0; i < s->set_count; i++) {
		const struct assignment *a = &s->set[i];
		const struct directive *t = &directives[a->directive];
		uint32_t walls = plan_option_walls(t->option);
		if (!load_counts(s, a) || !counts(s, a->directive, a->layer == LAYER_DEFAULTS))
			continue;
		if (!t->left_out) {
			s->needs |= 1u << t->option;
		} else if (walls && (walls & s->unit.optional_walls) == walls) {
			s->absent |= walls;
		} else {
			diag_place(&s->diag, a->place.file, a->place.line,
				a->layer == LAYER_DEFAULTS ? "Defaults" : t->section, t->key);
			directive_left_out(t, &s->diag);
		}
	}
	s->needs &= ~(1u << FEATURE_NONE);
}

static void init_rooms(struct service *s)
{
	unit_init(&s->unit);
#define WALL_INIT(NAME, name) name##_conf_init(&s->name);
	PLAN_WALLS(WALL_INIT)
	sockets_init(&s->sockets);
	timer_init(&s->timer);
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
	s = diag_calloc(1, sizeof(*s));
	snprintf(s->name, sizeof(s->name), "%s", name);
	s->file = file;
	const char *at = strchr(name, '@');
	if (at)
		snprintf(s->instance, sizeof(s->instance), "%s", at + 1);
	init_rooms(s);
	set->service[set->count++] = s;
	return s;
}

static void apply_lines(struct service *s, const struct lines *lines, const struct diag *so_far)
{
	struct lines all = {0};
	s->diag = *so_far;
	bool secret;
	const struct lines *defaults = layers_defaults(&secret);
	s->diag.secret |= secret;
	for (size_t i = 0; i < defaults->count; i++)
		lines_add(&all, defaults->list[i]);
	for (size_t i = 0; i < lines->count; i++)
		lines_add(&all, lines->list[i]);
	s->set = all.list;
	s->set_count = all.count;
	apply_all(s);
	apply_options(s);
}

/* What is wrong with its values is told all the same, by an instance that nobody gets. */
static void check_template(const char *name, const char *file, const struct lines *lines,
	const struct diag *so_far)
{
	struct service *s = diag_calloc(1, sizeof(*s));
	snprintf(s->name, sizeof(s->name), "%s", name);
	snprintf(s->instance, sizeof(s->instance), "instance");
	s->file = file;
	init_rooms(s);
	apply_lines(s, lines, so_far);
}

static void finish_template(struct set *set, const char *name, const char *file,
	const struct lines *lines, struct diag *d)
{
	const struct assignment *a = lines_last(lines, D_Service_Instances);
	struct span rest, word;
	if (!a) {
		diag_place(d, file, 0, NULL, NULL);
		diag_note(d, "is a template without Instances, so nothing is made of it");
		check_template(name, file, lines, d);
		return;
	}
	rest = a->value;
	while (span_word(&rest, &word)) {
		char full[CONFIG_MAX_NAME];
		int n = snprintf(full, sizeof(full), "%s%.*s", name, SPAN_ARGS(word));
		directive_place(d, &a->place, D_Service_Instances);
		if (n >= CONFIG_MAX_NAME || !unit_name_valid(span_of(full)) ||
			memchr(word.p, '@', word.n)) {
			diag_error(d,
				"\"%.*s\" is not an instance's name, expected letters, digits, _ and - (with the template's name at most %d)",
				SPAN_ARGS(word), CONFIG_MAX_NAME - 1);
			continue;
		}
		if (files_has_service(full)) /* read from there, or masked */
			continue;
		if (set_find(set, span_of(full))) {
			diag_error(d, "there is a service %s already", full);
			continue;
		}
		struct lines own = *lines;
		struct diag so_far = *d;
		struct service *s;
		own.list = diag_realloc(NULL, (own.count + 1) * sizeof(*own.list));
		memcpy(own.list, lines->list, lines->count * sizeof(*own.list));
		layers_drop_ins(full, &own, &so_far);
		s = new_service(set, full, file);
		if (s)
			apply_lines(s, &own, &so_far);
	}
}

/* `name` as in NAME.ini. */
static void finish_service(struct set *set, const char *name, const char *file, struct lines *lines,
	struct diag *d)
{
	size_t n = strlen(name);
	struct service *s;
	layers_profile(lines, d);
	if (n > 0 && name[n - 1] == '@') {
		finish_template(set, name, file, lines, d);
		return;
	}
	const struct assignment *a = lines_last(lines, D_Service_Instances);
	if (a) {
		directive_place(d, &a->place, D_Service_Instances);
		diag_error(d, "only a template has instances, a file NAME@.ini");
	}
	s = new_service(set, name, file);
	if (s)
		apply_lines(s, lines, d);
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
	char *path = diag_text("%s/services.d/%s", top, base);
	if (!name_of_file(path, base, name, &d) || set_find(set, span_of(name)) || files_masked(path))
		return;
	diag_place(&d, path, 0, NULL, NULL);
	if (layers_file(path, false, LAYER_FILE, &lines, &d) == -ENOENT)
		diag_error(&d,
			"is not there any more: it vanished while it was read, or is a link that leads nowhere");
	layers_drop_ins(name, &lines, &d);
	if (named)
		layers_further(&lines, &d);
	finish_service(set, name, path, &lines, &d);
}

int load_named(struct set *set, const char *name)
{
	struct stat st;
	for (size_t t = 0; t < FILES_TOPS; t++) {
		char *base = diag_text("%s%s", name, FILES_SUFFIX);
		if (files_stat(diag_text("%s/services.d/%s", files_tops[t], base), &st) == 0) {
			load_one(set, files_tops[t], base, true);
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
		layers_text(builtin_logger(ring_kb), BUILTIN_LOGGER_FILE, LAYER_FILE, &lines, &d);
		layers_drop_ins(BUILTIN_LOGGER, &lines, &d);
		finish_service(set, BUILTIN_LOGGER, BUILTIN_LOGGER_FILE, &lines, &d);
	}
	s = set_find(set, span_of(BUILTIN_LOGGER));
	if (s)
		s->logger = true;
}

static int by_service_name(const void *a, const void *b)
{
	return strcmp((*(struct service *const *)a)->name, (*(struct service *const *)b)->name);
}

static void sort_services(struct set *set)
{
	if (set->count > 0)
		qsort(set->service, set->count, sizeof(set->service[0]), by_service_name);
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
	sort_services(set);
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
	if (layers_file(path, true, LAYER_FILE, &lines, &d) == -ENOENT) {
		diag_place(&d, NULL, 0, NULL, NULL); /* no line of it is at fault */
		diag_error(&d, "%s: is not there", path);
	}
	layers_further(&lines, &d);
	finish_service(set, name, path, &lines, &d);
	sort_services(set);
}

bool load_is_file(const char *word)
{
	return span_ends(span_of(word), FILES_SUFFIX);
}

bool load_word(struct set *set, const char **word)
{
	char safe[256];
	size_t before = set->count;
	const char *slash = strrchr(*word, '/'), *name = slash ? slash + 1 : *word;
	if (!load_is_file(*word))
		return true;
	if (access(*word, R_OK) < 0) {
		int err = errno;
		fprintf(stderr, "bulkhead-compile: %s: %s\n", text_safe(safe, sizeof(safe), *word),
			err_text(err));
		return false;
	}
	users_trust_names();
	diag_silence(false);
	load_file(set, *word);
	diag_silence(true);
	*word = diag_text("%.*s", (int)(strlen(name) - strlen(FILES_SUFFIX)), name);
	return set->count > before;
}
