/* SPDX-License-Identifier: MIT
 * Its view: root, paths, directories of its own, devices.
 */
#include "walls/filesystem/conf.h"
#include "walls/report.h"

static void root(struct explain *e, const struct filesystem_conf *f)
{
	static const char *const views[] =
		{[VIEW_HIDDEN] = "hidden", [VIEW_READ_ONLY] = "read-only", [VIEW_HOST] = "the host's"};
	struct span own = f->root_image.n ? f->root_image : f->root_directory;
	explain_line(e, "file system", "the root %s%s%.*s%sread-only, nosuid, nodev",
		own.n ? "is " : "", f->root_image.n ? "the image " : "", SPAN_ARGS(own), own.n ? ", " : "");
	explain_line(e, "", "/tmp and /var/tmp %s; /proc %s%s; /proc/sys %s; /sys %s",
		f->private_tmp ? "its own" : "the host's", f->proc_subset_pid ? "processes alone" : "whole",
		f->proc_invisible ? ", only its user's" : "", views[f->tunables], views[f->sysfs]);
}

static void rules(struct explain *e, const struct filesystem_conf *f)
{
	const struct filesystem_conf_rule *sorted[FILESYSTEM_MAX_RULES];
	size_t n = filesystem_sorted(f, sorted);
	json_row(&e->json, "mounts", '[');
	for (size_t i = 0; i < n; i++) {
		const struct filesystem_conf_rule *r = sorted[i];
		explain_text(e, EXPLAIN_LABEL "%s %.*s", "", filesystem_op_name(r->op),
			SPAN_ARGS(r->target));
		if (r->source.n && !span_same(r->source, r->target))
			explain_text(e, " from %.*s", SPAN_ARGS(r->source));
		if (r->options.n)
			explain_text(e, " (%.*s)", SPAN_ARGS(r->options));
		explain_text(e, "%s\n", r->flags & FS_OPTIONAL ? ", if it is there" : "");
		json_row(&e->json, NULL, '{');
		json_span(&e->json, "target", r->target);
		json_span(&e->json, "source", r->source);
		json_text(&e->json, "how", filesystem_op_name(r->op));
		json_close(&e->json, '}');
	}
	json_close(&e->json, ']');
}

static void own_directories(struct explain *e, const struct filesystem_conf *f)
{
	static const char *const ends[] = {[RUNTIME_STAYS] = ", kept when it stops",
		[RUNTIME_EMPTIED] = ", emptied when it stops",
		[RUNTIME_EMPTIED_AT_STOP] = ", emptied when it stops, kept over a restart"};
	char path[FILESYSTEM_PATH];
	for (unsigned kind = 0; kind < DIRECTORY_KINDS; kind++) {
		for (size_t i = 0; filesystem_directory_path(f, kind, i, path); i++) {
			uint32_t kb, inodes;
			explain_text(e, EXPLAIN_LABEL "own directory %s, mode %04o", "", path,
				f->directory[kind].mode);
			if (kind == DIRECTORY_RUNTIME && filesystem_runtime_bounds(f, i, &kb, &inodes))
				explain_text(e, ", at most %u kB and %u files", kb, inodes);
			explain_text(e, "%s\n", kind == DIRECTORY_RUNTIME ? ends[f->runtime_ends] : "");
		}
	}
}

static void devices(struct explain *e, const struct filesystem_conf *f)
{
	explain_text(e, EXPLAIN_LABEL "%s", "devices",
		f->host_dev ? "all of the host's /dev" : FILESYSTEM_NODES);
	json_row(&e->json, "devices", '[');
	for (size_t i = 0; i < f->devices; i++) {
		explain_text(e, " %.*s", SPAN_ARGS(f->device[i]));
		json_span(&e->json, NULL, f->device[i]);
	}
	json_close(&e->json, ']');
	explain_text(e, "\n");
}

void filesystem_explain(struct explain *e, const void *conf, const struct wall_context *context)
{
	const struct filesystem_conf *f = conf;
	if (e->text && !context->own_mounts) {
		explain_line(e, "file system", "the host's, with no wall");
		return;
	}
	root(e, f);
	json_span(&e->json, "root_directory", f->root_directory);
	e->json.beside = true;
	json_span(&e->json, "root_image", f->root_image);
	e->json.beside = true;
	json_bool(&e->json, "private_tmp", f->private_tmp);
	rules(e, f);
	own_directories(e, f);
	devices(e, f);
}
