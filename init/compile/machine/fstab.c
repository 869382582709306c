/* SPDX-License-Identifier: MIT
 * fstab(5) into mount(2)'s terms: see machine.h. Options that have a flag become one; the rest is
 * the file system's own.
 */
#include "compile/machine/machine.h"
#include "base/count.h"
#include "base/own.h"
#include "base/utf8.h"
#include "compile/files/files.h"
#include "walls/compile.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#define FILE_NAME "/etc/fstab"
#define MAX_MOUNTS 64
#define MAX_KB 64

static const struct {
	const char *name;
	uint32_t set, clear;
} flags[] = {
	{"defaults", 0, 0},
	{"auto", 0, 0},
	{"nouser", 0, 0},
	{"_netdev", 0, 0},
	{"rw", 0, MS_RDONLY},
	{"ro", MS_RDONLY, 0},
	{"suid", 0, MS_NOSUID},
	{"nosuid", MS_NOSUID, 0},
	{"dev", 0, MS_NODEV},
	{"nodev", MS_NODEV, 0},
	{"exec", 0, MS_NOEXEC},
	{"noexec", MS_NOEXEC, 0},
	{"async", 0, MS_SYNCHRONOUS},
	{"sync", MS_SYNCHRONOUS, 0},
	{"dirsync", MS_DIRSYNC, 0},
	{"atime", 0, MS_NOATIME},
	{"noatime", MS_NOATIME, 0},
	{"diratime", 0, MS_NODIRATIME},
	{"nodiratime", MS_NODIRATIME, 0},
	{"relatime", MS_RELATIME, 0},
	{"norelatime", 0, MS_RELATIME},
	{"strictatime", MS_STRICTATIME, 0},
	{"lazytime", MS_LAZYTIME, 0},
	{"bind", MS_BIND, 0},
	{"rbind", MS_BIND | MS_REC, 0},
	{"silent", MS_SILENT, 0},
};

struct entry {
	struct span source, target, type;
	char *options;
	uint32_t flags, extra;
	bool skip;
};

/* Without its escapes; lasts. */
static struct span unescaped(struct span s)
{
	char *copy = diag_realloc(NULL, s.n + 1);
	if (s.n)
		memcpy(copy, s.p, s.n);
	return (struct span){copy, span_unescape(copy, s.n)};
}

static void add_option(struct entry *e, struct span option)
{
	for (size_t i = 0; i < COUNT(flags); i++) {
		if (!span_is(option, flags[i].name))
			continue;
		e->flags = (e->flags | flags[i].set) & ~flags[i].clear;
		return;
	}
	if (span_is(option, "nofail"))
		e->extra |= MOUNT_NOFAIL;
	if (span_is(option, "noauto"))
		e->skip = true;
	/* Words for other programs (mount(8), "x-"). */
	if (span_is(option, "nofail") || span_is(option, "noauto") || span_starts(option, "x-") ||
		span_starts(option, "comment="))
		return;
	e->options = diag_text("%s%s%.*s", e->options ? e->options : "", e->options ? "," : "",
		SPAN_ARGS(option));
}

static void read_options(struct entry *e, struct span options)
{
	struct span one;
	while (span_part(&options, ',', &one))
		if (one.n > 0)
			add_option(e, one);
}

void fstab_read_options(struct span options, uint32_t *mount_flags, const char **own)
{
	struct entry e = {0};
	read_options(&e, options);
	*mount_flags = e.flags;
	*own = e.options;
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
	if (!span_is(e->type, what) || e->flags & MS_BIND)
		return diag_error(d,
			"PID 1 mounts %.*s itself, as %s, and nothing over it: leave the line out",
			SPAN_ARGS(e->target), what);
	if (!span_is(e->type, "tmpfs")) {
		diag_note(d, "PID 1 mounts %.*s itself: the line is ignored, with its options",
			SPAN_ARGS(e->target));
		e->skip = true;
		return 0;
	}
	if (e->flags & MS_RDONLY)
		return diag_error(d, "%.*s has to be writable: leave the line out, or \"ro\"",
			SPAN_ARGS(e->target));
	e->flags |= MS_REMOUNT | MS_NOSUID | MS_NODEV;
	return 0;
}

static int read_entry(struct span line, struct entry *e, struct diag *d)
{
	struct span rest = line, options;
	static const char *const tags[] = {"UUID=", "LABEL=", "PARTUUID=", "PARTLABEL="};
	*e = (struct entry){0};
	if (!span_word(&rest, &e->source) || !span_word(&rest, &e->target) ||
		!span_word(&rest, &e->type) || !span_word(&rest, &options))
		return diag_error(d,
			"the line has fewer than four fields, expected SOURCE TARGET TYPE OPTIONS");
	e->source = unescaped(e->source);
	e->target = unescaped(e->target);
	if (!is_text(line) || !is_text(e->source) || !is_text(e->target))
		return diag_error(d, "control characters in the line, or bytes that are not UTF-8");
	if (span_is(e->type, "swap"))
		diag_note(d, "swap is not turned on: a service may do that, with swapon(8)");
	if (span_is(e->type, "swap") || span_is(e->target, "none") || span_is(e->target, "/"))
		e->skip = true;
	read_options(e, options);
	for (size_t i = 0; !e->skip && i < COUNT(tags); i++) {
		if (span_starts(e->source, tags[i]))
			return diag_error(d,
				"%.*s is not supported by this version, expected a device like /dev/mmcblk0p3",
				SPAN_ARGS(e->source));
	}
	if (e->skip)
		return 0;
	int err = value_path(e->target, d);
	return err < 0 ? err : check_own(e, d);
}

struct plan_list fstab_encode(struct plan_writer *w, struct diag *d)
{
	struct plan_mount list[MAX_MOUNTS];
	struct span text, rest, line;
	size_t n = 0;
	unsigned number = 0;
	if (files_read(FILE_NAME, false, MAX_KB, &text, d) < 0)
		return (struct plan_list){0};
	for (rest = text; span_line(&rest, &line);) {
		struct entry e;
		line = span_trim(line);
		diag_place(d, FILE_NAME, ++number, NULL, NULL);
		if (line.n == 0 || line.p[0] == '#' || read_entry(line, &e, d) < 0 || e.skip)
			continue;
		if (n == MAX_MOUNTS) {
			diag_error(d, "more than %d file systems", MAX_MOUNTS);
			break;
		}
		list[n++] = (struct plan_mount){
			.source = plan_write_span(w, e.source),
			.target = plan_write_span(w, e.target),
			.type = plan_write_span(w, e.type),
			.options = plan_write_text(w, e.options),
			.flags = e.flags,
			.extra = e.extra,
		};
	}
	return plan_write_list(w, list, sizeof(list[0]), n);
}
