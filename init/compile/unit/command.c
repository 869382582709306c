/* SPDX-License-Identifier: MIT
 * ExecStart and the like, by the rules of systemd.service(5) that need no shell: words with quotes,
 * a leading - for a failure that does not count, ${NAME} inside a word, $NAME as a word that may
 * become several, $$ for a dollar sign. All of it is resolved here, so that PID 1 and the cell
 * never parse a line; but with EnvironmentFile the values are known to the cell alone, which gets
 * $NAME and ${NAME} as they stand (COMMAND_EXPAND).
 */
#include "base/envfile.h"
#include "compile/unit/users.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static void put_variable(struct service *s, const char *name, size_t n, struct span value)
{
	char *text = diag_text("%.*s=%.*s", (int)n, name, SPAN_ARGS(value));
	char **all = diag_realloc(s->environment, (s->environment_count + 2) * sizeof(*all));
	s->environment = all;
	for (size_t i = 0; i < s->environment_count; i++) {
		if (strncmp(all[i], name, n) == 0 && all[i][n] == '=') {
			all[i] = text; /* the later one counts */
			return;
		}
	}
	all[s->environment_count++] = text;
	all[s->environment_count] = NULL;
}

static void put_text(struct service *s, const char *name, const char *value)
{
	put_variable(s, name, strlen(name), span_of(value));
}

/* Several directories stand with colons between them, as systemd has it. */
static void put_directories(struct service *s, enum directory_kind kind)
{
	char text[1024], path[FILESYSTEM_PATH];
	size_t n = 0;
	for (size_t i = 0; n < sizeof(text) && filesystem_directory_path(&s->filesystem, kind, i, path);
		 i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? ":" : "", path);
	if (n >= sizeof(text))
		diag_error(service_at(s, D_Service_RuntimeDirectory),
			"the names of all directories together are too long");
	else if (n > 0)
		put_text(s, filesystem_directory_variable(kind), text);
}

void command_environment(struct service *s)
{
	char fd[16];
	char user[80];
	if (span_copy(s->identity.user, user, sizeof(user)) < 0 || !user[0])
		snprintf(user, sizeof(user), "%s", s->name);
	put_text(s, "PATH", DEFAULT_PATH);
	put_text(s, "HOME", s->home ? s->home : "/");
	put_text(s, "USER", user);
	put_text(s, "LOGNAME", user);
	for (int kind = 0; kind < DIRECTORY_KINDS; kind++)
		put_directories(s, (enum directory_kind)kind);
	if (s->unit.notification_fd >= 0) {
		snprintf(fd, sizeof(fd), "%d", s->unit.notification_fd);
		put_text(s, "NOTIFICATION_FD", fd);
	}
	for (size_t i = 0; i < s->unit.environment_count; i++) {
		struct span name, value;
		span_cut(s->unit.environment[i], '=', &name, &value);
		put_variable(s, name.p, name.n, value);
	}
}

/* ---- words ---- */

struct words {
	char **word;
	size_t count;
};

static void add_word(struct words *w, const char *text, size_t n)
{
	w->word = diag_realloc(w->word, (w->count + 2) * sizeof(*w->word));
	w->word[w->count++] = diag_text("%.*s", (int)n, text);
	w->word[w->count] = NULL;
}

static int unknown_variable(const struct service *s, struct span name, struct diag *d)
{
	struct nearest near;
	if (span_is(name, "MAINPID"))
		return diag_error(d,
			"$MAINPID is not known beforehand: the main process gets KillSignal without a command");
	nearest_begin(&near, name);
	for (size_t i = 0; i < s->environment_count; i++)
		nearest_try(&near, (struct span){s->environment[i], strcspn(s->environment[i], "=")});
	return diag_error(d,
		"unknown variable $%.*s, expected one of Environment or $$ for a dollar sign%s",
		SPAN_ARGS(name), nearest_hint(&near));
}

/* Values of EnvironmentFile are known when the service starts. */
static bool is_left_to_the_cell(const struct service *s)
{
	return s->unit.environment_files > 0;
}

static int look_up(const struct service *s, struct span name, struct span *value, struct diag *d)
{
	for (size_t i = 0; i < s->environment_count; i++) {
		const char *e = s->environment[i];
		if (strncmp(e, name.p, name.n) == 0 && e[name.n] == '=') {
			*value = span_of(e + name.n + 1);
			return 0;
		}
	}
	return unknown_variable(s, name, d);
}

/* What stands at text[*i], a dollar sign: its value, and *i moved behind it. */
static int expand_one(const struct service *s, struct span text, size_t *i, struct span *value,
	struct diag *d)
{
	size_t from = *i + 1, to;
	bool braces = from < text.n && text.p[from] == '{';
	if (from < text.n && text.p[from] == '$') {
		*value = span_of(is_left_to_the_cell(s) ? "$$" : "$");
		*i = from + 1;
		return 0;
	}
	from += braces;
	to = from + envfile_name_length(text.p + from, text.n - from);
	if (to == from || (braces && (to >= text.n || text.p[to] != '}')))
		return diag_error(d,
			"a dollar sign without a variable's name in \"%.*s\", expected $NAME, ${NAME} or $$",
			SPAN_ARGS(text));
	*i = to + braces;
	struct span name = {text.p + from, to - from};
	if (!is_left_to_the_cell(s))
		return look_up(s, name, value, d);
	if (span_is(name, "MAINPID"))
		return unknown_variable(s, name, d);
	*value = span_of(diag_text("${%.*s}", SPAN_ARGS(name)));
	return 0;
}

