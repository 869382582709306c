/* SPDX-License-Identifier: MIT
 * Condition…: see conditions.h. A condition that cannot be looked at does not hold. */
#include "pid1/conditions.h"
#include "base/span.h"
#include "base/sys.h"
#include "pid1/mark.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define COMMAND_LINE_MAX 4096 /* COMMAND_LINE_SIZE is at most 4096 on our architectures */

static bool match_word(struct span word, const char *wanted, char *value, size_t cap)
{
	size_t n = strlen(wanted);
	if (word.n < n || memcmp(word.p, wanted, n) != 0)
		return false;
	if (word.n > n && word.p[n] != '=')
		return false;
	if (value && span_copy(word.n > n ? (struct span){word.p + n + 1, word.n - n - 1} : (struct span){"", 0}, value, cap) < 0)
		return false;
	return true;
}

bool conditions_command_line(const char *word, char *value, size_t cap)
{
	static char line[COMMAND_LINE_MAX];
	struct span rest, one;
	int n = sys_read_file(AT_FDCWD, "/proc/cmdline", line, sizeof line);
	if (n < 0)
		return false;
	if (n > 0 && line[n - 1] == '\n')
		line[n - 1] = 0;
	rest = span_of(line);
	while (span_word(&rest, &one))
		if (match_word(one, word, value, cap))
			return true;
	return false;
}

static bool exact_command_line(const char *wanted)
{
	char value[256];
	char word[128];
	const char *eq = strchr(wanted, '=');
	if (!eq)
		return conditions_command_line(wanted, NULL, 0);
	if (span_copy((struct span){wanted, (size_t)(eq - wanted)}, word, sizeof word) < 0)
		return false;
	return conditions_command_line(word, value, sizeof value) && strcmp(value, eq + 1) == 0;
}

static const char *architecture(void)
{
#if defined __x86_64__
	return "x86-64";
#elif defined __aarch64__
	return "arm64";
#elif defined __arm__
	return "arm";
#else
	return "unknown";
#endif
}

static bool holds(const struct plan *p, const struct plan_condition *c)
{
	const char *value = plan_text(p, c->value);
	switch ((enum plan_condition_kind)c->kind) {
	case COND_PATH_EXISTS:
		return access(value, F_OK) == 0;
	case COND_KERNEL_COMMAND_LINE:
		return exact_command_line(value);
	case COND_ARCHITECTURE:
		return strcmp(value, architecture()) == 0 || (strcmp(value, "native") == 0);
	case COND_FIRST_BOOT: /* value "no": holds on every boot but the first */
		return mark_is_first_boot() == (strcmp(value, "no") != 0);
	case COND_KIND_COUNT:
		break;
	}
	return false;
}

bool conditions_hold(const struct plan *p, const struct plan_service *s)
{
	const struct plan_condition *c = plan_elements(p, s->conditions, sizeof *c);
	for (uint32_t i = 0; c && i < s->conditions.count; i++)
		if (holds(p, &c[i]) == (c[i].negate != 0))
			return false;
	return true;
}
