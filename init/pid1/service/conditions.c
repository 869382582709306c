/* SPDX-License-Identifier: MIT
 * Condition…: see conditions.h. A path that does not exist, or that may not be seen, does not hold.
 */
#include "pid1/service/conditions.h"
#include "base/fmt.h"
#include "base/span.h"
#include "base/sys.h"
#include "pid1/service/ask.h"
#include "pid1/boot/bootmark.h"
#include "pid1/boot/command_line.h"
#include "pid1/watch.h"
#include "walls/apply.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <unistd.h>

#define NOT_HELD 140 /* a child's result: that and its index. No errno is so high */

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

/* From the kernel's memory alone (RESOLVE_CACHED, Linux 5.12): 1, 0, or -EAGAIN where that does
 * not know. O_PATH opens nothing. */
static int glance(const char *path)
{
	int fd = sys_openat2(AT_FDCWD, path, O_PATH | O_CLOEXEC, 0, RESOLVE_CACHED);
	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? 0 : -EAGAIN;
	close(fd);
	return 1;
}

/* 1, 0, or -EAGAIN: only a child may look. */
static int holds(const struct plan *p, const struct plan_condition *c)
{
	const char *value = plan_text(p, c->value);
	switch ((enum plan_condition_kind)c->kind) {
	case COND_PATH_EXISTS:
		return glance(value);
	case COND_KERNEL_COMMAND_LINE:
		return command_line_has(value);
	case COND_ARCHITECTURE:
		return strcmp(value, architecture()) == 0 || (strcmp(value, "native") == 0);
	case COND_FIRST_BOOT:
		return -EAGAIN;
	case COND_KIND_COUNT:
		break;
	}
	return 0;
}

/* The first of all but those for a child that does not hold, or -1; *left: there are some for
 * one. */
static int find_false(const struct plan *p, const struct plan_service *ps, bool *left)
{
	const struct plan_condition *c = plan_elements(p, ps->conditions, sizeof(*c));
	*left = false;
	for (uint32_t i = 0; c && i < ps->conditions.count; i++) {
		int held = holds(p, &c[i]);
		if (held == -EAGAIN)
			*left = true;
		else if (held == (c[i].negate != 0))
			return (int)i;
	}
	return -1;
}

static void note_false(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t index)
{
	static const char *const names[COND_KIND_COUNT] = {
		[COND_PATH_EXISTS] = "ConditionPathExists",
		[COND_KERNEL_COMMAND_LINE] = "ConditionKernelCommandLine",
		[COND_ARCHITECTURE] = "ConditionArchitecture",
		[COND_FIRST_BOOT] = "ConditionFirstBoot",
	};
	const struct plan_list list = plan_service(p, service)->conditions;
	const struct plan_condition *c = plan_elements(p, list, sizeof(*c));
	struct runtime *r = &s->runtime[service];
	struct fmt f;
	if (!c || index >= list.count)
		return;
	fmt_init(&f, r->why, sizeof(r->why));
	fmt_strs(&f, names[c[index].kind], c[index].negate ? " = !" : " = ",
		plan_text(p, c[index].value), " does not hold", NULL);
}

/* ---- in the child ---- */

struct question {
	const struct plan *p;
	const struct plan_service *ps;
};

static bool holds_on_disk(const struct plan *p, const struct plan_condition *c)
{
	const char *value = plan_text(p, c->value);
	if (c->kind == COND_PATH_EXISTS)
		return access(value, F_OK) == 0;
	if (c->kind == COND_FIRST_BOOT) /* value "no": holds on every boot but the first */
		return bootmark_is_first() == (strcmp(value, "no") != 0);
	return c->negate == 0; /* looked at already */
}

static int work(const void *arg)
{
	const struct question *q = arg;
	const struct plan_condition *c = plan_elements(q->p, q->ps->conditions, sizeof(*c));
	for (uint32_t i = 0; c && i < q->ps->conditions.count; i++)
		if (holds_on_disk(q->p, &c[i]) == (c[i].negate != 0))
			return -(NOT_HELD + (int)i);
	return 0;
}

/* ---- the question and its answer ---- */

int conditions_ask(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	struct question q = {p, plan_service(p, a->service)};
	bool left;
	int wrong = find_false(p, q.ps, &left);
	if (wrong >= 0) {
		note_false(s, p, a->service, (uint32_t)wrong);
		return 0;
	}
	return left ? ask_begin(s, a->service, ASK_CONDITIONS, work, &q, a) : 1;
}

int conditions_heard(struct pid1 *s, const struct plan *p, uint32_t service, int result,
	struct wall_why *why)
{
	if (result == 0) {
		s->runtime[service].checked = 1;
		return 0;
	}
	if (result > -NOT_HELD)
		return wall_failed(why, -ECANCELED, "not checked");
	note_false(s, p, service, (uint32_t)(-NOT_HELD - result));
	post_event(s, p, EV_SKIPPED, service, s->runtime[service].asked.slot & 1, 0);
	return 1;
}
