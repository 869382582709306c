/* SPDX-License-Identifier: MIT
 * `bulkctl reload`: the service files as they are now are put in force.
 */
#include "ctl/diff.h"
#include "ctl/request.h"
#include <errno.h>
#include <stdio.h>

/* One request for each service that is named, or one for all. */
static int ask_reload(const struct ctl *c)
{
	int i = 0, result = CTL_OK;
	do {
		const char *name = c->count ? c->names[i] : NULL;
		struct proto_reply end;
		int err = ctl_ask(c, PROTO_RELOAD, c->apply, name, REQUEST_FOREVER, &end, NULL, NULL);
		/* one that is new is in force since the first request, and not known before */
		if (err)
			result = ctl_complain(c, name, err, end.text);
	} while (++i < c->count && result == CTL_OK);
	return result;
}

/* These are to read their own configuration. */
static int refresh(const struct ctl *c)
{
	struct ctl each = *c;
	each.value = PROTO_REFRESH;
	return ctl_change(&each);
}

/* Who goes on as it was started. */
static int tell_pending(const struct ctl *c)
{
	struct ctl_world w;
	int err = ctl_world_get(c, &w);
	for (uint32_t i = 0; !err && !ctl_json(c) && i < w.count; i++)
		if (w.services[i].flags & SERVICE_PENDING)
			printf("%s: goes on as it was started; bulkctl restart %s\n", w.services[i].name,
				w.services[i].name);
	return err;
}

int ctl_reload(const struct ctl *c)
{
	struct ctl_world w;
	struct plan now;
	struct diff_counts n;
	struct ctl all = *c;
	if (c->count && !c->apply)
		return refresh(c);
	int err = ctl_world_get(c, &w);
	if (err)
		return err;
	if (!w.plan.base)
		return ctl_complain(c, NULL, -EPERM, "only root may change services");
	err = diff_compile(c, &now);
	if (err)
		return err;
	all.count = 0;
	diff_print(&all, &w.plan, &now, &n);
	if (n.refused)
		return ctl_complain(c, NULL, -ENOEXEC, "nothing is changed: a file has errors");
	err = ask_reload(c);
	return err ? err : tell_pending(c);
}
