/* SPDX-License-Identifier: MIT
 * [Service]: what runs, when, how it is restarted. Values into struct unit_conf; what they mean
 * together is checked later (check.c).
 */
#include "compile/unit/unit.h"
#include "base/errname.h"
#include "base/num.h"
#include "plan/names.h"
#include "plan/plan.h"
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

/* ---- dependencies ---- */

bool unit_name_valid(struct span name)
{
	if (name.n == 0 || name.n >= CONFIG_MAX_NAME)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!plain && (i == 0 || (c != '_' && c != '-' && c != '@')))
			return false;
	}
	return true;
}

static void drop_edges(struct unit_conf *u, enum unit_dependency kind)
{
	size_t kept = 0;
	for (size_t i = 0; i < u->edges; i++)
		if (u->edge[i].kind != kind)
			u->edge[kept++] = u->edge[i];
	u->edges = kept;
}

static struct unit_edge *find_edge(struct unit_conf *u, enum unit_dependency kind, struct span name)
{
	for (size_t i = 0; i < u->edges; i++)
		if (u->edge[i].kind == kind && span_same(u->edge[i].name, name))
			return &u->edge[i];
	return NULL;
}

/* [-]NAME: there need not be such a service, where it can be done without. */
static int add_edge(struct unit_conf *u, enum unit_dependency kind, struct span name,
	struct diag *d)
{
	bool optional = name.n > 1 && name.p[0] == '-';
	if (optional)
		name = (struct span){name.p + 1, name.n - 1};
	if (span_ends(name, ".service"))
		return diag_error(d, "\"%.*s\" is not a service's name, expected it without .service",
			SPAN_ARGS(name));
	if (span_ends(name, ".target"))
		return diag_error(d,
			"\"%.*s\" is not a service's name, expected one: targets there are none, so leave it out or name who does it",
			SPAN_ARGS(name));
	if (!unit_name_valid(name))
		return diag_error(d,
			"\"%.*s\" is not a service's name, expected letters, digits, _ - and @ (at most %d)",
			SPAN_ARGS(name), CONFIG_MAX_NAME - 1);
	if (optional && (kind == DEP_REQUIRES || kind == DEP_BINDS))
		return diag_error(d, "\"-%.*s\" is required and may be absent: say Wants", SPAN_ARGS(name));
	struct unit_edge *known = find_edge(u, kind, name);
	if (known) {
		known->optional = known->optional && optional;
		return 0;
	}
	if (u->edges == CONFIG_MAX_EDGES)
		return diag_error(d, "more than %d dependencies in all", CONFIG_MAX_EDGES);
	u->edge[u->edges++] = (struct unit_edge){.name = name,
		.kind = kind,
		.optional = optional,
		.place = {d->file, d->line}};
	return 0;
}

int unit_set_edges(void *conf, unsigned kind, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	struct span rest = value, word;
	if (value.n == 0)
		drop_edges(u, kind);
	while (span_word(&rest, &word)) {
		int err = add_edge(u, kind, word, d);
		if (err < 0)
			return err;
	}
	return 0;
}

/* ---- conditions ---- */

static int add_condition(struct unit_conf *u, enum plan_condition_kind kind, bool negate,
	struct span value, struct diag *d)
{
	if (u->conditions == UNIT_MAX_CONDITIONS)
		return diag_error(d, "more than %d conditions", UNIT_MAX_CONDITIONS);
	u->condition[u->conditions].kind = (uint16_t)kind;
	u->condition[u->conditions].negate = negate;
	u->condition[u->conditions++].value = value;
	return 0;
}

static bool resets_condition(struct unit_conf *u, enum plan_condition_kind kind, struct span value)
{
	size_t kept = 0;
	if (value.n > 0)
		return false;
	for (size_t i = 0; i < u->conditions; i++)
		if (u->condition[i].kind != kind)
			u->condition[kept++] = u->condition[i];
	u->conditions = kept;
	return true;
}

static bool take_negation(struct span *value)
{
	if (value->n == 0 || value->p[0] != '!')
		return false;
	*value = span_trim((struct span){value->p + 1, value->n - 1});
	return true;
}

int unit_set_condition_path(void *conf, struct span value, struct diag *d)
{
	bool negate = take_negation(&value);
	if (!negate && resets_condition(conf, COND_PATH_EXISTS, value))
		return 0;
	int err = value_path(value, d);
	return err < 0 ? err : add_condition(conf, COND_PATH_EXISTS, negate, value, d);
}

int unit_set_condition_command_line(void *conf, struct span value, struct diag *d)
{
	bool negate = take_negation(&value);
	if (!negate && resets_condition(conf, COND_KERNEL_COMMAND_LINE, value))
		return 0;
	if (value.n == 0 || memchr(value.p, ' ', value.n))
		return diag_error(d, "\"%.*s\" is not one word, expected WORD or NAME=VALUE",
			SPAN_ARGS(value));
	return add_condition(conf, COND_KERNEL_COMMAND_LINE, negate, value, d);
}

int unit_set_condition_architecture(void *conf, struct span value, struct diag *d)
{
	static const char *const names[] = {"x86-64", "arm64", "arm", "native", NULL};
	bool negate = take_negation(&value);
	unsigned i = 0;
	if (!negate && resets_condition(conf, COND_ARCHITECTURE, value))
		return 0;
	int err = value_choice(value, names, &i, d);
	return err < 0 ? err : add_condition(conf, COND_ARCHITECTURE, negate, value, d);
}

