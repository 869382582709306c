/* SPDX-License-Identifier: MIT
 * fstab(5) into mount(2)'s terms: see machine.h.
 */
#include "compile/machine/machine.h"
#include "base/count.h"
#include "base/own.h"
#include "base/utf8.h"
#include "compile/files/files.h"
#include "compile/read/characters.h"
#include "walls/compile.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#define FILE_NAME "/etc/fstab"
#define MAX_MOUNTS 64
#define MAX_KB 64

struct entry {
	struct span source, target, type;
	struct fstab_options options;
	bool skip;
};

struct seen { /* what a line has mounted */
	struct span target;
	unsigned line;
};

/* Without its escapes; lasts. */
static struct span unescaped(struct span s)
{
	char *copy = diag_realloc(NULL, s.n + 1);
	if (s.n)
		memcpy(copy, s.p, s.n);
	return (struct span){copy, span_unescape(copy, s.n)};
}

/* As mount(8) takes it: "/mnt//data/" is /mnt/data. */
static struct span simple_path(struct span s)
{
	char *copy = diag_realloc(NULL, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '/' || n == 0 || copy[n - 1] != '/')
			copy[n++] = s.p[i];
	if (n > 1 && copy[n - 1] == '/')
		n--;
	return (struct span){copy, n};
}

static bool is_left_out(struct span options)
{
	struct span one;
	bool out = false;
	while (span_part(&options, ',', &one))
		out |= span_is(one, "noauto");
	return out;
}

/* Nobody has checked these bytes yet, and \\nnn makes any. */
static bool is_text(struct span s)
{
	while (s.n > 0) {
		size_t n = utf8_length(s.p, s.n);
		if (n == 0 || (utf8_steers(s.p, n) && *s.p != '\t'))
			return false;
		s.p += n;
		s.n -= n;
	}
	return true;
}

/* Nothing is laid over what is PID 1's own. The line that stock tables have for a file system that
 * it mounts itself is passed over; of one in memory it may set the bounds. */
static int check_own(struct entry *e, struct diag *d)
{
	const char *what = NULL;
	enum own own = own_look(e->target, &what);
	if (own == OWN_HIDDEN)
		return diag_error(d, "nothing can be mounted on %.*s: %s is bulkhead's own",
			SPAN_ARGS(e->target), what);
	if (own == OWN_NOT)
		return 0;
	if (!span_is(e->type, what) || e->options.flags & MS_BIND)
		return diag_error(d,
			"PID 1 mounts %.*s itself, as %s, and nothing over it: leave the line out",
			SPAN_ARGS(e->target), what);
	if (!span_is(e->type, "tmpfs")) {
		diag_note(d, "PID 1 mounts %.*s itself: the line is ignored, with its options",
			SPAN_ARGS(e->target));
		e->skip = true;
		return 0;
	}
	if (e->options.flags & MS_RDONLY)
		return diag_error(d, "%.*s has to be writable: leave the line out, or \"ro\"",
			SPAN_ARGS(e->target));
	e->options.flags |= MS_REMOUNT | MS_NOSUID | MS_NODEV;
	return 0;
}

static int read_entry(struct span line, struct entry *e, struct diag *d)
{
	struct span rest = line, options;
	static const char *const tags[] = {"UUID=", "LABEL=", "PARTUUID=", "PARTLABEL="};
	*e = (struct entry){0};
	if (characters_plain(line, CHARACTERS_EVERYWHERE, d) < 0)
		return -EINVAL;
	if (!span_word(&rest, &e->source) || !span_word(&rest, &e->target) ||
		!span_word(&rest, &e->type))
		return diag_error(d,
			"the line has fewer than three fields, expected SOURCE TARGET TYPE OPTIONS");
	if (!span_word(&rest, &options))
		options = span_of("defaults");
	e->source = unescaped(e->source);
	e->target = simple_path(unescaped(e->target));
	if (!is_text(line) || !is_text(e->source) || !is_text(e->target))
		return diag_error(d, "control characters in the line, or bytes that are not UTF-8");
	if (span_is(e->type, "swap"))
		diag_note(d, "swap is not turned on: a service may do that, with swapon(8)");
	if (span_is(e->type, "swap") || span_is(e->target, "none") || span_is(e->target, "/"))
		e->skip = true;
	if (e->skip || is_left_out(options))
		e->skip = true;
	else if (fstab_read_options(options, &e->options, d) < 0)
		return -EINVAL;
	if (e->options.extra & FSTAB_NETWORK)
		diag_note(d, "is mounted before the first service: there may be no network yet");
	for (size_t i = 0; !e->skip && i < COUNT(tags); i++) {
		if (span_starts(e->source, tags[i]))
			return diag_error(d,
				"%.*s is not supported by this version, expected a device like /dev/mmcblk0p3",
				SPAN_ARGS(e->source));
	}
	if (e->skip)
		return 0;
	int err = value_path(e->target, d);
	if (err == 0 && !(e->options.flags & MS_BIND))
		err = fstab_check_type(e->type, d);
	return err < 0 ? err : check_own(e, d);
}

/* A directory that is bound to itself shows what was there. */
static bool hides(const struct entry *e, struct span directory)
{
	bool itself = e->options.flags & MS_BIND && span_same(e->source, e->target);
	return directory.n > 0 && !(e->options.flags & MS_REMOUNT) && !itself &&
		span_below(directory, e->target);
}

/* What is written to the data partition is to be found again: nothing is laid over it. A line over
 * another may be meant. */
static int check_hidden(const struct entry *e, const struct data_conf *data,
	const struct seen *earlier, size_t n, struct diag *d)
{
	if (hides(e, data->directory))
		return diag_error(d, "would hide DataPartition, which is mounted on %.*s before",
			SPAN_ARGS(data->directory));
	for (size_t i = 0; i < data->overlays; i++)
		if (hides(e, data->overlay[i].text))
			return diag_error(d, "would hide the Overlay of %.*s, which is mounted before",
				SPAN_ARGS(data->overlay[i].text));
	for (size_t i = 0; i < n; i++)
		if (hides(e, earlier[i].target))
			diag_note(d, "hides what line %u mounts on %.*s", earlier[i].line,
				SPAN_ARGS(earlier[i].target));
	return 0;
}

struct plan_list fstab_encode(const struct data_conf *data, struct plan_writer *w, struct diag *d)
{
	struct plan_mount list[MAX_MOUNTS];
	struct seen seen[MAX_MOUNTS];
	struct span text, rest, line;
	size_t n = 0;
	unsigned number = 0;
	if (files_read(FILE_NAME, false, MAX_KB, &text, d) < 0)
		return (struct plan_list){0};
	for (rest = span_text(text); span_text_line(&rest, &line);) {
		struct entry e;
		line = span_trim(line);
		diag_place(d, FILE_NAME, ++number, NULL, NULL);
		if (line.n == 0 || line.p[0] == '#' || read_entry(line, &e, d) < 0 || e.skip)
			continue;
		if (check_hidden(&e, data, seen, n, d) < 0)
			continue;
		if (n == MAX_MOUNTS) {
			diag_error(d, "more than %d file systems", MAX_MOUNTS);
			break;
		}
		seen[n] = (struct seen){e.target, number};
		list[n++] = (struct plan_mount){
			.source = plan_write_span(w, e.source),
			.target = plan_write_span(w, e.target),
			.type = plan_write_span(w, e.type),
			.options = plan_write_text(w, e.options.own),
			.flags = e.options.flags,
			.extra = e.options.extra & ~FSTAB_NETWORK,
		};
	}
	return plan_write_list(w, list, sizeof(list[0]), n);
}
