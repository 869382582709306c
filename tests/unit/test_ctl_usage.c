// needs: ctl renew print core plan base tests/unit/ctl_run.c tests/unit/ctl_pid1.c CONFIG_JSON CONFIG_ERROR_TEXT CONFIG_EXPLAIN CONFIG_SECURITY CONFIG_COMPILER CONFIG_TRY CONFIG_LEARN CONFIG_KERNEL_CHECK CONFIG_RELOAD
/* SPDX-License-Identifier: MIT
 * Every verb of bulkctl with what is missing, too much or wrong, names that nobody has, without a
 * PID 1, and without the right: one line on standard error, nothing on standard output, and the
 * exit status that bulkctl(8) says.
 */
#include "base/count.h"
#include "ctl/ctl.h"
#include "unit/ctl_pid1.h"
#include "unit/ctl_run.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define WORDS_MAX 6
#define LONG_NAME "a-name-that-is-far-too-long-to-be-the-name-of-a-service"
#define SEE_HELP "; see bulkctl help\n"
#define LEARN \
	"bulkctl learn [--seconds N] [--output FILE | --apply] [--optional WALLS] SERVICE|FILE.ini [-- ARGUMENT...]\n"
#define ONLY_ROOT ": permission denied: only root may change services\n"

enum where {
	PLAIN,    /* PID 1 answers */
	DENIED,   /* it says that only root may */
	SILENT,   /* it hangs up */
	NOBODY,   /* there is no socket */
	DEAD,     /* a socket on which nobody listens */
	STRANGER, /* another user, who may not even look at the directory of socket and logs */
	WHERE_COUNT
};

struct row {
	const char *words[WORDS_MAX];
	int status;
	enum where where;
	const char *line; /* after "bulkctl: "; ending in "..." it is only how it begins */
};

