/* SPDX-License-Identifier: MIT
 * Whether the boot is good: see bootcheck.h. Times count from the kernel's start, and a restart of
 * PID 1 does not reset them.
 */
#include "pid1/boot/bootcheck.h"
#include "pid1/boot/bootmark.h"
#include "pid1/boot/planfile.h"
#include "pid1/boot/rescue.h"
#include "pid1/errand.h"
#include "pid1/report.h"
#include "pid1/watch.h"

static const struct plan_machine *machine(const struct plan *p)
{
	return &plan_header(p)->machine;
}

/* /var may lie on a disk that does not answer. */
static int work_mark(const void *unused)
{
	(void)unused;
	return bootmark_done();
}

static int work_light(const void *unused)
{
	(void)unused;
	return bootmark_reset();
}

bool bootcheck_marked(struct pid1 *s, int pid, int status)
{
	if (pid <= 0 || s->marker != pid)
		return false;
	s->marker = 0;
	report_bootmark(s, BOOTMARK_BOOTED, errand_result(status));
	return true;
}

static void settle_boot(struct pid1 *s, const struct plan *p)
{
	if (s->boot_done_ms || s->plan_source == PLAN_RESCUE)
		return; /* a rescue is no boot: it is not good, and not the first one either */
	uint64_t now = now_ms();
	bool settled = core_boot_settled(&s->core);
	if (!settled && now < s->settle_ms)
		return;
	s->boot_done_ms = now;
	report_boot(s, p, settled);
	int err = errand_send(&s->marker, work_mark, NULL, -1);
	if (err < 0)
		report_bootmark(s, BOOTMARK_BOOTED, err);
}

static void find_good(struct pid1 *s, const struct plan *p)
{
	if (s->plan_source == PLAN_RESCUE || !core_boot_good(&s->core, p, s->boot_done_ms != 0) ||
		rescue_is_dark(s, p)) {
		s->essential_ms = 0;
		return;
	}
	uint64_t now = now_ms();
	if (!s->essential_ms)
		s->essential_ms = now;
	if (now - s->essential_ms < machine(p)->mark_good_delay_ms)
		return;
	s->boot_good_ms = now;
	report_bootmark(s, BOOTMARK_GOOD, bootmark_good());
	int32_t unheard; /* nothing waits for its end */
	errand_send(&unheard, work_light, NULL, -1);
	if (machine(p)->mark_good)
		post_event(s, p, EV_START, machine(p)->mark_good - 1, SLOT_MAIN, 0);
}

static bool late(const struct pid1 *s, const struct plan *p, uint64_t now)
{
	return machine(p)->boot_timeout_ms && now >= machine(p)->boot_timeout_ms && !s->boot_late;
}

void bootcheck_look(struct pid1 *s, const struct plan *p)
{
	if (s->core.final)
		return; /* what goes down has not settled: it would not be the first boot any more */
	settle_boot(s, p);
	if (s->boot_good_ms)
		return;
	find_good(s, p);
	if (s->boot_good_ms || !late(s, p, now_ms()))
		return;
	s->boot_late = 1;
	report_late(s, p, rescue_is_dark(s, p));
	if (machine(p)->boot_failure != FINAL_NONE)
		post_event(s, p, EV_FINAL, 0, 0, (int32_t)machine(p)->boot_failure);
}

uint64_t bootcheck_deadline(const struct pid1 *s, const struct plan *p)
{
	uint64_t until = CORE_NEVER;
	if (s->core.final)
		return until;
	if (!s->boot_done_ms && s->plan_source != PLAN_RESCUE)
		until = s->settle_ms;
	if (s->boot_good_ms)
		return until;
	if (machine(p)->boot_timeout_ms && !s->boot_late && machine(p)->boot_timeout_ms < until)
		until = machine(p)->boot_timeout_ms;
	if (s->essential_ms && s->essential_ms + machine(p)->mark_good_delay_ms < until)
		until = s->essential_ms + machine(p)->mark_good_delay_ms;
	return until;
}
