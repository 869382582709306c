/* SPDX-License-Identifier: MIT
 * What is said of the boot as a whole: see report.h. Each verdict names the services that it is
 * about.
 */
#include "base/errname.h"
#include "base/fmt.h"
#include "pid1/console.h"
#include "pid1/report.h"

typedef bool is_meant(const struct pid1 *s, const struct plan *p, uint32_t service);

/* Not a group, which is a name for others. */
static bool is_missed(const struct pid1 *s, const struct plan *p, uint32_t i)
{
	return plan_service(p, i)->type != TYPE_GROUP && core_is_missed(&s->core, i);
}

static bool is_ready(const struct pid1 *s, const struct plan *p, uint32_t i)
{
	return plan_service(p, i)->type != TYPE_GROUP && core_is_ready(&s->core, i);
}

static bool holds_boot(const struct pid1 *s, const struct plan *p, uint32_t i)
{
	return plan_service(p, i)->type != TYPE_GROUP && core_holds_boot(&s->core, i);
}

static bool is_essential(const struct pid1 *s, const struct plan *p, uint32_t i)
{
	(void)s;
	return plan_service(p, i)->flags & SERVICE_ESSENTIAL;
}

static bool keeps_from_good(const struct pid1 *s, const struct plan *p, uint32_t i)
{
	return is_essential(s, p, i) && !core_is_ready(&s->core, i);
}

static uint32_t count(const struct pid1 *s, const struct plan *p, is_meant *meant)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->core.count; i++)
		n += meant(s, p, i);
	return n;
}

/* "a (starting), b (failed)" */
static void add_names(struct fmt *f, const struct pid1 *s, const struct plan *p, is_meant *meant)
{
	const char *before = "";
	for (uint32_t i = 0; i < s->core.count; i++) {
		if (!meant(s, p, i))
			continue;
		fmt_strs(f, before, plan_text(p, plan_service(p, i)->name), " (",
			core_state_name((enum core_state)s->core.service[i].state), ")", NULL);
		before = ", ";
	}
}

static void add_seconds(struct fmt *f, const char *before, uint32_t ms)
{
	fmt_str(f, before);
	fmt_u64(f, ms / 1000);
	fmt_str(f, " s: ");
}

void report_boot(struct pid1 *s, const struct plan *p, bool settled)
{
	uint32_t ready = count(s, p, is_ready), missed = count(s, p, is_missed);
	char text[320];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	if (!settled)
		add_seconds(&f, "the boot has not settled after ", plan_header(p)->machine.settle_ms);
	fmt_u64(&f, ready);
	fmt_str(&f, ready == 1 ? " service up" : " services up");
	if (missed) {
		fmt_str(&f, ", ");
		fmt_u64(&f, missed);
		fmt_str(&f, " not: ");
		add_names(&f, s, p, is_missed);
	}
	console_say(s, SAY_NOTICE, text, NULL);
}

/* The Essential service that has become ready last; none: UINT32_MAX. */
static uint32_t last_ready(const struct pid1 *s, const struct plan *p)
{
	uint32_t last = UINT32_MAX;
	for (uint32_t i = 0; i < s->core.count; i++)
		if (is_essential(s, p, i) &&
			(last == UINT32_MAX || s->core.service[i].since_ms > s->core.service[last].since_ms))
			last = i;
	return last;
}

void report_not_good(struct fmt *f, const struct pid1 *s, const struct plan *p, bool dark)
{
	uint32_t last = last_ready(s, p);
	if (count(s, p, keeps_from_good)) {
		fmt_str(f, "not ready: ");
		add_names(f, s, p, keeps_from_good);
	} else if (last == UINT32_MAX && !s->boot_done_ms) {
		fmt_str(f, "not settled: ");
		add_names(f, s, p, holds_boot);
	} else if (dark) {
		fmt_str(f, "no service runs");
	} else {
		fmt_strs(f, "MarkGoodDelaySec is not over",
			last == UINT32_MAX ? "" : " since the last Essential service was ready, ",
			last == UINT32_MAX ? "" : plan_text(p, plan_service(p, last)->name), NULL);
	}
}

void report_late(struct pid1 *s, const struct plan *p, bool dark)
{
	char text[320];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	add_seconds(&f, "this boot is not good after ", plan_header(p)->machine.boot_timeout_ms);
	report_not_good(&f, s, p, dark);
	console_say(s, SAY_ERROR, text, NULL);
}