int unit_set_condition_first_boot(void *conf, struct span value, struct diag *d)
{
	bool yes = false;
	if (resets_condition(conf, COND_FIRST_BOOT, value))
		return 0;
	int err = value_bool(value, &yes, d);
	return err < 0 ? err
				   : add_condition(conf, COND_FIRST_BOOT, false, span_of(yes ? "yes" : "no"), d);
}

/* ---- restart, limits, time-outs ---- */

int unit_set_restart_sec(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	uint32_t ms = 0;
	int err = value_time_ms(value, &ms, d);
	if (err == 0 && ms == UINT32_MAX)
		return diag_error(d, "infinity would be no restart at all: use Restart = no");
	if (err == 0)
		u->restart_ms = ms;
	return err;
}

int unit_set_restart_max(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	uint32_t ms = 0;
	int err = value_time_ms(value, &ms, d);
	/* The delay doubles: without a bound it would leave the 32 bits it has. */
	if (err == 0 && ms == UINT32_MAX)
		return diag_error(d, "infinity is not possible, expected a time");
	if (err == 0)
		u->restart_max_ms = ms;
	return err;
}

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

int unit_set_success(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	struct span rest = value, word;
	if (value.n == 0)
		u->success_count = 0;
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
		if (u->success_count == UNIT_MAX_SUCCESS)
			return diag_error(d, "more than %d values", UNIT_MAX_SUCCESS);
		u->success[u->success_count++] = (uint32_t)n;
	}
	return 0;
}

int unit_set_timeout_start(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	uint32_t ms = 0;
	int err = value_time_ms(value, &ms, d);
	/* As with systemd: no start would ever be in time. */
	if (err == 0)
		u->start_ms = ms ? ms : UINT32_MAX;
	return err;
}

int unit_set_timeout_stop(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	uint32_t ms = 0;
	int err = value_time_ms(value, &ms, d);
	/* One service must not be able to keep the machine from going down. */
	if (err == 0 && ms == UINT32_MAX)
		return diag_error(d,
			"infinity would let the service hold up the shutdown for ever, expected a time");
	if (err == 0 && ms == 0) /* systemd's infinity; others would expect that it is killed at once */
		return diag_error(d,
			"0 is not possible, expected a time (KillSignal = SIGKILL ends it at once)");
	if (err == 0)
		u->stop_ms = ms;
	return err;
}

int unit_set_watchdog(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	uint32_t ms = 0;
	int err = value_time_ms(value, &ms, d);
	if (err == 0)
		u->watchdog_ms = ms == UINT32_MAX ? 0 : ms;
	return err;
}

int unit_set_kill_signal(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	char name[16];
	int sig = span_copy(value, name, sizeof(name)) < 0 ? -1 : sig_number(name);
	if (sig <= 0)
		return diag_error(d, "\"%.*s\" is not a signal, expected one like SIGTERM or SIGINT",
			SPAN_ARGS(value));
	u->kill_signal = sig;
	return 0;
}

/* ---- surroundings ---- */

int unit_set_environment(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	struct span rest = value, word;
	int more = 0;
	if (value.n == 0)
		u->environment_count = 0;
	while ((more = value_quoted_word(&rest, &word, d)) > 0) {
		size_t n = 0;
		while (n < word.n && word.p[n] != '=')
			n++;
		bool good = n > 0 && n < word.n;
		for (size_t i = 0; i < n; i++) {
			char c = word.p[i];
			good = good &&
				(c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
					(i > 0 && c >= '0' && c <= '9'));
		}
		if (!good)
			return diag_error(d,
				"\"%.*s\" is not NAME=value (with blanks in the value: \"NAME=some value\")",
				SPAN_ARGS(word));
		if (u->environment_count == UNIT_MAX_ENVIRONMENT)
			return diag_error(d, "more than %d variables", UNIT_MAX_ENVIRONMENT);
		u->environment[u->environment_count++] = word;
	}
	return more;
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
	if (err == 0 && !path_below(value, span_of("/dev")))
		return diag_error(d, "\"%.*s\" is not below /dev", SPAN_ARGS(value));
	if (err == 0)
		((struct unit_conf *)conf)->tty = value;
	return err;
}

static uint32_t optional_bit(struct span word)
{
	for (unsigned i = 0; plan_optional_walls[i]; i++)
		if (span_is(word, plan_optional_walls[i]))
			return 1u << i;
	return 0;
}

int unit_set_optional_walls(void *conf, struct span value, struct diag *d)
{
	struct unit_conf *u = conf;
	struct span rest = value, word;
	struct nearest near;
	if (value.n == 0)
		u->optional_walls = 0;
	while (span_word(&rest, &word)) {
		uint32_t bit = optional_bit(word);
		nearest_begin(&near, word);
		for (unsigned i = 0; plan_optional_walls[i]; i++)
			nearest_try(&near, span_of(plan_optional_walls[i]));
		if (!bit)
			return diag_error(d,
				"\"%.*s\" is no wall that a kernel may lack, expected user, time, landlock, selinux, seccomp, memory, cpu, cpuset, io, pids, devices or ip%s",
				SPAN_ARGS(word), nearest_hint(&near));
		u->optional_walls |= bit;
	}
	return 0;
}
