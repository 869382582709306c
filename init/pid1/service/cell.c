/* SPDX-License-Identifier: MIT
 * Reports of the cells: see cell.h. */
#include "pid1/service/cell.h"
#include "engine/receive.h"
#include "engine/report.h"
#include "pid1/console.h"
#include "pid1/crash.h"
#include "pid1/kill.h"
#include "pid1/service/mains.h"
#include "pid1/service/network.h"
#include "pid1/report.h"
#include "pid1/watch.h"
#include <sched.h>
#include <string.h>

#define REPORTS 8 /* more than a cell ever writes */

/* A daemon's are asked to end once the core has been told (reap_left()). A command's end with its
 * pid namespace; where it has none, and nothing else of the service runs, they end here. */
static void leaves(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot)
{
	const struct plan_service *ps = plan_service(p, service);
	struct runtime *r = &s->runtime[service];
	if (r->slot[slot].status == 0)
		report_leaves(s, p, service, slot);
	if (slot == SLOT_MAIN && ps->type != TYPE_ONESHOT)
		r->slot[slot].flags |= SLOT_LEAVES;
	else if (!(ps->clone_flags & CLONE_NEWPID) && r->slot[!slot].pid <= 0)
		kill_all(s, service);
}

/* A command that may fail, and whose program is not there. */
static void say_absent(struct pid1 *s, const struct plan *p, uint32_t service,
	const struct report *rep)
{
	if (report_may(s, service, STORM_COURSE))
		console_say(s, SAY_COURSE, plan_text(p, plan_service(p, service)->name),
			": passed over: ", rep->step, ": ENOENT: ", rep->detail, NULL);
}

static void take_report(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot,
	const struct report *rep)
{
	struct slot *sl = &s->runtime[service].slot[slot];
	/* An end is told to the core once the cell is gone too: what follows may need its slot. */
	switch (rep->kind) {
	case REPORT_STARTED:
		sl->flags |= SLOT_STARTED;
		sl->main = rep->value > 1 ? rep->value : 0;
		mains_watch(s, service, slot);
		post_event(s, p, EV_STARTED, service, (uint16_t)slot, 0);
		break;
	case REPORT_FAILED:
		sl->flags |= SLOT_FAILED;
		sl->status = rep->value;
		note_failure(s, service, rep->step, rep->value, rep->detail);
		break;
	case REPORT_ABSENT:
		if (slot == SLOT_MAIN)
			s->runtime[service].absent_cell = (uint32_t)rep->value & OPTIONAL_ALL;
		break;
	case REPORT_EXITED:
		sl->flags |= SLOT_HAS_STATUS;
		sl->status = rep->value;
		if (strcmp(rep->step, REPORT_LEAVES) == 0)
			leaves(s, p, service, slot);
		else if (!(sl->flags & SLOT_STARTED))
			say_absent(s, p, service, rep);
		break;
	default:
		break; /* not a record of ours: a cell writes whole records or none */
	}
}

void cell_hear(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot)
{
	if (service >= s->core.count)
		return;
	struct slot *sl = &s->runtime[service].slot[slot];
	struct report rep;
	for (int n = 0; n < REPORTS && sl->report >= 0; n++) {
		int passed;
		int got = report_look(sl->report, &rep, &passed);
		bool network = got > 0 && rep.kind == REPORT_NETWORK;
		if (network || passed >= 0)
			network_keep(s, p, service, network, passed);
		if (got < 0)
			watch_drop(s, &sl->report); /* closed: its exit follows by SIGCHLD */
		if (got <= 0)
			return;
		if (crash_distrusts(s))
			receive_done(sl->report);
		take_report(s, p, service, slot, &rep);
		if (!crash_distrusts(s))
			receive_done(sl->report);
	}
}
