/* SPDX-License-Identifier: MIT
 * bulkctl: the command line.
 */
#include "base/channel.h"
#include "base/count.h"
#include "base/feature.h"
#include "ctl/ctl.h"
#include "ctl/verbs.h"
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "" if it is not set: the two mean the same here. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);
	return value ? value : "";
}

static bool locale_is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *value = variable(names[i]);
		if (*value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

static int run_verb(struct ctl *c, const struct verb *v, const char *given)
{
	const char *foreign = options_foreign(v, given);
	if (!v->run)
		return verb_left_out(v->name, v->value);
	if (c->json && !CONFIG_JSON)
		return verb_left_out("--json", OF(JSON));
	if (foreign)
		return verb_usage(v, "has no option", foreign);
	if (c->apply && c->output)
		return verb_usage(v, "either --apply or --output", NULL);
	if (c->count < v->least)
		return verb_usage(v, "an argument is missing", NULL);
	if (c->count > v->most)
		return verb_usage(v, "one argument too many:", c->names[v->most]);
	if (c->count > 1 && !c->behind && strcmp(v->name, "try") == 0)
		return verb_usage(v, "what the program gets stands behind --, which is missing before",
			c->names[1]);
	c->value = v->value;
	return v->run(c);
}

static int finish(int status)
{
	if (fflush(stdout) != EOF && !ferror(stdout))
		return status;
	fputs("bulkctl: the output could not be written\n", stderr);
	return status ? status : CTL_FAILED;
}

int main(int argc, char **argv)
{
	struct ctl c = {.verb = "help",
		.signal = SIGTERM,
		.lines = -1,
		.socket = PROTO_SOCKET,
		.logs = LOG_DIRECTORY};
	const struct verb *v;
	char given[OPTIONS_GIVEN] = "";
	int done;
	c.colour = isatty(STDOUT_FILENO) && !*variable("NO_COLOR") &&
		strcmp(variable("TERM"), "dumb") != 0;
	c.unicode = locale_is_utf8();
	done = options_read(&c, argc, argv, given);
	if (done)
		return finish(done - 1);
	if (optind == argc)
		return verb_usage(NULL, "no verb", NULL);
	v = verb_find(argv[optind]);
	if (!v)
		return verb_unknown(NULL, argv[optind]);
	c.verb = v->name;
	c.count = argc - optind - 1;
	c.names = argv + optind + 1;
	c.behind = strcmp(argv[optind - 1], "--") == 0; /* getopt_long has moved it there */
	return finish(run_verb(&c, v, given));
}
