/* SPDX-License-Identifier: MIT
 * Its view: root, paths, directories of its own, devices.
 */
#include "walls/filesystem/conf.h"
#include "print/json.h"
#include "walls/report.h"
#include <stdio.h>

static void print_root(const struct filesystem_conf *f)
{
	static const char *const views[] =
		{[VIEW_HIDDEN] = "hidden", [VIEW_READ_ONLY] = "read-only", [VIEW_HOST] = "the host's"};
	struct span own = f->root_image.n ? f->root_image : f->root_directory;
	if (own.n)
		printf("  file system     the root is %s%.*s, read-only, nosuid, nodev\n",
			f->root_image.n ? "the image " : "", SPAN_ARGS(own));
	else
		printf("  file system     the root read-only, nosuid, nodev\n");
	printf("                  /tmp and /var/tmp %s; /proc %s%s; /proc/sys %s; /sys %s\n",
		f->private_tmp ? "its own" : "the host's", f->proc_subset_pid ? "processes alone" : "whole",
		f->proc_invisible ? ", only its user's" : "", views[f->tunables], views[f->sysfs]);
}

static void print_own_directories(const struct filesystem_conf *f)
{
	static const char *const ends[] = {[RUNTIME_STAYS] = ", kept when it stops",
		[RUNTIME_EMPTIED] = ", emptied when it stops",
		[RUNTIME_EMPTIED_AT_STOP] = ", emptied when it stops, kept over a restart"};
	for (int kind = 0; kind < DIRECTORY_KINDS; kind++) {
		for (size_t i = 0; i < f->directory[kind].count; i++) {
			uint32_t kb, inodes;
			printf("                  own directory %s/%.*s, mode %04o",
				filesystem_directory_top((enum directory_kind)kind),
				SPAN_ARGS(f->directory[kind].name[i]), f->directory[kind].mode);
			if (kind == DIRECTORY_RUNTIME && filesystem_runtime_bounds(f, i, &kb, &inodes))
				printf(", at most %u kB and %u files", kb, inodes);
			if (kind == DIRECTORY_RUNTIME)
				printf("%s", ends[f->runtime_ends]);
			printf("\n");
		}
	}
}

static void explain_text(const void *conf, const struct wall_context *context)
{
	const struct filesystem_conf *f = conf;
	const struct filesystem_conf_rule *sorted[FILESYSTEM_MAX_RULES];
	size_t n = filesystem_sorted(f, sorted);
	if (!context->own_mounts) {
		printf("  file system     the host's, with no wall\n");
		return;
	}
	print_root(f);
	for (size_t i = 0; i < n; i++) {
		const struct filesystem_conf_rule *r = sorted[i];
		printf("                  %s %.*s", filesystem_op_name(r->op), SPAN_ARGS(r->target));
		if (r->source.n && !span_same(r->source, r->target))
			printf(" from %.*s", SPAN_ARGS(r->source));
		if (r->options.n)
			printf(" (%.*s)", SPAN_ARGS(r->options));
		printf("%s\n", r->flags & FS_OPTIONAL ? ", if it is there" : "");
	}
	print_own_directories(f);
	printf("  devices         %s",
		f->host_dev ? "all of the host's /dev" : "null zero full random urandom tty");
	for (size_t i = 0; i < f->devices; i++)
		printf(" %.*s", SPAN_ARGS(f->device[i]));
	printf("\n");
}

static void explain_json(const void *conf, const struct wall_context *context)
{
	(void)context;
	const struct filesystem_conf *f = conf;
	const struct filesystem_conf_rule *sorted[FILESYSTEM_MAX_RULES];
	size_t n = filesystem_sorted(f, sorted);
	printf("    \"root_directory\": ");
	json_span(f->root_directory);
	printf(", \"root_image\": ");
	json_span(f->root_image);
	printf(", \"private_tmp\": %s,\n    \"mounts\": [", f->private_tmp ? "true" : "false");
	for (size_t i = 0; i < n; i++) {
		printf("%s{\"target\": ", i ? ", " : "");
		json_span(sorted[i]->target);
		printf(", \"source\": ");
		json_span(sorted[i]->source);
		printf(", \"how\": \"%s\"}", filesystem_op_name(sorted[i]->op));
	}
	printf("],\n    \"devices\": [");
	for (size_t i = 0; i < f->devices; i++) {
		printf("%s", i ? ", " : "");
		json_span(f->device[i]);
	}
	printf("]");
}

const struct wall_explain filesystem_explain = {explain_text, explain_json};