static const struct row rows[] = {
	/* no verb, or none that there is */
	{{NULL}, CTL_USAGE, PLAIN, "no verb" SEE_HELP},
	{{"--json"}, CTL_USAGE, PLAIN, "no verb" SEE_HELP},
	{{"frobnicate"}, CTL_USAGE, PLAIN, "no such verb: frobnicate" SEE_HELP},
	{{"quux"}, CTL_USAGE, PLAIN, "no such verb: quux" SEE_HELP}, /* nothing is near enough */
	{{"cat"}, CTL_USAGE, PLAIN, "no such verb: cat" SEE_HELP},
	{{"statsu"}, CTL_USAGE, PLAIN, "no such verb: statsu (did you mean \"status\"?)" SEE_HELP},
	{{""}, CTL_USAGE, PLAIN, "no such verb: " SEE_HELP},
	{{"help", "strat"}, CTL_USAGE, PLAIN,
		"help: no such verb: strat (did you mean \"start\"?)" SEE_HELP},
	{{"help", "start", "stop"}, CTL_USAGE, PLAIN,
		"help: one argument too many: stop; usage: bulkctl help [VERB]\n"},
	/* options */
	{{"--nonsense"}, CTL_USAGE, PLAIN, "unknown option --nonsense" SEE_HELP},
	{{"status", "--nonsense"}, CTL_USAGE, PLAIN,
		"status: unknown option --nonsense; usage: bulkctl status [SERVICE...]\n"},
	{{"logs", "-fx"}, CTL_USAGE, PLAIN,
		"logs: unknown option -x; usage: bulkctl logs [-f] [-n LINES] [SERVICE...]\n"},
	{{"-x", "info"}, CTL_USAGE, PLAIN, "info: unknown option -x; usage: bulkctl info\n"},
	{{"status", "--l"}, CTL_USAGE, PLAIN,
		"status: unknown option --l; usage: bulkctl status [SERVICE...]\n"},
	{{"status", "--json=1"}, CTL_USAGE, PLAIN,
		"status: takes no value: --json=1; usage: bulkctl status [SERVICE...]\n"},
	{{"stop", "-f", "web"}, CTL_USAGE, PLAIN,
		"stop: has no option -f (--follow); usage: bulkctl stop SERVICE...\n"},
	{{"info", "--limit", "3"}, CTL_USAGE, PLAIN,
		"info: has no option --limit; usage: bulkctl info\n"},
	{{"poweroff", "--fragment"}, CTL_USAGE, PLAIN,
		"poweroff: has no option --fragment; usage: bulkctl poweroff\n"},
	{{"logs", "-n"}, CTL_USAGE, PLAIN,
		"logs: --lines takes a number of lines; usage: bulkctl logs [-f] [-n LINES] [SERVICE...]\n"},
	{{"logs", "-fn"}, CTL_USAGE, PLAIN, "logs: --lines takes a number of lines; usage..."},
	{{"logs", "--lines"}, CTL_USAGE, PLAIN, "logs: --lines takes a number of lines; usage..."},
	{{"logs", "-n", "many"}, CTL_USAGE, PLAIN,
		"logs: --lines takes a number of lines, not many; usage: bulkctl logs [-f] [-n LINES] [SERVICE...]\n"},
	{{"logs", "-n", "-1"}, CTL_USAGE, PLAIN,
		"logs: --lines takes a number of lines, not -1; usage..."},
	{{"logs", "-n", ""}, CTL_USAGE, PLAIN,
		"logs: --lines takes a number of lines, not nothing; usage..."},
	{{"logs", "-n", "99999999999999999999"}, CTL_USAGE, PLAIN,
		"logs: --lines takes a number of lines, not 9999..."},
	{{"kill", "-s", "FOO", "web"}, CTL_USAGE, PLAIN,
		"kill: --signal takes a signal (TERM, SIGHUP, or a number from 1 to 64), not FOO; usage: bulkctl kill [-s SIGNAL] SERVICE...\n"},
	{{"kill", "-s", "0", "web"}, CTL_USAGE, PLAIN,
		"kill: --signal takes a signal (TERM, SIGHUP, or a number from 1 to 64), not 0; usage..."},
	{{"kill", "-s", "65", "web"}, CTL_USAGE, PLAIN,
		"kill: --signal takes a signal (TERM, SIGHUP, or a number from 1 to 64), not 65; usage..."},
	{{"kill", "web", "-s"}, CTL_USAGE, PLAIN,
		"kill: --signal takes a signal (TERM, SIGHUP, or a number from 1 to 64); usage..."},
	{{"security", "--limit", "11"}, CTL_USAGE, PLAIN,
		"security: --limit takes a score from 0 to 10, not 11; usage..."},
	{{"security", "--limit", "10.1"}, CTL_USAGE, PLAIN,
		"security: --limit takes a score from 0 to 10, not 10.1; usage..."},
	{{"security", "--limit", "3.14"}, CTL_USAGE, PLAIN,
		"security: --limit takes a score from 0 to 10, not 3.14; usage..."},
	{{"security", "--limit", "."}, CTL_USAGE, PLAIN,
		"security: --limit takes a score from 0 to 10, not .; usage..."},
	{{"try", "--optional", "user,moat", "x.ini"}, CTL_USAGE, PLAIN,
		"try: --optional takes walls with commas between (user,landlock,cgroup: see OptionalWalls), not user,moat; usage..."},
	{{"learn", "--seconds", "0", "x"}, CTL_USAGE, PLAIN,
		"learn: --seconds takes a number of seconds from 1 to 86400, not 0; usage: " LEARN},
	{{"learn", "--seconds", "soon", "x"}, CTL_USAGE, PLAIN,
		"learn: --seconds takes a number of seconds from 1 to 86400, not soon; usage: " LEARN},
	{{"learn", "--apply", "--output", "y", "x"}, CTL_USAGE, PLAIN,
		"learn: either --apply or --output; usage: " LEARN},
	/* what is missing, or too much */
	{{"start"}, CTL_USAGE, PLAIN,
		"start: an argument is missing; usage: bulkctl start SERVICE...\n"},
	{{"stop"}, CTL_USAGE, PLAIN, "stop: an argument is missing; usage: bulkctl stop SERVICE...\n"},
	{{"restart"}, CTL_USAGE, PLAIN,
		"restart: an argument is missing; usage: bulkctl restart SERVICE...\n"},
	{{"reset"}, CTL_USAGE, PLAIN,
		"reset: an argument is missing; usage: bulkctl reset SERVICE...\n"},
	{{"kill", "-s", "HUP"}, CTL_USAGE, PLAIN,
		"kill: an argument is missing; usage: bulkctl kill [-s SIGNAL] SERVICE...\n"},
	{{"explain"}, CTL_USAGE, PLAIN,
		"explain: an argument is missing; usage: bulkctl explain [--full] [--root DIR] SERVICE|FILE.ini\n"},
	{{"explain", "web", "net"}, CTL_USAGE, PLAIN,
		"explain: one argument too many: net; usage: bulkctl explain [--full] [--root DIR] SERVICE|FILE.ini\n"},
	{{"try", "x.ini", "-v", "y"}, CTL_USAGE, PLAIN, "try: unknown option -v; usage..."},
	{{"try", "x.ini", "y"}, CTL_USAGE, PLAIN,
		"try: what the program gets stands behind --, which is missing before y; usage..."},
	{{"try", "x.ini", "--", "y"}, CTL_DENIED, STRANGER,
		"try x.ini: permission denied: only root can raise walls\n"},
	{{"try"}, CTL_USAGE, PLAIN,
		"try: an argument is missing; usage: bulkctl try [--optional WALLS] FILE [-- ARGUMENT...]\n"},
	{{"learn"}, CTL_USAGE, PLAIN, "learn: an argument is missing; usage: " LEARN},
	{{"kernel-check", "a", "b"}, CTL_USAGE, PLAIN,
		"kernel-check: one argument too many: b; usage: bulkctl kernel-check [--fragment] [FILE]\n"},
	{{"info", "web"}, CTL_USAGE, PLAIN, "info: one argument too many: web; usage: bulkctl info\n"},
	{{"poweroff", "now"}, CTL_USAGE, PLAIN,
		"poweroff: one argument too many: now; usage: bulkctl poweroff\n"},
	{{"reboot", "now"}, CTL_USAGE, PLAIN,
		"reboot: one argument too many: now; usage: bulkctl reboot\n"},
	{{"halt", "now"}, CTL_USAGE, PLAIN, "halt: one argument too many: now; usage: bulkctl halt\n"},
	{{"rescue", "now"}, CTL_USAGE, PLAIN,
		"rescue: one argument too many: now; usage: bulkctl rescue\n"},
	/* names that nobody has */
	{{"status", "nosuch"}, CTL_FAILED, PLAIN, "status nosuch: no such service\n"},
	{{"status", "wbe"}, CTL_FAILED, PLAIN, "status wbe: no such service (did you mean \"web\"?)\n"},
	{{"status", "web.service"}, CTL_FAILED, PLAIN,
		"status web.service: no such service (did you mean \"web\"?)\n"},
	{{"start", "web.service"}, CTL_FAILED, PLAIN,
		"start web.service: no such service (did you mean \"web\"?)\n"},
	{{"logs", "one-ring.service"}, CTL_FAILED, PLAIN,
		"logs one-ring.service: it has no log: it has written nothing yet, or there is no such service (did you mean \"one-ring\"?)\n"},
	{{"explain", "web.service"}, CTL_FAILED, PLAIN,
		"explain web.service: no such service (did you mean \"web\"?)\n"},
	{{"status", ""}, CTL_FAILED, PLAIN, "status : no such service\n"},
	{{"start", "falky"}, CTL_FAILED, PLAIN,
		"start falky: no such service (did you mean \"flaky\"?)\n"},
	{{"start", ""}, CTL_FAILED, PLAIN, "start : no such service\n"},
	{{"stop", "wbe"}, CTL_FAILED, PLAIN, "stop wbe: no such service (did you mean \"web\"?)\n"},
	{{"restart", "wbe"}, CTL_FAILED, PLAIN,
		"restart wbe: no such service (did you mean \"web\"?)\n"},
	{{"reset", "wbe"}, CTL_FAILED, PLAIN, "reset wbe: no such service (did you mean \"web\"?)\n"},
	{{"kill", "wbe"}, CTL_FAILED, PLAIN, "kill wbe: no such service (did you mean \"web\"?)\n"},
	{{"kill", "-s", "sighup", "wbe"}, CTL_FAILED, PLAIN,
		"kill wbe: no such service (did you mean \"web\"?)\n"},
	{{"start", LONG_NAME}, CTL_FAILED, PLAIN, "start " LONG_NAME ": no such service\n"},
	{{"status", LONG_NAME}, CTL_FAILED, PLAIN, "status " LONG_NAME ": no such service\n"},
	{{"logs", "nosuch"}, CTL_FAILED, PLAIN,
		"logs nosuch: it has no log: it has written nothing yet, or there is no such service\n"},
	{{"logs", "onering"}, CTL_FAILED, PLAIN,
		"logs onering: it has no log: it has written nothing yet, or there is no such service (did you mean \"one-ring\"?)\n"},
	{{"logs", "../one-ring"}, CTL_FAILED, PLAIN,
		"logs ../one-ring: it has no log: it has written nothing yet, or there is no such service (did you mean \"one-ring\"?)\n"},
	{{"logs", ""}, CTL_FAILED, PLAIN,
		"logs : it has no log: it has written nothing yet, or there is no such service\n"},
	{{"logs", LONG_NAME}, CTL_FAILED, PLAIN,
		"logs " LONG_NAME
		": it has no log: it has written nothing yet, or there is no such service\n"},
	{{"explain", "../web"}, CTL_FAILED, PLAIN,
		"explain ../web: expected a service's name, or a file NAME.ini\n"},
	{{"explain", ""}, CTL_FAILED, PLAIN, "explain : no such service\n"},
	{{"security", "web", "../../etc"}, CTL_FAILED, PLAIN,
		"security ../../etc: expected a service's name, or a file NAME.ini\n"},
	{{"explain", "--root", "/nonexistent", "web"}, CTL_FAILED, PLAIN,
		"explain /nonexistent: no such file or directory\n"},
	{{"security", "--root", "/nonexistent"}, CTL_FAILED, PLAIN,
		"security /nonexistent: no such file or directory\n"},
	{{"check", "--root", "/nonexistent"}, CTL_FAILED, PLAIN,
		"check /nonexistent: no such file or directory\n"},
	{{"check", "--compiler", "/nonexistent"}, CTL_FAILED, PLAIN,
		"check /nonexistent: no such file or directory\n"},
	{{"kernel-check", "/nonexistent"}, CTL_USAGE, PLAIN,
		"kernel-check: /nonexistent: no such file or directory\n"},
	/* no PID 1 */
	{{"status"}, CTL_UNREACHABLE, NOBODY, "status: cannot reach PID 1 at ..."},
	{{"status", "web"}, CTL_UNREACHABLE, NOBODY, "status: cannot reach PID 1 at ..."},
	{{"start", "web"}, CTL_UNREACHABLE, NOBODY, "start: cannot reach PID 1 at ..."},
	{{"stop", "web", "net"}, CTL_UNREACHABLE, NOBODY, "stop: cannot reach PID 1 at ..."},
	{{"restart", "web"}, CTL_UNREACHABLE, NOBODY, "restart: cannot reach PID 1 at ..."},
	{{"kill", "web"}, CTL_UNREACHABLE, NOBODY, "kill: cannot reach PID 1 at ..."},
	{{"reset", "web"}, CTL_UNREACHABLE, NOBODY, "reset: cannot reach PID 1 at ..."},
	{{"info"}, CTL_UNREACHABLE, NOBODY, "info: cannot reach PID 1 at ..."},
	{{"poweroff"}, CTL_UNREACHABLE, NOBODY, "poweroff: cannot reach PID 1 at ..."},
	{{"rescue"}, CTL_UNREACHABLE, NOBODY, "rescue: cannot reach PID 1 at ..."},
	{{"status"}, CTL_UNREACHABLE, DEAD, "status: cannot reach PID 1 at ..."},
	{{"start", "web"}, CTL_UNREACHABLE, DEAD, "start: cannot reach PID 1 at ..."},
	{{"info"}, CTL_UNREACHABLE, DEAD, "info: cannot reach PID 1 at ..."},
	{{"reboot"}, CTL_UNREACHABLE, DEAD, "reboot: cannot reach PID 1 at ..."},
	{{"status"}, CTL_UNREACHABLE, SILENT, "status: cannot reach PID 1 at ..."},
	{{"start", "web"}, CTL_UNREACHABLE, SILENT, "start: cannot reach PID 1 at ..."},
	{{"info"}, CTL_UNREACHABLE, SILENT, "info: cannot reach PID 1 at ..."},
	{{"halt"}, CTL_UNREACHABLE, SILENT, "halt: cannot reach PID 1 at ..."},
	/* without the right */
	{{"start", "web", "net"}, CTL_DENIED, DENIED, "start web" ONLY_ROOT},
	{{"stop", "web"}, CTL_DENIED, DENIED, "stop web" ONLY_ROOT},
	{{"restart", "web"}, CTL_DENIED, DENIED, "restart web" ONLY_ROOT},
	{{"kill", "web"}, CTL_DENIED, DENIED, "kill web" ONLY_ROOT},
	{{"reset", "web"}, CTL_DENIED, DENIED, "reset web" ONLY_ROOT},
	{{"poweroff"}, CTL_DENIED, DENIED, "poweroff" ONLY_ROOT},
	{{"reboot"}, CTL_DENIED, DENIED, "reboot" ONLY_ROOT},
	{{"halt"}, CTL_DENIED, DENIED, "halt" ONLY_ROOT},
	{{"rescue"}, CTL_DENIED, DENIED, "rescue" ONLY_ROOT},
	{{"status"}, CTL_DENIED, STRANGER, "status: cannot reach PID 1 at ..."},
	{{"info"}, CTL_DENIED, STRANGER, "info: cannot reach PID 1 at ..."},
	{{"start", "web"}, CTL_DENIED, STRANGER, "start: cannot reach PID 1 at ..."},
	{{"reboot"}, CTL_DENIED, STRANGER, "reboot: cannot reach PID 1 at ..."},
	{{"logs"}, CTL_DENIED, STRANGER, "logs /tmp/test-ctl-..."},
	{{"try", "x.ini"}, CTL_DENIED, STRANGER,
		"try x.ini: permission denied: only root can raise walls\n"},
	{{"learn", "web"}, CTL_FAILED, STRANGER, "learn web: no such service\n"},
};

