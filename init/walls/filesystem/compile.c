/* SPDX-License-Identifier: MIT
 * [Filesystem]: paths into rules, sorted by target, and the service's own directories.
 */
#include "walls/filesystem/conf.h"
#include "base/count.h"
#include "base/num.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNTIME_LEAST (16u << 10)
#define RUNTIME_MOST (1u << 30)
#define RUNTIME_LEAST_INODES 8
#define RUNTIME_MOST_INODES 1000000

static const struct {
	const char *top;
	const char *variable;
} kinds[DIRECTORY_KINDS] = {
	[DIRECTORY_RUNTIME] = {"/run", "RUNTIME_DIRECTORY"},
	[DIRECTORY_STATE] = {"/var/lib", "STATE_DIRECTORY"},
	[DIRECTORY_CACHE] = {"/var/cache", "CACHE_DIRECTORY"},
	[DIRECTORY_LOGS] = {"/var/log", "LOGS_DIRECTORY"},
	[DIRECTORY_CONFIGURATION] = {"/etc", "CONFIGURATION_DIRECTORY"},
};

static const char *const op_names[FS_OP_COUNT] = {
	[FS_READ_ONLY] = "read-only",
	[FS_READ_WRITE] = "read-write",
	[FS_HIDDEN] = "hidden",
	[FS_BIND] = "bind",
	[FS_BIND_READ_ONLY] = "bind read-only",
	[FS_TMPFS] = "tmpfs",
	[FS_EXEC] = "exec",
	[FS_NO_EXEC] = "no exec",
};

void filesystem_conf_init(struct filesystem_conf *conf)
{
	*conf = (struct filesystem_conf){.private_tmp = true,
		.proc_subset_pid = true,
		.proc_invisible = true,
		.runtime_size = NUM_INFINITY,
		.runtime_ends = RUNTIME_EMPTIED};
	for (int kind = 0; kind < DIRECTORY_KINDS; kind++)
		conf->directory[kind].mode = 0755;
}

const char *filesystem_directory_top(enum directory_kind kind)
{
	return kinds[kind].top;
}

bool filesystem_directory_path(const struct filesystem_conf *conf, unsigned kind, size_t i,
	char path[static FILESYSTEM_PATH])
{
	if (i >= conf->directory[kind].count)
		return false;
	snprintf(path, FILESYSTEM_PATH, "%s/%.*s", kinds[kind].top,
		SPAN_ARGS(conf->directory[kind].name[i]));
	return true;
}

const char *filesystem_directory_variable(enum directory_kind kind)
{
	return kinds[kind].variable;
}

const char *filesystem_op_name(unsigned op)
{
	return op < FS_OP_COUNT ? op_names[op] : "?";
}

static int set_root(struct span value, struct span *root, struct diag *d)
{
	int err = value_path(value, d);
	if (err == 0 && value.n == 1)
		return diag_error(d, "\"/\" is the root anyhow, expected another one");
	if (err == 0)
		*root = value;
	return err;
}

int filesystem_set_root_directory(void *conf, struct span value, struct diag *d)
{
	return set_root(value, &((struct filesystem_conf *)conf)->root_directory, d);
}

int filesystem_set_root_image(void *conf, struct span value, struct diag *d)
{
	return set_root(value, &((struct filesystem_conf *)conf)->root_image, d);
}

static void drop_rules(struct filesystem_conf *f, unsigned op)
{
	size_t kept = 0;
	for (size_t i = 0; i < f->rules; i++)
		if (f->rule[i].op != op)
			f->rule[kept++] = f->rule[i];
	f->rules = kept;
}

static int add_rule(struct filesystem_conf *f, struct filesystem_conf_rule rule, struct diag *d)
{
	for (size_t i = 0; i < f->rules; i++) {
		if (f->rule[i].op != rule.op || !span_same(f->rule[i].target, rule.target))
			continue;
		f->rule[i] = rule; /* said again, perhaps with another source */
		return 0;
	}
	if (f->rules == FILESYSTEM_MAX_RULES)
		return diag_error(d, "more than %d paths in all", FILESYSTEM_MAX_RULES);
	f->rule[f->rules++] = rule;
	return 0;
}

/* [-]SOURCE[:TARGET]; with `options` what follows the colon is those of a tmpfs. */
static int read_rule(struct span word, unsigned op, struct filesystem_conf_rule *rule,
	struct diag *d)
{
	struct span after;
	*rule = (struct filesystem_conf_rule){.op = (uint16_t)op};
	if (word.p[0] == '-') {
		rule->flags = FS_OPTIONAL;
		word = (struct span){word.p + 1, word.n - 1};
	}
	bool colon = span_cut(word, ':', &word, &after);
	int err = value_path(word, d);
	if (err < 0)
		return err;
	rule->target = word;
	if (op == FS_TMPFS) {
		rule->options = after;
		return filesystem_check_options(after, d);
	}
	if (after.n > 0 && memchr(after.p, ':', after.n))
		return diag_error(d, "\"%.*s:%.*s\" has two colons, expected [-]SOURCE[:TARGET]",
			SPAN_ARGS(word), SPAN_ARGS(after));
	if (op == FS_BIND || op == FS_BIND_READ_ONLY) {
		rule->source = word;
		rule->target = colon ? after : word;
		return colon ? value_path(after, d) : 0;
	}
	return colon ? diag_error(d, "\"%.*s:\" has a colon, expected a path alone", SPAN_ARGS(word))
				 : 0;
}

