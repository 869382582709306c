/* SPDX-License-Identifier: MIT
 * Network namespaces that are kept: see network.h. */
#include "pid1/service/network.h"
#include "base/errname.h"
#include "engine/descriptors.h"
#include "pid1/console.h"
#include "pid1/report.h"
#include "pid1/spawn_tool.h"
#include "pid1/watch.h"
#include <errno.h>
#include <unistd.h>

int network_of(const struct pid1 *s, const struct plan_service *ps)
{
	return ps->network && ps->network <= s->core.count ? s->runtime[ps->network - 1].network : -1;
}

void network_keep(struct pid1 *s, const struct plan *p, uint32_t service, bool due, int fd)
{
	struct runtime *r = &s->runtime[service];
	fd = fd < 0 ? -EMFILE : descriptor_lift(fd);
	if (due && fd < 0 && report_may(s, service, STORM_ERRORS)) /* the kernel had no place for it */
		console_say(s, SAY_ERROR, plan_text(p, plan_service(p, service)->name),
			": its network cannot be kept: ", err_name(fd), NULL);
	if (!due || plan_service(p, service)->network != service + 1) {
		if (fd >= 0)
			close(fd);
		return;
	}
	watch_drop(s, &r->network);
	r->network = fd < 0 ? -1 : fd;
}

static void say_lost(struct pid1 *s, const struct plan *p, uint32_t service, const char *why)
{
	if (report_may(s, service, STORM_ERRORS))
		console_say(s, SAY_ERROR, plan_text(p, plan_service(p, service)->name),
			": not all of its interfaces were returned to the host: ", why, NULL);
}

/* ExecStopPost has the network too. */
static bool has_ended(const struct pid1 *s, const struct plan *p, uint32_t service)
{
	return s->core.service[service].stop_post ||
		plan_service(p, service)->exec[EXEC_STOP_POST].count == 0;
}

bool network_return_netdevs(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	if (r->netdev_returner > 0)
		return true;
	if (r->network < 0 || !has_ended(s, p, service))
		return false;
	bool back = plan_service(p, service)->flags & SERVICE_RETURNS_NETDEVS && s->plan_fd >= 0;
	int err = back ? spawn_return_netdevs(s, service, r->network,
						 r->log_write >= 0 ? r->log_write : s->null_fd, &r->netdev_returner)
				   : 0;
	if (err < 0)
		say_lost(s, p, service, err_name(err));
	watch_drop(s, &r->network); /* that process has its own */
	return back && err == 0;
}

int network_given_back(struct pid1 *s, const struct plan *p, int pid, int status)
{
	for (uint32_t i = 0; i < s->core.count; i++) {
		struct runtime *r = &s->runtime[i];
		if (r->netdev_returner != pid)
			continue;
		if (status != 0)
			say_lost(s, p, i, "see its log");
		r->netdev_returner = 0;
		return (int)i;
	}
	return -1;
}
