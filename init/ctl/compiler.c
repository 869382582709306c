/* SPDX-License-Identifier: MIT
 * `bulkctl explain`, `security` and `check`, which run bulkhead-compile. Programs are looked for
 * beside bulkctl first, so that a build directory works unchanged.
 */
#include "base/fmt.h"
#include "ctl/ctl.h"
#include "ctl/request.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGUMENTS_MAX 12 /* besides the names */
#define INSTALLED "/usr/lib/bulkhead/"

void ctl_program(const char *name, char *path, size_t cap)
{
	char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash = n > 0 ? memrchr(self, '/', (size_t)n) : NULL;
	struct fmt f;
	fmt_init(&f, path, cap);
	if (slash) {
		slash[1] = '\0';
		fmt_strs(&f, self, name, NULL);
		if (!f.cut && access(path, X_OK) == 0)
			return;
	}
	fmt_init(&f, path, cap);
	fmt_strs(&f, INSTALLED, name, NULL);
}

static int run(const struct ctl *c, const char *mode, const struct proto_service *running)
{
	char pid[16], absent[16], found[600];
	char **argv;
	size_t n = 0;
	if (c->root && access(c->root, X_OK) < 0)
		return ctl_complain(c, c->root, -errno, "");
	argv = calloc((size_t)c->count + ARGUMENTS_MAX, sizeof(*argv));
	if (!argv)
		return ctl_complain(c, NULL, -ENOMEM, "");
	ctl_program("bulkhead-compile", found, sizeof(found));
	const char *compile = c->compile ? c->compile : found;
	argv[n++] = (char *)compile;
	if (c->json)
		argv[n++] = (char *)"--json";
	if (c->root) {
		argv[n++] = (char *)"--root";
		argv[n++] = (char *)c->root;
	}
	if (running) {
		snprintf(pid, sizeof(pid), "%d", (int)running->pid);
		snprintf(absent, sizeof(absent), "%u", (unsigned)running->absent);
		argv[n++] = (char *)"--running";
		argv[n++] = pid;
		argv[n++] = (char *)"--absent";
		argv[n++] = absent;
	}
	if (c->limit) {
		argv[n++] = (char *)"--limit";
		argv[n++] = (char *)c->limit;
	}
	argv[n++] = (char *)mode;
	for (int i = 0; i < c->count; i++)
		argv[n++] = c->names[i];
	execv(compile, argv);
	n = (size_t)errno;
	free(argv);
	return ctl_complain(c, compile, -(int)n,
		n == ENOENT && !c->compile ? "is not there: --compiler PATH says where it is" : "");
}

/* Names are compared by the compiler; here only what could not be one is kept from becoming an
 * option or a path. */
static bool name_possible(const char *name)
{
	return *name && *name != '-' && !strpbrk(name, "./ ") && strlen(name) < CONFIG_MAX_NAME;
}

static void keep(void *context, const struct proto_reply *record)
{
	if (record->kind == PROTO_SERVICE)
		*(struct proto_service *)context = record->service;
}

int ctl_explain(const struct ctl *c)
{
	struct proto_service s = {.name = ""};
	struct proto_reply end;
	if (!name_possible(c->names[0]))
		return ctl_no_service(c, c->names[0]);
	/* Of another root, or where PID 1 does not answer, only the files can be explained. */
	if (!c->root &&
		ctl_ask(c, PROTO_STATUS, 0, c->names[0], REQUEST_TIMEOUT_MS, &end, keep, &s) == 0 &&
		s.name[0])
		return run(c, "--explain", &s);
	return run(c, "--explain", NULL);
}

int ctl_security(const struct ctl *c)
{
	for (int i = 0; i < c->count; i++)
		if (!name_possible(c->names[i]))
			return ctl_no_service(c, c->names[i]);
	return run(c, "--security", NULL);
}

int ctl_check(const struct ctl *c)
{
	return run(c, "--check", NULL);
}
