/* SPDX-License-Identifier: MIT
 * The directive table of init.ini, of the rows in rows.def, and the setters of what has no room of
 * its own.
 */
#include "compile/machine/machine.h"
#include "base/count.h"
#include "base/num.h"
#include "plan/names.h"
#include <string.h>

#define ROW_OF struct machine
#include "compile/unit/rows.h"

/* Defaults that Kconfig sets, as one would write them. */
#define RESCUE_SHELL \
	(CONFIG_RESCUE_SHELL == RESCUE_OPEN           ? "open" \
			: CONFIG_RESCUE_SHELL == RESCUE_NEVER ? "never" \
												  : "password")
#define KILOBYTES(n) #n "K"
#define LOG_SIZE_OF(n) KILOBYTES(n)
#define LOG_SIZE LOG_SIZE_OF(CONFIG_LOG_RING_KB)

#define ROW(section_, key_, ...) [M_##section_##_##key_] = {#section_, #key_, __VA_ARGS__},
const struct directive machine_directives[MACHINE_DIRECTIVES + 1] = {
#include "compile/machine/rows.def"
};

int machine_set_hostname(void *at, struct span value, struct diag *d)
{
	struct namespaces_conf scratch; /* the same rules for a name */
	namespaces_conf_init(&scratch);
	int err = namespaces_set_hostname(&scratch, value, d);
	if (err == 0)
		*(struct span *)at = value;
	return err;
}

/* A file below /proc/sys. What comes first of . and / parts the name, and the other one is a
 * character of it, which PID 1 turns around; no part leads elsewhere. */
static bool is_setting(struct span name)
{
	size_t first = 0, part = 0;
	while (first < name.n && name.p[first] != '.' && name.p[first] != '/')
		first++;
	char parts = first < name.n ? name.p[first] : '/', dot = parts == '/' ? '.' : '/';
	for (size_t i = 0; i <= name.n; i++) {
		if (i < name.n && name.p[i] != parts)
			continue;
		size_t n = i - part;
		if (n == 0 || (n <= 2 && name.p[part] == dot && name.p[i - 1] == dot))
			return false;
		part = i + 1;
	}
	return true;
}

int machine_set_sysctl(void *at, struct span value, struct diag *d)
{
	struct sysctl_conf *c = at;
	struct span rest = value, word;
	int more;
	if (value.n == 0)
		c->count = 0;
	while ((more = value_quoted_word(&rest, &word, d)) > 0) {
		struct span name, text;
		if (!span_cut(word, '=', &name, &text) || !is_setting(name))
			return diag_error(d, "\"%.*s\" is not NAME=VALUE like net.ipv4.ip_forward=1",
				SPAN_ARGS(word));
		if (word.p[0] == '-' || memchr(name.p, '*', name.n))
			return diag_error(d,
				"\"%.*s\": no leading - and no pattern is understood, expected the name of one setting",
				SPAN_ARGS(word));
		if (c->count == MACHINE_MAX_SYSCTL)
			return diag_error(d, "more than %d settings", MACHINE_MAX_SYSCTL);
		c->list[c->count++] = word;
	}
	return more;
}

int machine_set_log_size(void *at, struct span value, struct diag *d)
{
	uint64_t bytes = 0;
	int err = value_size(value, &bytes, d);
	if (err == 0 && (bytes < 4096 || bytes > 16 * 1024 * 1024))
		return diag_error(d, "\"%.*s\" is not from 4K to 16M, the size of one service's log",
			SPAN_ARGS(value));
	if (err == 0)
		*(uint32_t *)at = (uint32_t)(bytes / 1024);
	return err;
}

int machine_set_log_forward(void *at, struct span value, struct diag *d)
{
	static const char *const names[] = {"none", "kmsg", NULL};
	if (span_is(value, "syslog"))
		return diag_error(d, "syslog is not supported by this version, expected kmsg or none");
	return value_choice(value, names, at, d);
}
