/* SPDX-License-Identifier: MIT
 * Module names into files: see machine.h. A build looks at the one kernel in the root, a device at
 * the running one's directory.
 */
#include "compile/machine/machine.h"
#include "base/count.h"
#include "compile/files/files.h"
#include "walls/compile.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define TOP "/lib/modules"
#define MAX_DEP_KB 4096

struct wanted {
	plan_str list[PLAN_MAX_MODULES];
	size_t count;
	struct plan_writer *w;
	struct diag *d;
	char dir[160];
	struct span dep, builtin;
};

static bool find_kernel(struct wanted *m)
{
	struct utsname u;
	struct stat st;
	struct files versions;
	if (uname(&u) == 0) {
		snprintf(m->dir, sizeof(m->dir), TOP "/%s", u.release);
		if (files_stat(m->dir, &st) == 0)
			return true;
	}
	files_list(TOP, "", &versions);
	if (versions.count != 1 || strlen(versions.name[0]) > 100) {
		diag_error(m->d,
			"there are %zu kernels in %s, expected one (or absolute paths of module files)",
			versions.count, TOP);
		return false;
	}
	snprintf(m->dir, sizeof(m->dir), TOP "/%.100s", versions.name[0]);
	return true;
}

static void read_list(const struct wanted *m, const char *name, struct span *text)
{
	char path[200];
	snprintf(path, sizeof(path), "%s/%s", m->dir, name);
	*text = (struct span){NULL, 0};
	files_read(path, false, MAX_DEP_KB, text, NULL);
}

static void add_file(struct wanted *m, struct span path)
{
	plan_str s = plan_write_span(m->w, path);
	for (size_t i = 0; i < m->count; i++)
		if (m->list[i] == s) /* equal strings are stored once */
			return;
	if (m->count < PLAN_MAX_MODULES)
		m->list[m->count++] = s;
	else
		diag_error(m->d, "more than %d modules, with those they need", PLAN_MAX_MODULES);
}

/* kernel/drivers/net/virtio_net.ko is virtio_net; - and _ are the same in a module's name. */
static bool is_module(struct span path, struct span name)
{
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;
	struct span base = slash ? (struct span){slash + 1, path.n - (size_t)(slash - path.p) - 1}
							 : path;
	if (base.n < name.n + 3 || memcmp(base.p + name.n, ".ko", 3) != 0)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char a = base.p[i] == '-' ? '_' : base.p[i], b = name.p[i] == '-' ? '_' : name.p[i];
		if (a != b)
			return false;
	}
	return true;
}

static void add_below(struct wanted *m, struct span path)
{
	char full[400];
	if (path.n > 3 && memcmp(path.p + path.n - 3, ".ko", 3) != 0) {
		diag_error(m->d, "%.*s is compressed: PID 1 loads plain .ko files", SPAN_ARGS(path));
		return;
	}
	int n = snprintf(full, sizeof(full), "%s/%.*s", m->dir, SPAN_ARGS(path));
	if (n < (int)sizeof(full))
		add_file(m, span_of(full));
}

/* "FILE: NEEDED NEEDED …", the last needed first. */
static void add_line(struct wanted *m, struct span file, struct span needed)
{
	struct span word, list[64];
	size_t n = 0;
	while (span_word(&needed, &word) && n < COUNT(list))
		list[n++] = word;
	while (n > 0)
		add_below(m, list[--n]);
	add_below(m, file);
}

static bool look_in(struct span text, struct span name, struct span *file, struct span *needed)
{
	struct span line;
	while (span_line(&text, &line)) {
		span_cut(line, ':', file, needed);
		if (is_module(*file, name))
			return true;
	}
	return false;
}

static void add_name(struct wanted *m, struct span name)
{
	struct span file, needed;
	if (!m->dir[0]) {
		if (!find_kernel(m))
			return;
		read_list(m, "modules.dep", &m->dep);
		read_list(m, "modules.builtin", &m->builtin);
	}
	if (look_in(m->dep, name, &file, &needed))
		add_line(m, file, needed);
	else if (!look_in(m->builtin, name, &file, &needed))
		diag_error(m->d, "there is no module \"%.*s\" in %s/modules.dep", SPAN_ARGS(name), m->dir);
}

struct plan_list modules_encode(struct span names, struct plan_writer *w, struct diag *d)
{
	static struct wanted m;
	struct span word;
	m = (struct wanted){.w = w, .d = d};
	while (span_word(&names, &word))
		if (word.p[0] != '/')
			add_name(&m, word);
		else if (value_path(word, d) == 0)
			add_file(&m, word);
	return plan_write_list(w, m.list, sizeof(m.list[0]), m.count);
}
