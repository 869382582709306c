/* SPDX-License-Identifier: MIT
 * What is writable: see data.h. What one line asks for may stand before the line that it needs, so
 * that is looked at when all are known.
 */
#include "compile/machine/data.h"
#include "base/count.h"
#include "base/own.h"
#include "compile/machine/fstab.h"
#include "compile/unit/service.h"
#include <string.h>

struct wish { /* a value of a list, and where it stands */
	struct span text;
	uint32_t where; /* enum plan_overlay_where */
	struct place place;
};

static struct {
	struct span device, directory, type;
	uint32_t flags;
	const char *options;
	unsigned fallback; /* 0 none, 1 tmpfs */
	struct place fallback_place;
	struct wish overlay[PLAN_MAX_OVERLAYS], reset[PLAN_MAX_RESET];
	size_t overlays, resets;
	struct span seed;
	bool credit;
} conf;

static struct place here(const struct diag *d)
{
	return (struct place){d->file, d->line};
}

int data_set_partition(void *c, struct span value, struct diag *d)
{
	struct span rest = value, device, directory, type, options;
	const char *own;
	(void)c;
	if (!span_word(&rest, &device) || !span_word(&rest, &directory) || !span_word(&rest, &type))
		return diag_error(d,
			"\"%.*s\" has fewer than three words, expected DEVICE DIRECTORY TYPE [OPTIONS] like /dev/mmcblk0p3 /var ext4 noatime",
			SPAN_ARGS(value));
	bool more = span_word(&rest, &options);
	if (more && span_trim(rest).n > 0)
		return diag_error(d,
			"\"%.*s\" is a word too many, expected OPTIONS with commas between them",
			SPAN_ARGS(span_trim(rest)));
	/* ubi0:data and its like have no node. */
	int err = device.p[0] == '/' || !memchr(device.p, ':', device.n) ? value_path(device, d) : 0;
	if (err == 0)
		err = value_path(directory, d);
	if (err < 0)
		return err;
	if (span_is(directory, "/"))
		return diag_error(d, "the root is no data partition, expected a directory of it like /var");
	if (own_look(directory, &own) != OWN_NOT)
		return diag_error(d, "%.*s is bulkhead's own or holds it, expected a directory like /var",
			SPAN_ARGS(directory));
	conf.device = device;
	conf.directory = directory;
	conf.type = type;
	fstab_read_options(more ? options : (struct span){NULL, 0}, &conf.flags, &conf.options);
	return 0;
}

int data_set_fallback(void *c, struct span value, struct diag *d)
{
	static const char *const names[] = {"none", "tmpfs", NULL};
	(void)c;
	conf.fallback_place = here(d);
	return value_choice(value, names, &conf.fallback, d);
}

/* Where PID 1, the walls' programs and the policy lie stays as the image has it; and what the
 * kernel makes is no file system to lay something over. */
static int check_target(struct span path, struct diag *d)
{
	static const char *const never[] = {"/usr/lib/bulkhead", "/usr/sbin", "/sbin", "/usr/bin",
		"/bin", "/lib", "/dev", "/proc", "/sys", "/run"};
	for (size_t i = 0; i < COUNT(never); i++) {
		if (path_below(path, span_of(never[i])) || path_below(span_of(never[i]), path))
			return diag_error(d,
				"%.*s: %s stays as the image has it, expected another directory like /etc",
				SPAN_ARGS(path), never[i]);
	}
	for (size_t i = 0; i < path.n; i++) {
		if (strchr(",:\\+", path.p[i]))
			return diag_error(d, "%.*s: a path with \"%c\" cannot be laid over", SPAN_ARGS(path),
				path.p[i]);
	}
	return path.n < 256 ? 0
						: diag_error(d, "the path has %zu bytes, at most 255 are possible", path.n);
}

static int add_overlay(struct span word, struct diag *d)
{
	static const struct {
		const char *prefix;
		uint32_t where;
	} places[] = {{"tmpfs:", OVERLAY_TMPFS}, {"data:", OVERLAY_DATA}};
	struct wish w = {.place = here(d), .where = OVERLAY_WHERE_COUNT};
	for (size_t i = 0; i < COUNT(places); i++) {
		size_t n = strlen(places[i].prefix);
		if (!span_starts(word, places[i].prefix))
			continue;
		w.where = places[i].where;
		w.text = (struct span){word.p + n, word.n - n};
	}
	if (w.where == OVERLAY_WHERE_COUNT)
		return diag_error(d,
			"\"%.*s\" does not say what holds the changes, expected tmpfs:DIRECTORY or data:DIRECTORY",
			SPAN_ARGS(word));
	int err = value_path(w.text, d);
	if (err == 0)
		err = check_target(w.text, d);
	for (size_t i = 0; err == 0 && i < conf.overlays; i++) {
		if (path_below(w.text, conf.overlay[i].text) || path_below(conf.overlay[i].text, w.text))
			err = diag_error(d, "%.*s and %.*s lie one in the other", SPAN_ARGS(w.text),
				SPAN_ARGS(conf.overlay[i].text));
	}
	if (err == 0 && conf.overlays == PLAN_MAX_OVERLAYS)
		err = diag_error(d, "more than %d directories", PLAN_MAX_OVERLAYS);
	if (err == 0)
		conf.overlay[conf.overlays++] = w;
	return err;
}

