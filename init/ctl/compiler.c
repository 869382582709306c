/* SPDX-License-Identifier: MIT
 * `bulkctl explain`, `security` and `check`, which run bulkhead-compile.
 */
#include "ctl/ctl.h"
#include "ctl/request.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int run_compiler(const struct ctl *c, const char *mode, const struct proto_service *running)
{
	struct command l;
	char pid[16], absent[16];
	if (c->root && access(c->root, X_OK) < 0)
		return ctl_complain(c, c->root, -errno, "");
	command_begin(&l, c, "bulkhead-compile");
	if (c->compile && l.argv)
		l.argv[0] = (char *)c->compile;
	if (c->json)
		command_add(&l, "--json");
	if (c->full)
		command_add(&l, "--full");
	command_option(&l, "--root", c->root);
	if (running) {
		snprintf(pid, sizeof(pid), "%d", (int)running->pid);
		snprintf(absent, sizeof(absent), "%u", (unsigned)running->absent);
		command_option(&l, "--running", pid);
		command_option(&l, "--absent", absent);
	}
	command_option(&l, "--limit", c->limit);
	command_add(&l, mode);
	if (strcmp(mode, "--explain") != 0)
		command_add(&l, "--"); /* a file's name may begin with - */
	for (int i = 0; i < c->count; i++)
		command_add(&l, c->names[i]);
	return command_execute(&l, c,
		c->compile ? "" : "is not there: --compiler PATH says where it is");
}

/* Names are compared by the compiler; here only what could not be one is kept from becoming an
 * option or a path. */
static bool name_possible(const char *name)
{
	size_t n = strlen(name);
	if (n > 4 && strcmp(name + n - 4, ".ini") == 0)
		return true;
	return *name && *name != '-' && !strpbrk(name, "./ ") && strlen(name) < CONFIG_MAX_NAME;
}

static void keep_service(void *context, const struct proto_reply *record)
{
	if (record->kind == PROTO_SERVICE)
		*(struct proto_service *)context = record->service;
}

/* A path was meant as a file's. */
static int not_possible(const struct ctl *c, const char *name)
{
	return strchr(name, '/')
		? ctl_complain(c, name, -EINVAL, "expected a service's name, or a file NAME.ini")
		: ctl_no_service(c, name);
}

int ctl_explain(const struct ctl *c)
{
	struct proto_service s = {.name = ""};
	struct proto_reply end;
	if (!name_possible(c->names[0]))
		return not_possible(c, c->names[0]);
	/* Of another root, or where PID 1 does not answer, only the files can be explained. */
	if (!c->root &&
		ctl_ask(c, PROTO_STATUS, 0, c->names[0], REQUEST_TIMEOUT_MS, &end, keep_service, &s) == 0 &&
		s.name[0])
		return run_compiler(c, "--explain", &s);
	return run_compiler(c, "--explain", NULL);
}

int ctl_security(const struct ctl *c)
{
	for (int i = 0; i < c->count; i++)
		if (!name_possible(c->names[i]))
			return not_possible(c, c->names[i]);
	return run_compiler(c, "--security", NULL);
}

int ctl_check(const struct ctl *c)
{
	return run_compiler(c, "--check", NULL);
}
