/* SPDX-License-Identifier: MIT
 * [Filesystem], when all of it is known: contradictions between paths, where a program really is,
 * and the bytes of the plan.
 */
#include "walls/filesystem/conf.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The rule that decides about `path`: the one with the longest target at or above it among those
 * whose op is in the mask. */
static const struct filesystem_conf_rule *deciding(const struct filesystem_conf *conf,
	struct span path, uint32_t ops)
{
	const struct filesystem_conf_rule *best = NULL;
	for (size_t i = 0; i < conf->rules; i++) {
		const struct filesystem_conf_rule *r = &conf->rule[i];
		if (ops >> r->op & 1 && span_below(path, r->target) &&
			(!best || r->target.n >= best->target.n))
			best = r;
	}
	return best;
}

#define OP(op) (1u << (op))
#define OPS_REPLACING (OP(FS_HIDDEN) | OP(FS_BIND) | OP(FS_BIND_READ_ONLY) | OP(FS_TMPFS))
#define OPS_EXECUTING (OP(FS_EXEC) | OP(FS_NO_EXEC))

/* One path in two lists; ExecPaths and NoExecPaths go with the others, but not with each other. */
static int check_same_path(const struct filesystem_conf *conf, size_t i, struct diag *d)
{
	const struct filesystem_conf_rule *r = &conf->rule[i];
	for (size_t j = 0; j < i; j++) {
		uint32_t both = OP(conf->rule[j].op) | OP(r->op);
		if (!span_same(conf->rule[j].target, r->target) || conf->rule[j].op == r->op)
			continue;
		if (both == OPS_EXECUTING || !(both & OPS_EXECUTING))
			return diag_error(d, "%.*s is asked for as %s and as %s", SPAN_ARGS(r->target),
				filesystem_op_name(conf->rule[j].op), filesystem_op_name(r->op));
	}
	return 0;
}

int filesystem_check_root(const struct filesystem_conf *conf, struct diag *d)
{
	const struct filesystem_conf_rule *all = deciding(conf, (struct span){"/", 1},
		OP(FS_READ_WRITE));
	if (conf->root_directory.n > 0 && conf->root_image.n > 0)
		return diag_error(d, "RootDirectory is given too: leave out one of the two");
	/* What a mount on the image would hide can't be written either way. */
	if (conf->root_image.n > 0 && all)
		return diag_error(d,
			"an image is read-only, which ReadWritePaths = / contradicts: use TemporaryFileSystem or BindPaths where it writes");
	return 0;
}

int filesystem_check_paths(const struct filesystem_conf *conf, struct diag *d)
{
	for (size_t i = 0; i < conf->rules; i++) {
		const struct filesystem_conf_rule *r = &conf->rule[i];
		const struct filesystem_conf_rule *over = deciding(conf, r->target, OP(FS_HIDDEN));
		int err = check_same_path(conf, i, d);
		if (err < 0)
			return err;
		/* Something mounted anew below a hidden path would stand in nothing; making it visible
		 * is what a tmpfs above is for. */
		if (over && r->op != FS_HIDDEN && r->op != FS_NO_EXEC)
			return diag_error(d,
				"%s path %.*s lies under the hidden path %.*s: use TemporaryFileSystem instead of InaccessiblePaths there",
				filesystem_op_name(r->op), SPAN_ARGS(r->target), SPAN_ARGS(over->target));
	}
	return 0;
}

bool filesystem_has_own_root(const struct filesystem_conf *conf)
{
	return conf->root_directory.n > 0 || conf->root_image.n > 0;
}

struct span filesystem_host_path(const struct filesystem_conf_rule *rule)
{
	return rule->op == FS_BIND || rule->op == FS_BIND_READ_ONLY ? rule->source : rule->target;
}

bool filesystem_is_written(const struct filesystem_conf_rule *rule)
{
	return rule->op == FS_BIND || rule->op == FS_READ_WRITE;
}

bool filesystem_in_own_directory(const struct filesystem_conf *conf, struct span path)
{
	char top[FILESYSTEM_PATH];
	for (unsigned kind = 0; kind < DIRECTORY_KINDS; kind++) {
		for (size_t i = 0; filesystem_directory_path(conf, kind, i, top); i++)
			if (span_below(path, span_of(top)))
				return true;
	}
	return false;
}

int filesystem_locate(const struct filesystem_conf *conf, struct span path, char *host, size_t cap,
	struct span *rule)
{
	const struct filesystem_conf_rule *r = deciding(conf, path, OPS_EXECUTING);
	if (r && r->op == FS_NO_EXEC) {
		*rule = r->target;
		return -EPERM;
	}
	if (filesystem_in_own_directory(conf, path) ||
		(conf->private_tmp && span_below(path, span_of("/tmp"))))
		return 0;
	r = deciding(conf, path, OPS_REPLACING);
	if (r)
		*rule = r->target;
	if (r && r->op == FS_HIDDEN)
		return -EACCES;
	if (r && r->op == FS_TMPFS)
		return 0;
	if (r)
		snprintf(host, cap, "%.*s%.*s", SPAN_ARGS(r->source), (int)(path.n - r->target.n),
			path.p + r->target.n);
	else
		snprintf(host, cap, "%.*s", SPAN_ARGS(path));
	if (r || !filesystem_has_own_root(conf))
		return 1;
	/* Of an image nothing can be said, nor of a /run that is empty at first. */
	return conf->root_image.n > 0 || span_below(path, span_of("/run")) ? 0 : 2;
}