/* A list: each word is one more, and an empty value begins it anew. */
static int add_words(struct span value, size_t *count, int (*add)(struct span, struct diag *),
	struct diag *d)
{
	struct span rest = value, word;
	int err = 0;
	if (value.n == 0)
		*count = 0;
	while (err == 0 && span_word(&rest, &word))
		err = add(word, d);
	return err;
}

int data_set_overlay(void *c, struct span value, struct diag *d)
{
	(void)c;
	return add_words(value, &conf.overlays, add_overlay, d);
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		strchr("._-", c);
}

static int add_reset(struct span word, struct diag *d)
{
	int err = word.p[0] == '/' ? value_path(word, d) : 0;
	for (size_t i = 0; word.p[0] != '/' && i < word.n; i++) {
		if (!is_plain(word.p[i]))
			return diag_error(d,
				"\"%.*s\" is neither a path nor a word of the kernel's command line like bulkhead.factory-reset",
				SPAN_ARGS(word));
	}
	if (err == 0 && conf.resets == PLAN_MAX_RESET)
		return diag_error(d, "more than %d files and words", PLAN_MAX_RESET);
	if (err == 0)
		conf.reset[conf.resets++] = (struct wish){.text = word, .place = here(d)};
	return err;
}

int data_set_reset(void *c, struct span value, struct diag *d)
{
	(void)c;
	return add_words(value, &conf.resets, add_reset, d);
}

int data_set_seed(void *c, struct span value, struct diag *d)
{
	struct span rest = value, file, word;
	(void)c;
	if (!span_word(&rest, &file))
		return diag_error(d, "has no value");
	int err = value_path(file, d);
	bool more = span_word(&rest, &word);
	if (err == 0 && more && (!span_is(word, "credit") || span_trim(rest).n > 0))
		return diag_error(d, "\"%.*s\" was not expected, but FILE or FILE credit", SPAN_ARGS(word));
	if (err < 0)
		return err;
	conf.seed = file;
	conf.credit = more;
	return 0;
}

/* ---- all of them ---- */

static void place(struct diag *d, struct place at, const char *key)
{
	diag_place(d, at.file, at.line, "Boot", key);
}

static struct plan_list encode_overlays(struct plan_writer *w, struct diag *d)
{
	struct plan_overlay list[PLAN_MAX_OVERLAYS];
	size_t n = 0;
	for (size_t i = 0; i < conf.overlays; i++) {
		const struct wish *o = &conf.overlay[i];
		place(d, o->place, "Overlay");
		if (o->where == OVERLAY_DATA && conf.directory.n == 0)
			diag_error(d, "data:%.*s needs a DataPartition, and there is none", SPAN_ARGS(o->text));
		else if (conf.directory.n > 0 &&
			(path_below(o->text, conf.directory) || path_below(conf.directory, o->text)))
			diag_error(d, "%.*s and the DataPartition's %.*s lie one in the other",
				SPAN_ARGS(o->text), SPAN_ARGS(conf.directory));
		else
			list[n++] = (struct plan_overlay){plan_write_span(w, o->text), o->where};
	}
	return plan_write_list(w, list, sizeof(list[0]), n);
}

static struct plan_list encode_resets(struct plan_writer *w, struct diag *d)
{
	plan_str list[PLAN_MAX_RESET];
	size_t n = 0;
	for (size_t i = 0; i < conf.resets; i++) {
		struct span word = conf.reset[i].text;
		place(d, conf.reset[i].place, "FactoryReset");
		if (conf.directory.n == 0)
			diag_error(d, "needs a DataPartition to wipe, and there is none");
		/* A flag goes with what it wipes: it cannot wipe twice. */
		else if (word.p[0] == '/' &&
			(!path_below(word, conf.directory) || span_same(word, conf.directory)))
			diag_error(d, "%.*s is not on the data partition, expected a file below %.*s",
				SPAN_ARGS(word), SPAN_ARGS(conf.directory));
		else
			list[n++] = plan_write_span(w, word);
	}
	return plan_write_list(w, list, sizeof(list[0]), n);
}

void data_encode(struct plan_machine *machine, struct plan_writer *w, struct diag *d)
{
	if (conf.directory.n > 0) {
		machine->data = (struct plan_mount){
			.source = plan_write_span(w, conf.device),
			.target = plan_write_span(w, conf.directory),
			.type = plan_write_span(w, conf.type),
			.options = plan_write_text(w, conf.options),
			.flags = conf.flags,
			.extra = conf.fallback ? MOUNT_OR_TMPFS : 0,
		};
	} else if (conf.fallback_place.line) {
		place(d, conf.fallback_place, "DataFallback");
		diag_error(d, "needs a DataPartition, and there is none");
	}
	machine->overlays = encode_overlays(w, d);
	machine->reset = encode_resets(w, d);
	machine->seed_file = plan_write_span(w, conf.seed);
	machine->seed_credit = conf.credit;
}