static void set_up(enum where where, char *kept, size_t cap)
{
	snprintf(kept, cap, "%s", socket_path);
	shared->not_root = where == DENIED;
	shared->hang_up = where == SILENT;
	ctl_as_nobody = where == STRANGER;
	if (where == NOBODY)
		snprintf(socket_path, sizeof(socket_path), "%s/nobody", directory);
	if (where == DEAD)
		snprintf(socket_path, sizeof(socket_path), "%s/dead", directory);
}

static bool line_is(const char *line)
{
	size_t n = strlen(line);
	const char *said = err + strlen("bulkctl: ");
	if (strncmp(err, "bulkctl: ", strlen("bulkctl: ")) != 0 ||
		strchr(err, '\n') != err + strlen(err) - 1)
		return false;
	return n > 3 && strcmp(line + n - 3, "...") == 0 ? strncmp(said, line, n - 3) == 0
													 : strcmp(said, line) == 0;
}

static void each_says_one_line(void **state)
{
	char kept[sizeof(socket_path)];
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *r = &rows[i];
		const char *const *w = r->words;
		int status;
		if (r->where == STRANGER && geteuid() != 0)
			continue;
		set_up(r->where, kept, sizeof(kept));
		status = ctl_call(w[0], w[1], w[2], w[3], w[4], w[5], NULL);
		snprintf(socket_path, sizeof(socket_path), "%s", kept);
		if (status != r->status || !line_is(r->line) || *out)
			fail_msg("row %zu, %s %s: %d, \"%s\", \"%s\"", i, w[0] ? w[0] : "",
				w[0] && w[1] ? w[1] : "", status, err, out);
	}
	set_up(PLAIN, kept, sizeof(kept));
}

