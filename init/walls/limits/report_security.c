/* SPDX-License-Identifier: MIT
 * Scheduling before others.
 */
#include "walls/limits/conf.h"
#include "walls/report.h"

static void look_realtime(const struct security_look *l, const struct security_row *row)
{
	const struct limits_conf *c = l->conf;
	if (c->flags & LIMITS_SCHED && c->sched_priority > 0)
		security_opens(l, row, row->weight, "real-time scheduling");
}

static void look_nice(const struct security_look *l, const struct security_row *row)
{
	const struct limits_conf *c = l->conf;
	if (c->nice < 0)
		security_opens(l, row, row->weight, "Nice = %d", c->nice);
}

static void look_oom(const struct security_look *l, const struct security_row *row)
{
	const struct limits_conf *c = l->conf;
	if (c->oom_score_adj < 0)
		security_opens(l, row, row->weight, "OOMScoreAdjust = %d", c->oom_score_adj);
}

/* clang-format off */
static const struct security_row rows[] = {
	{D_Service_CPUSchedulingPriority, "it runs before everybody else, for as long as it likes", look_realtime, 2, 0, NULL},
	{D_Service_Nice, "it runs before others", look_nice, 1, 0, NULL},
	{D_Service_OOMScoreAdjust, "others are killed before it when memory runs out", look_oom, 1, 0, NULL},
	{0},
};
/* clang-format on */

const struct wall_security limits_security = {rows, NULL};
