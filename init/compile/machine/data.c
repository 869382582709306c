/* SPDX-License-Identifier: MIT
 * What is writable: see machine.h. What one line asks for may stand before the line that it needs,
 * so that is looked at when all are known (data_encode.c).
 */
#include "base/count.h"
#include "base/own.h"
#include "compile/machine/machine.h"
#include <string.h>

const char *const data_fallbacks[] = {"none", "tmpfs", NULL};

int data_set_partition(void *at, struct span value, struct diag *d)
{
	struct data_conf *c = at;
	struct span rest = value, device, directory, type, options;
	struct fstab_options o = {0};
	const char *own;
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
	err = fstab_check_type(type, d);
	if (err == 0)
		err = fstab_read_options(more ? options : (struct span){NULL, 0}, &o, d);
	if (err < 0)
		return err;
	c->device = device;
	c->directory = directory;
	c->type = type;
	c->flags = o.flags;
	c->options = o.own;
	return 0;
}

/* Where PID 1, the walls' programs and the policy lie stays as the image has it; and what the
 * kernel makes is no file system to lay something over. */
static int check_target(struct span path, struct diag *d)
{
	static const char *const never[] = {"/usr/lib/bulkhead", "/usr/sbin", "/sbin", "/usr/bin",
		"/bin", "/lib", "/dev", "/proc", "/sys", "/run"};
	for (size_t i = 0; i < COUNT(never); i++) {
		if (span_below(path, span_of(never[i])) || span_below(span_of(never[i]), path))
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

static int add_overlay(struct data_conf *c, struct span word, struct diag *d)
{
	static const struct {
		const char *prefix;
		uint32_t where;
	} places[] = {{"tmpfs:", OVERLAY_TMPFS}, {"data:", OVERLAY_DATA}};
	struct data_wish w = {.line = d->line, .where = OVERLAY_WHERE_COUNT};
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
	for (size_t i = 0; err == 0 && i < c->overlays; i++) {
		if (span_below(w.text, c->overlay[i].text) || span_below(c->overlay[i].text, w.text))
			err = diag_error(d, "%.*s and %.*s lie one in the other", SPAN_ARGS(w.text),
				SPAN_ARGS(c->overlay[i].text));
	}
	if (err == 0 && c->overlays == PLAN_MAX_OVERLAYS)
		err = diag_error(d, "more than %d directories", PLAN_MAX_OVERLAYS);
	if (err == 0)
		c->overlay[c->overlays++] = w;
	return err;
}

/* A list: each word is one more, and an empty value begins it anew. */
static int add_words(struct data_conf *c, struct span value, size_t *count,
	int (*add)(struct data_conf *, struct span, struct diag *), struct diag *d)
{
	struct span rest = value, word;
	int err = 0;
	if (value.n == 0)
		*count = 0;
	while (err == 0 && span_word(&rest, &word))
		err = add(c, word, d);
	return err;
}

int data_set_overlay(void *at, struct span value, struct diag *d)
{
	struct data_conf *c = at;
	return add_words(c, value, &c->overlays, add_overlay, d);
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		strchr("._-", c);
}

static int add_reset(struct data_conf *c, struct span word, struct diag *d)
{
	int err = word.p[0] == '/' ? value_path(word, d) : 0;
	for (size_t i = 0; word.p[0] != '/' && i < word.n; i++) {
		if (!is_plain(word.p[i]))
			return diag_error(d,
				"\"%.*s\" is neither a path nor a word of the kernel's command line like bulkhead.factory-reset",
				SPAN_ARGS(word));
	}
	if (err == 0 && c->resets == PLAN_MAX_RESET)
		return diag_error(d, "more than %d files and words", PLAN_MAX_RESET);
	if (err == 0)
		c->reset[c->resets++] = (struct data_wish){.text = word, .line = d->line};
	return err;
}

int data_set_reset(void *at, struct span value, struct diag *d)
{
	struct data_conf *c = at;
	return add_words(c, value, &c->resets, add_reset, d);
}

int data_set_seed(void *at, struct span value, struct diag *d)
{
	struct data_conf *c = at;
	struct span rest = value, file, word;
	if (!span_word(&rest, &file))
		return diag_error(d, "has no value");
	int err = value_path(file, d);
	bool more = span_word(&rest, &word);
	if (err == 0 && more && (!span_is(word, "credit") || span_trim(rest).n > 0))
		return diag_error(d, "\"%.*s\" was not expected, but FILE or FILE credit", SPAN_ARGS(word));
	if (err < 0)
		return err;
	c->seed = file;
	c->credit = more;
	return 0;
}