/* Whatever the verb, help of it does nothing, and an option that there is not is refused. */
static void every_verb_is_there(void **state)
{
	static const char *const verbs[] = {"status", "start", "stop", "restart", "kill", "reset",
		"logs", "explain", "security", "check", "diff", "reload", "try", "learn", "kernel-check",
		"info", "poweroff", "reboot", "halt", "rescue", "help"};
	char line[64];
	(void)state;
	assert_int_equal(RUN("help"), CTL_OK);
	assert_string_equal(err, "");
	has("\nExit status: 0 well, 1 failed or not found, 2 usage, 3 not running (status SERVICE), 4 no permission,\n5 ");
	has("  rescue                                stop everything; then a shell on the console, or a reboot (RescueShell)\n");
	for (size_t i = 0; i < COUNT(verbs); i++) {
		snprintf(line, sizeof(line), "\n  %s", verbs[i]);
		assert_int_equal(RUN("help"), CTL_OK);
		has(line);
		assert_int_equal(RUN("help", verbs[i]), CTL_OK);
		assert_int_equal(strncmp(out + 2, verbs[i], strlen(verbs[i])), 0);
		assert_int_equal(RUN(verbs[i], "--help"), CTL_OK); /* and nothing is done */
		assert_int_equal(strncmp(out + 2, verbs[i], strlen(verbs[i])), 0);
		assert_int_equal(RUN(verbs[i], "--nonsense"), CTL_USAGE);
		snprintf(line, sizeof(line), "bulkctl: %s: unknown option --nonsense; usage: bulkctl %s",
			verbs[i], verbs[i]);
		assert_int_equal(strncmp(err, line, strlen(line)), 0);
	}
	assert_int_equal(RUN("--version"), CTL_OK);
	has("bulkctl ");
}

static int make_socket(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return -1;
	return close(fd);
}

static const char *in_directory(const char *name)
{
	static char path[96];
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static int start(void **state)
{
	FILE *ring = fopen(in_directory("one-ring"), "w");
	if (!ring || fclose(ring) != 0 || make_socket(in_directory("dead")) < 0)
		return -1;
	return ctl_pid1_start(state);
}

static int stop(void **state)
{
	unlink(in_directory("one-ring"));
	unlink(in_directory("dead"));
	return ctl_pid1_stop(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_says_one_line),
		cmocka_unit_test(every_verb_is_there),
	};
	if (!mkdtemp(directory))
		return 1;
	return cmocka_run_group_tests_name("bulkctl", tests, start, stop);
}