int filesystem_set_paths(void *conf, unsigned op, struct span value, struct diag *d)
{
	struct filesystem_conf *f = conf;
	struct span rest = value, word;
	if (value.n == 0)
		drop_rules(f, op);
	while (span_word(&rest, &word)) {
		struct filesystem_conf_rule rule;
		int err = read_rule(word, op, &rule, d);
		if (err == 0)
			err = add_rule(f, rule, d);
		if (err < 0)
			return err;
	}
	return 0;
}

int filesystem_set_devices(void *conf, struct span value, struct diag *d)
{
	struct filesystem_conf *f = conf;
	struct span rest = value, word;
	if (value.n == 0) {
		f->devices = 0;
		f->host_dev = false;
	}
	while (span_word(&rest, &word)) {
		if (span_is(word, "*")) {
			f->host_dev = true;
			continue;
		}
		if (span_starts(word, "/dev/"))
			word = (struct span){word.p + 5, word.n - 5};
		struct span path = {word.p, word.n};
		/* Names below /dev, subdirectories too ("snd/timer"), but no way out of it. */
		if (path.n == 0 || path.p[0] == '/' || path.p[0] == '.' || path.n > 200 ||
			memmem(path.p, path.n, "/.", 2) || memmem(path.p, path.n, "//", 2) ||
			path.p[path.n - 1] == '/')
			return diag_error(d, "\"%.*s\" is not the name of a device below /dev",
				SPAN_ARGS(word));
		if (f->devices == FILESYSTEM_MAX_DEVICES)
			return diag_error(d, "more than %d devices", FILESYSTEM_MAX_DEVICES);
		f->device[f->devices++] = word;
	}
	return 0;
}

static int set_switch(struct span value, const char *const *names, bool *out, struct diag *d)
{
	unsigned i = 0;
	int err = value_choice(value, names, &i, d);
	if (err == 0)
		*out = i == 0;
	return err;
}

int filesystem_set_proc_subset(void *conf, struct span value, struct diag *d)
{
	static const char *const names[] = {"pid", "all", NULL};
	struct filesystem_conf *f = conf;
	return set_switch(value, names, &f->proc_subset_pid, d);
}

int filesystem_set_protect_proc(void *conf, struct span value, struct diag *d)
{
	static const char *const names[] = {"invisible", "default", NULL};
	struct filesystem_conf *f = conf;
	return set_switch(value, names, &f->proc_invisible, d);
}

const char *const filesystem_views[] =
	{[VIEW_HIDDEN] = "hidden", [VIEW_READ_ONLY] = "read-only", [VIEW_HOST] = "host", NULL};

int filesystem_set_directory(void *conf, unsigned kind, struct span value, struct diag *d)
{
	struct filesystem_conf *f = conf;
	struct span rest = value, word;
	if (value.n == 0)
		f->directory[kind].count = 0;
	while (span_word(&rest, &word)) {
		/* Relative to the kind's own place: "name" or "vendor/name". */
		if (word.p[0] == '/' || word.p[0] == '.' || word.p[word.n - 1] == '/' ||
			memmem(word.p, word.n, "/.", 2) || memmem(word.p, word.n, "//", 2) ||
			memchr(word.p, ':', word.n) || word.n > 200)
			return diag_error(d, "\"%.*s\" is not a name below %s", SPAN_ARGS(word),
				kinds[kind].top);
		if (f->directory[kind].count == FILESYSTEM_MAX_DIRECTORIES)
			return diag_error(d, "more than %d directories", FILESYSTEM_MAX_DIRECTORIES);
		f->directory[kind].name[f->directory[kind].count++] = word;
	}
	return 0;
}

int filesystem_set_runtime_size(void *conf, struct span value, struct diag *d)
{
	struct filesystem_conf *f = conf;
	uint64_t n = 0;
	int err = value_size(value, &n, d);
	if (err == 0 && n != NUM_INFINITY && (n < RUNTIME_LEAST || n > RUNTIME_MOST))
		return diag_error(d, "\"%.*s\" is out of range, expected %uK to %uM, or infinity",
			SPAN_ARGS(value), RUNTIME_LEAST >> 10, RUNTIME_MOST >> 20);
	if (err == 0)
		f->runtime_size = n;
	return err;
}

int filesystem_set_runtime_inodes(void *conf, struct span value, struct diag *d)
{
	struct filesystem_conf *f = conf;
	return value_number(value, RUNTIME_LEAST_INODES, RUNTIME_MOST_INODES, &f->runtime_inodes, d);
}

bool filesystem_runtime_bounds(const struct filesystem_conf *conf, size_t i, uint32_t *kb,
	uint32_t *inodes)
{
	const struct span *name = conf->directory[DIRECTORY_RUNTIME].name;
	if (conf->runtime_size == NUM_INFINITY)
		return false;
	/* What lies in another one of the service's lies in its bounds. */
	for (size_t k = 0; k < conf->directory[DIRECTORY_RUNTIME].count; k++)
		if (k != i && span_below(name[i], name[k]) && (name[k].n < name[i].n || k < i))
			return false;
	*kb = (uint32_t)((conf->runtime_size + 1023) >> 10);
	*inodes = (uint32_t)conf->runtime_inodes;
	return true;
}

int filesystem_set_runtime_preserve(void *conf, struct span value, struct diag *d)
{
	struct filesystem_conf *f = conf;
	bool stays = false;
	if (!span_is(value, "restart") && num_bool(value, &stays) < 0)
		return diag_error(d, "\"%.*s\" is neither yes, no nor restart", SPAN_ARGS(value));
	f->runtime_ends = span_is(value, "restart") ? RUNTIME_EMPTIED_AT_STOP
		: stays                                 ? RUNTIME_STAYS
												: RUNTIME_EMPTIED;
	return 0;
}