static int expand_word(const struct service *s, struct span text, struct words *out, struct diag *d)
{
	char buf[4096];
	size_t n = 0;
	for (size_t i = 0; i < text.n;) {
		struct span part = {text.p + i, 1};
		int err = 0;
		if (text.p[i] == '$')
			err = expand_one(s, text, &i, &part, d);
		else
			i++;
		if (err < 0)
			return err;
		if (n + part.n >= sizeof(buf))
			return diag_error(d, "a word of more than %zu bytes", sizeof(buf) - 1);
		if (part.n > 0)
			memcpy(buf + n, part.p, part.n);
		n += part.n;
	}
	add_word(out, buf, n);
	return 0;
}

/* $NAME alone: as many words as its value has. */
static bool is_lone_variable(struct span raw)
{
	return raw.n > 0 && raw.p[0] == '$' && envfile_is_name(raw.p + 1, raw.n - 1);
}

/* Written without quotes, as a shell would read it. */
static bool note_shell_word(struct span raw, struct diag *d)
{
	static const char *const words[] = {"&&", "||", "|", "&", ";", ">", ">>", "<", "2>", "2>&1",
		">&2", NULL};
	bool shell = raw.p[0] == '#' || raw.p[raw.n - 1] == ';' || raw.p[0] == '`' ||
		span_starts(raw, ">/") || span_starts(raw, "2>/") || span_starts(raw, "~/");
	/* A pattern of paths: other words may have these marks, like http://[::]:80/?a=b. */
	shell = shell || (raw.p[0] == '/' && (memchr(raw.p, '*', raw.n) || memchr(raw.p, '?', raw.n)));
	shell = shell || span_index(raw, words) >= 0;
	if (shell)
		diag_note(d,
			"no shell reads this line, so the program gets \"%.*s\" as it is: use /bin/sh -c '...', or quote it if that is meant",
			SPAN_ARGS(raw));
	return shell;
}

static int add_variable(const struct service *s, struct span name, struct words *out,
	struct diag *d)
{
	struct span value = {NULL, 0};
	char *rest, *word;
	int more;
	if (is_left_to_the_cell(s) && !span_is(name, "MAINPID")) {
		add_word(out, name.p - 1, name.n + 1);
		return 0;
	}
	if (look_up(s, name, &value, d) < 0)
		return -EINVAL;
	rest = diag_text("%.*s", SPAN_ARGS(value));
	while ((more = envfile_word(&rest, &word)) > 0)
		add_word(out, word, strlen(word));
	return more < 0 ? diag_error(d, "the value of $%.*s has a quotation mark that is not closed",
						  SPAN_ARGS(name))
					: 0;
}

static int split(const struct service *s, struct span text, struct words *out, struct diag *d)
{
	struct span rest = text, word, raw_rest, raw = {NULL, 0};
	bool told = false;
	int more;
	for (;;) {
		raw_rest = rest;
		span_word(&raw_rest, &raw);
		more = value_quoted_word(&rest, &word, d);
		if (more <= 0)
			return more;
		if (!told && raw.n > 0 && span_same(raw, word))
			told = note_shell_word(raw, d);
		/* A quoted "$NAME" stays one word: only what was written without quotes is looked at. */
		if (span_same(raw, word) && is_lone_variable(raw)) {
			if (add_variable(s, (struct span){raw.p + 1, raw.n - 1}, out, d) < 0)
				return -EINVAL;
		} else if (expand_word(s, word, out, d) < 0) {
			return -EINVAL;
		}
		if (out->count > PLAN_MAX_ARGV)
			return diag_error(d, "more than %d words", PLAN_MAX_ARGV);
	}
}

static int not_absolute(const char *word, struct diag *d)
{
	const char *slash = strrchr(word, '/'), *base = slash ? slash + 1 : word;
	return diag_error(d, "\"%s\" is not an absolute path, expected one like /usr/sbin/%s", word,
		*base ? base : "daemon");
}

static int parse_one(struct service *s, const struct unit_command *line, struct command *c,
	struct diag *d)
{
	struct span text = span_trim(line->text);
	struct words words = {0};
	if (text.n > 0 && text.p[0] == '-') {
		c->ignore_failure = true;
		text = (struct span){text.p + 1, text.n - 1};
	}
	if (text.n > 0 && strchr("@+!:|", text.p[0]))
		return diag_error(d,
			"the prefix %c is not supported by this version, expected an absolute path, with - before it if failure does not count",
			text.p[0]);
	if (split(s, text, &words, d) < 0)
		return -EINVAL;
	if (words.count == 0)
		return diag_error(d, "there is no program's name");
	if (is_left_to_the_cell(s) && strchr(words.word[0], '$'))
		return diag_error(d,
			"the program \"%s\" has a variable in its name, which EnvironmentFile may change: expected a path",
			words.word[0]);
	if (words.word[0][0] != '/')
		return not_absolute(words.word[0], d);
	if (value_path(span_of(words.word[0]), d) < 0)
		return -EINVAL;
	program_check(s, words.word[0], c->ignore_failure, d);
	c->path = words.word[0];
	c->argv = words.word;
	c->argc = words.count;
	return 0;
}

void command_parse(struct service *s)
{
	static const enum directive_id lists[EXEC_COUNT] = {D_Service_ExecStartPre, D_Service_ExecStart,
		D_Service_ExecStartPost, D_Service_ExecStop, D_Service_ExecStopPost};
	for (int list = 0; list < EXEC_COUNT; list++) {
		size_t count = s->unit.exec[list].count;
		s->exec[list] = diag_calloc(count + 1, sizeof(*s->exec[list]));
		for (size_t i = 0; i < count; i++) {
			const struct unit_command *line = &s->unit.exec[list].line[i];
			directive_place(&s->diag, &line->place, lists[list]);
			if (parse_one(s, line, &s->exec[list][s->exec_count[list]], &s->diag) == 0)
				s->exec_count[list]++;
		}
	}
}
