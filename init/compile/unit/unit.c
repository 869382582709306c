/* SPDX-License-Identifier: MIT
 * [Service]: what runs, when, how it is restarted. Values into struct unit_conf; what they mean
 * together is checked later (check.c).
 */
#include "compile/unit/unit.h"
#include "base/envfile.h"
#include "base/errname.h"
#include "base/num.h"
#include "plan/names.h"
#include "plan/plan.h"
#include <errno.h>
#include <signal.h>
#include <string.h>

void unit_init(struct unit_conf *conf)
{
	*conf = (struct unit_conf){.enabled = true, .notification_fd = -1, .kill_signal = SIGTERM};
}

int unit_set_type(void *conf, struct span value, struct diag *d)
{
	/* enum plan_type */
	struct unit_conf *u = conf;
	u->type_given = true;
	u->notifies_reload = span_is(value, "notify-reload");
	if (u->notifies_reload) {
		u->type = TYPE_NOTIFY;
		return 0;
	}
	if (span_is(value, "forking"))
		return diag_error(d,
			"forking is not supported by this version, expected the program to stay in the foreground (Type = simple or notify)");
	return value_choice(value, plan_types, &u->type, d);
}

/* ---- commands: kept as written, split and expanded once the environment is known ---- */

int unit_set_commands(void *conf, unsigned list, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	if (value.n == 0) {
		u->exec[list].count = 0;
		return 0;
	}
	if (u->exec[list].count == UNIT_MAX_COMMANDS)
		return diag_error(d, "more than %d commands", UNIT_MAX_COMMANDS);
	u->exec[list].line[u->exec[list].count++] = (struct unit_command){.text = value,
		.place = {d->file, d->line}};
	return 0;
}

/* ---- restart, limits, time-outs ---- */

static int set_final(struct span value, unsigned *out, struct diag *d)
{
	if (span_is(value, "restart-group"))
		return diag_error(d,
			"restart-group is not supported by this version, expected none, reboot, poweroff, halt or rescue");
	return value_choice(value, plan_finals, out, d);
}

int unit_set_start_limit_action(void *conf, struct span value, struct diag *d)
{
	return set_final(value, &((struct unit_conf *)conf)->start_limit_action, d);
}

int unit_set_failure_action(void *conf, struct span value, struct diag *d)
{
	return set_final(value, &((struct unit_conf *)conf)->failure_action, d);
}

int unit_set_statuses(void *conf, unsigned which, struct span value, struct diag *d)
{
	struct status_list *list = &((struct unit_conf *)conf)->statuses[which];
	struct span rest = value, word;
	if (value.n == 0)
		list->count = 0;
	while (span_word(&rest, &word)) {
		char name[16];
		uint64_t n = 0;
		int sig = span_copy(word, name, sizeof(name)) < 0 ? -1 : sig_number(name);
		if (sig > 0)
			n = 256u + (unsigned)sig;
		else if (num_u64(word, 255, &n) < 0)
			return diag_error(d,
				"\"%.*s\" is neither an exit status (0 to 255) nor a signal like SIGTERM",
				SPAN_ARGS(word));
		if (list->count == UNIT_MAX_SUCCESS)
			return diag_error(d, "more than %d values", UNIT_MAX_SUCCESS);
		list->code[list->count++] = (uint32_t)n;
	}
	return 0;
}

int unit_set_kill_signal(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	char name[16];
	int sig = span_copy(value, name, sizeof(name)) < 0 ? -1 : sig_number(name);
	if (span_starts(value, "SIGRTM") || span_starts(value, "RTM"))
		return diag_error(d,
			"\"%.*s\" is another number with each C library, expected it like SIG37: SIGRTMIN is SIG34 with glibc, SIG35 with musl",
			SPAN_ARGS(value));
	if (sig <= 0)
		return diag_error(d, "\"%.*s\" is not a signal, expected one like SIGTERM or SIGINT",
			SPAN_ARGS(value));
	if (sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU || sig == SIGCONT ||
		sig == SIGCHLD)
		return diag_error(d, "%s ends no process, expected a signal like SIGTERM or SIGINT",
			sig_name(sig));
	u->kill_signal = sig;
	return 0;
}

/* ---- surroundings ---- */

/* A name that may stand in a file; bulkhead's own would hide the right one. */
static int check_name(struct span name, struct span word, const char *expected, struct diag *d)
{
	if (!envfile_is_name(name.p, name.n))
		return diag_error(d, "\"%.*s\" is not %s", SPAN_ARGS(word), expected);
	if (envfile_is_given(name.p, name.n))
		return diag_error(d, "%.*s is set by bulkhead where the service has it: leave it out",
			SPAN_ARGS(name));
	return 0;
}