static int by_target(const void *a, const void *b)
{
	const struct filesystem_conf_rule *x = *(const struct filesystem_conf_rule *const *)a,
									  *y = *(const struct filesystem_conf_rule *const *)b;
	size_t n = x->target.n < y->target.n ? x->target.n : y->target.n;
	int order = memcmp(x->target.p, y->target.p, n);
	if (order == 0)
		order = (x->target.n > y->target.n) - (x->target.n < y->target.n);
	/* At one target what replaces it comes before what says how it may be used, which the order
	 * of the ops is not. */
	if (order == 0)
		order = (int)!(OPS_REPLACING >> x->op & 1) - (int)!(OPS_REPLACING >> y->op & 1);
	return order != 0 ? order : (int)x->op - (int)y->op;
}

size_t filesystem_sorted(const struct filesystem_conf *conf,
	const struct filesystem_conf_rule **sorted)
{
	for (size_t i = 0; i < conf->rules; i++)
		sorted[i] = &conf->rule[i];
	qsort(sorted, conf->rules, sizeof(*sorted), by_target);
	return conf->rules;
}

static struct plan_list encode_rules(const struct filesystem_conf *conf, struct plan_writer *w)
{
	const struct filesystem_conf_rule *sorted[FILESYSTEM_MAX_RULES];
	struct filesystem_rule list[FILESYSTEM_MAX_RULES];
	size_t n = filesystem_sorted(conf, sorted);
	for (size_t i = 0; i < n; i++) {
		list[i] = (struct filesystem_rule){
			.op = sorted[i]->op,
			.flags = sorted[i]->flags,
			.source = plan_write_span(w, sorted[i]->source),
			.target = plan_write_span(w, sorted[i]->target),
			.options = plan_write_span(w, sorted[i]->options),
		};
	}
	return plan_write_list(w, list, sizeof(list[0]), n);
}

static struct plan_list encode_directories(const struct filesystem_conf *conf,
	const struct wall_context *context, struct plan_writer *w)
{
	struct filesystem_directory list[DIRECTORY_KINDS * FILESYSTEM_MAX_DIRECTORIES];
	size_t n = 0;
	char path[FILESYSTEM_PATH];
	for (unsigned kind = 0; kind < DIRECTORY_KINDS; kind++) {
		bool own = kind != DIRECTORY_CONFIGURATION;
		for (size_t i = 0; filesystem_directory_path(conf, kind, i, path); i++) {
			uint32_t kb = 0, inodes = 0;
			if (kind == DIRECTORY_RUNTIME)
				filesystem_runtime_bounds(conf, i, &kb, &inodes);
			list[n++] = (struct filesystem_directory){
				.path = plan_write_text(w, path),
				.mode = conf->directory[kind].mode,
				.uid = own ? context->kernel_uid : 0,
				.gid = own ? context->kernel_gid : 0,
				.writable = own,
				.runtime = kind == DIRECTORY_RUNTIME ? conf->runtime_ends : RUNTIME_STAYS,
				.bound_kb = kb,
				.inodes = inodes,
			};
		}
	}
	return plan_write_list(w, list, sizeof(list[0]), n);
}

static struct plan_list encode_devices(const struct filesystem_conf *conf, struct plan_writer *w)
{
	plan_str list[FILESYSTEM_MAX_DEVICES];
	for (size_t i = 0; i < conf->devices; i++)
		list[i] = plan_write_span(w, conf->device[i]);
	return plan_write_list(w, list, sizeof(list[0]), conf->devices);
}

uint32_t filesystem_service_flags(const struct filesystem_conf *conf)
{
	if (conf->directory[DIRECTORY_RUNTIME].count == 0 || conf->runtime_ends == RUNTIME_STAYS)
		return 0;
	return SERVICE_CLEANS | (conf->runtime_ends == RUNTIME_EMPTIED_AT_STOP ? SERVICE_KEEPS : 0u);
}

struct plan_blob filesystem_encode(const struct filesystem_conf *conf,
	const struct wall_context *context, struct plan_writer *w)
{
	struct filesystem_plan f = {
		.flags = (conf->private_tmp ? FS_PRIVATE_TMP : 0u) |
			(!context->own_mounts ? FS_HOST_MOUNTS : 0u) | (conf->host_dev ? FS_HOST_DEV : 0u) |
			(context->notify_socket ? FS_NOTIFY_SOCKET : 0u) | (context->delegate ? FS_CGROUP : 0u),
		.proc = (conf->proc_subset_pid ? PROC_SUBSET_PID : 0u) |
			(conf->proc_invisible ? PROC_HIDE : 0u) | (!context->own_pids ? PROC_HOST : 0u),
		.sysfs = conf->sysfs,
		.tunables = conf->tunables,
		.root_directory = plan_write_span(w, conf->root_directory),
		.root_image = plan_write_span(w, conf->root_image),
		.rules = encode_rules(conf, w),
		.directories = encode_directories(conf, context, w),
		.devices = encode_devices(conf, w),
	};
	return plan_write_blob(w, &f, sizeof(f));
}
