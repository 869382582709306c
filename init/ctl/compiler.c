/* SPDX-License-Identifier: MIT
 * `bulkctl explain` and `bulkctl check`: bulkhead-compile knows the service files, so it does the work.
 */
#include "ctl/ctl.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGUMENTS_MAX 6 /* besides the names */

static int run(const struct ctl *c, const char *mode)
{
	char **argv = calloc((size_t)c->count + ARGUMENTS_MAX, sizeof(*argv));
	size_t n = 0;

	if (!argv)
		return ctl_complain(c, NULL, -ENOMEM, "");
	argv[n++] = (char *)c->compile;
	if (c->json)
		argv[n++] = (char *)"--json";
	if (c->root) {
		argv[n++] = (char *)"--root";
		argv[n++] = (char *)c->root;
	}
	argv[n++] = (char *)mode;
	for (int i = 0; i < c->count; i++)
		argv[n++] = c->names[i];
	execv(c->compile, argv);
	n = (size_t)errno;
	free(argv);
	return ctl_complain(c, c->compile, -(int)n, "");
}

/* Names are compared by the compiler; here only what could not be one is kept from becoming an option or a path. */
static bool name_possible(const char *name)
{
	return *name && *name != '-' && !strpbrk(name, "./ ") && strlen(name) < CONFIG_MAX_NAME;
}

int ctl_explain(const struct ctl *c)
{
	if (!name_possible(c->names[0]))
		return ctl_complain(c, c->names[0], -ENOENT, "no such service");
	return run(c, "--explain");
}

int ctl_check(const struct ctl *c)
{
	return run(c, "--check");
}