static int add_variables(struct span value, struct span *list, size_t *count, bool alone,
	struct diag *d)
{
	const char *expected = alone ? "NAME or NAME=value"
								 : "NAME=value (with blanks in the value: \"NAME=some value\")";
	struct span rest = value, word;
	int more;
	if (value.n == 0)
		*count = 0;
	while ((more = value_quoted_word(&rest, &word, d)) > 0) {
		size_t n = 0;
		while (n < word.n && word.p[n] != '=')
			n++;
		struct span name = {word.p, n < word.n || alone ? n : 0};
		if (check_name(name, word, expected, d) < 0)
			return -EINVAL;
		if (*count == UNIT_MAX_ENVIRONMENT)
			return diag_error(d, "more than %d variables", UNIT_MAX_ENVIRONMENT);
		list[(*count)++] = word;
	}
	return more;
}

int unit_set_environment(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	return add_variables(value, u->environment, &u->environment_count, false, d);
}

int unit_set_unset(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	return add_variables(value, u->unset, &u->unset_count, true, d);
}

int unit_set_environment_file(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	struct span path = value;
	if (value.n == 0) {
		u->environment_files = 0;
		return 0;
	}
	if (path.p[0] == '-')
		path = (struct span){path.p + 1, path.n - 1};
	if (value_path(path, d) < 0)
		return -EINVAL;
	for (size_t i = 0; i < path.n; i++)
		if (strchr("*?[", path.p[i]))
			return diag_error(d, "%.*s is a pattern, expected one path a line", SPAN_ARGS(path));
	if (u->environment_files == PLAN_MAX_FILES)
		return diag_error(d, "more than %d files", PLAN_MAX_FILES);
	u->environment_file[u->environment_files++] = value;
	return 0;
}

int unit_set_stdio(void *conf, unsigned fd, struct span value, struct diag *d)
{
	/* enum plan_stdio_kind */
	static const char *const names[] = {"log", "null", "tty", "console", "kmsg", NULL};
	const char *expected = fd == 0 ? "null, tty, console or file:PATH"
								   : "log, null, tty, console, kmsg or file:PATH";
	struct unit_conf *u = conf;
	struct nearest near;
	unsigned kind = 0;
	if (span_is(value, "socket"))
		return diag_error(d, "socket is not supported by this version, expected %s", expected);
	if (span_starts(value, "file:")) {
		struct span path = {value.p + 5, value.n - 5};
		int err = value_path(path, d);
		if (err < 0)
			return err;
		u->stdio[fd].kind = STDIO_FILE;
		u->stdio[fd].path = path;
		return 0;
	}
	nearest_begin(&near, value);
	while (names[kind] && !span_is(value, names[kind]))
		nearest_try(&near, span_of(names[kind++]));
	if (!names[kind])
		return diag_error(d, "\"%.*s\" is not known, expected %s%s", SPAN_ARGS(value), expected,
			nearest_hint(&near));
	if (fd == 0 && (kind == STDIO_LOG || kind == STDIO_KMSG))
		return diag_error(d, "nothing can be read from \"%.*s\", expected %s", SPAN_ARGS(value),
			expected);
	u->stdio[fd].kind = kind;
	u->stdio[fd].path = (struct span){NULL, 0};
	return 0;
}

int unit_set_tty_path(void *conf, struct span value, struct diag *d)
{
	int err = value_path(value, d);
	if (err == 0 && !span_below(value, span_of("/dev")))
		return diag_error(d, "\"%.*s\" is not below /dev", SPAN_ARGS(value));
	if (err == 0)
		((struct unit_conf *)conf)->tty = value;
	return err;
}

int unit_set_optional_walls(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	struct span rest = value, word;
	struct nearest near;
	if (value.n == 0)
		u->optional_walls = 0;
	while (span_word(&rest, &word)) {
		int bit = span_index(word, plan_optional_walls);
		nearest_begin(&near, word);
		for (unsigned i = 0; plan_optional_walls[i]; i++)
			nearest_try(&near, span_of(plan_optional_walls[i]));
		if (bit < 0)
			return diag_error(d,
				"\"%.*s\" is no wall that a kernel may lack, expected user, time, landlock, selinux, seccomp, memory, cpu, cpuset, io, pids, devices or ip%s",
				SPAN_ARGS(word), nearest_hint(&near));
		u->optional_walls |= 1u << bit;
	}
	return 0;
}
