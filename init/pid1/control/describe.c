/* SPDX-License-Identifier: MIT
 * Services and the machine in the records of the protocol: see describe.h. */
#include "pid1/control/describe.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/span.h"
#include "base/sys.h"
#include "engine/procfs.h"
#include "pid1/boot/rescue.h"
#include "pid1/report.h"
#include "pid1/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static uint64_t first_number(int dir, const char *path)
{
	char text[64];
	uint64_t v;
	struct span s, word;
	int n = sys_read_file(dir, path, text, sizeof(text));
	if (n <= 0)
		return UINT64_MAX;
	s = (struct span){text, strcspn(text, "\n")};
	return span_word(&s, &word) && num_u64(word, UINT64_MAX - 1, &v) == 0 ? v : UINT64_MAX;
}

int describe_kill_main(const struct pid1 *s, uint32_t service, int sig)
{
	const struct slot *sl = &s->runtime[service].slot[SLOT_MAIN];
	int fd = sl->pid > 0 && sl->main > 0 ? sys_pidfd_open(sl->main) : -ESRCH;
	if (fd < 0)
		return fd;
	/* Still the cell's child: the number was not reused before the descriptor stood. */
	int parent = procfs_parent(sl->main);
	int err = parent == sl->pid ? sys_pidfd_send_signal(fd, sig) : parent < 0 ? parent : -ESRCH;
	close(fd);
	return err;
}

static void describe_timer(const struct pid1 *s, uint32_t i, struct proto_service *out)
{
	const struct core_timer *t = core_timer_at(&s->core, i);
	if (!t)
		return;
	out->timer = PROTO_TIMER_THERE | (t->armed ? PROTO_TIMER_ARMED : 0u) |
		(t->armed && !s->core.clock_set ? PROTO_TIMER_WAITS : 0u);
	out->timer_next_ms = t->due_ms;
	out->timer_last_ms = t->elapsed_ms;
	out->timer_last_s = t->last_s;
}

void describe_service(const struct pid1 *s, const struct plan *p, uint32_t i,
	struct proto_service *out)
{
	const struct plan_service *ps = plan_service(p, i);
	const struct core_service *c = &s->core.service[i];
	const struct runtime *r = &s->runtime[i];
	struct fmt f;
	memset(out, 0, sizeof(*out));
	fmt_init(&f, out->name, sizeof(out->name));
	fmt_str(&f, plan_text(p, ps->name));
	out->index = i;
	out->state = c->state;
	out->pid = r->slot[SLOT_MAIN].pid > 0 ? r->slot[SLOT_MAIN].main : 0;
	out->cell_pid = r->slot[SLOT_MAIN].pid;
	out->restarts = c->restarts;
	out->last_status = c->last_status;
	out->failed_errno = c->failed_errno;
	out->since_ms = c->since_ms;
	out->memory = r->group >= 0 ? first_number(r->group, "memory.current") : UINT64_MAX;
	out->log_lost = r->log_lost;
	out->type = ps->type;
	out->flags = ps->flags;
	out->absent = r->absent_group | r->absent_cell | (r->unlabelled ? OPTIONAL_SELINUX : 0u);
	if (CONFIG_TIMERS)
		describe_timer(s, i, out);
	fmt_init(&f, out->why, sizeof(out->why));
	if (c->state == SVC_FAILED || (c->state == SVC_BACKOFF && c->outcome != OUT_SUCCESS) ||
		(c->state == SVC_DOWN && c->displaced))
		report_reason(&f, s, p, i);
	else
		fmt_str(&f, c->state == SVC_REFUSED ? plan_text(p, ps->refusal) : r->why);
}

static uint32_t clients_now(const struct pid1 *s)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++)
		n += s->client[i].state != CLIENT_FREE;
	return n;
}

_Static_assert(sizeof((struct pid1 *)0)->loop_asleep_ms ==
		sizeof((struct proto_machine *)0)->loop_asleep_ms,
	"copied as it is");

void describe_machine(const struct pid1 *s, const struct plan *p, uint32_t uid,
	struct proto_machine *out)
{
	*out = (struct proto_machine){
		.now_ms = now_ms(),
		.services = s->core.count,
		.max_services = CONFIG_MAX_SERVICES,
		.clients = clients_now(s),
		.max_clients = CONFIG_MAX_CLIENTS,
		.plan_ahead = s->plan_source,
		.plan_size = s->plan_size,
		.watchdog_ms = s->watchdog_fd >= 0 ? s->watchdog_ms : 0,
		.watchdog_gap_ms = s->watchdog_gap_ms,
		.selinux = s->selinux,
		.recoveries = s->recoveries,
		.shutting_down = s->core.final,
		.boot_done_ms = s->boot_done_ms,
		.boot_good_ms = s->boot_good_ms,
		.loop_max_ms = s->loop_max_ms,
		.loop_max_in = s->loop_max_in,
		.rescue_shell = uid == 0 ? s->rescue.mode : PROTO_ROOT_ALONE,
	};
	memcpy(out->loop_asleep_ms, s->loop_asleep_ms, sizeof(out->loop_asleep_ms));
	struct fmt f;
	const char *refusal = uid == 0 ? rescue_refusal(s) : NULL;
	fmt_init(&f, out->boot_reason, sizeof(out->boot_reason));
	if (!s->boot_good_ms)
		report_not_good(&f, s, p, rescue_is_dark(s, p));
	fmt_init(&f, out->rescue_refusal, sizeof(out->rescue_refusal));
	fmt_str(&f, refusal ? refusal : "");
}

int describe_refreshed(const struct pid1 *s, const struct client *c)
{
	const struct core_service *sv = &s->core.service[c->cursor];
	return sv->state != SVC_UP ? -ECANCELED : sv->reload_failed ? -ETIMEDOUT : 0;
}

int describe_outcome(const struct pid1 *s, const struct client *c)
{
	const struct core_service *sv = &s->core.service[c->cursor];
	bool ready = core_state_is(sv->state, STATE_READY);
	if (c->verb == PROTO_STOP)
		return sv->stuck || ready ? -EBUSY : 0;
	if (ready || sv->state == SVC_SKIPPED)
		return 0;
	if (sv->state != SVC_DOWN)
		return -EIO;
	return sv->outcome == OUT_SUCCESS && !sv->displaced
		? 0
		: -ECANCELED; /* it has run, and ended well */
}

/* What a service waits for that is in its back-off: by way of those that wait so too. */
static uint32_t staller_of(const struct pid1 *s, const struct plan *p, uint32_t service)
{
	const struct core *c = &s->core;
	for (uint32_t depth = 0; depth < c->count && c->service[service].stalled; depth++) {
		const struct plan_service *ps = plan_service(p, service);
		const struct plan_edge *e = plan_elements(p, ps->edges, sizeof(*e));
		uint32_t next = service;
		for (uint32_t k = 0; e && k < ps->edges.count && next == service; k++)
			if ((e[k].kind == EDGE_REQUIRES || e[k].kind == EDGE_BINDS) && e[k].target < c->count &&
				(c->service[e[k].target].state == SVC_BACKOFF || c->service[e[k].target].stalled))
				next = e[k].target;
		service = next;
	}
	return service;
}

static void describe_stalled(const struct pid1 *s, const struct plan *p, uint32_t service,
	struct fmt *f)
{
	uint32_t by = staller_of(s, p, service);
	fmt_strs(f, "it waits for ", plan_text(p, plan_service(p, by)->name),
		", which has failed and is tried again: ", NULL);
	report_reason(f, s, p, by);
}

void describe_result(const struct pid1 *s, const struct plan *p, const struct client *c, char *text,
	size_t cap)
{
	struct fmt f;
	fmt_init(&f, text, cap);
	if (c->result == -EPERM && c->uid != 0)
		fmt_str(&f,
			c->verb == PROTO_PLAN ? "only root may read the plan"
								  : "only root may change services");
	else if (c->verb == PROTO_RELOAD && c->result == -EBUSY && !s->reload.why[0])
		fmt_str(&f, "another reload is under way");
	else if (c->verb == PROTO_RELOAD && c->result < 0 && s->reload.why[0])
		fmt_str(&f, s->reload.why);
	else if (c->result == PROTO_GOES_ON && c->verb == PROTO_RELOAD)
		fmt_str(&f, "PID 1 cannot keep another waiting client; the reload goes on");
	else if (c->result == PROTO_GOES_ON)
		fmt_strs(&f,
			"PID 1 cannot keep another waiting client; the request goes on, see bulkctl status ",
			plan_text(p, plan_service(p, c->cursor)->name), NULL);
	else if (c->result == PROTO_NO_PLACE)
		fmt_str(&f, "PID 1 has no place left for another client: nothing was asked of it");
	else if (c->result == -ENOENT)
		fmt_str(&f, "no such service");
	else if (c->result == -ENOEXEC)
		fmt_str(&f, "refused: its file has errors (see bulkctl check)");
	else if (c->result == -ENOTTY)
		fmt_str(&f, "it has neither ExecReload nor Type = notify-reload");
	else if (c->result == -ETIMEDOUT && c->verb == PROTO_REFRESH)
		fmt_str(&f, "it has not said in time that it is done");
	else if (c->result == -ESRCH)
		fmt_str(&f, "it has no process");
	else if (c->result == -EIO && c->cursor < s->core.count && s->core.service[c->cursor].stalled)
		describe_stalled(s, p, c->cursor, &f);
	else if (c->result < 0 && c->verb >= PROTO_START && c->verb <= PROTO_RESTART &&
		c->cursor < s->core.count) {
		fmt_strs(&f, core_state_name((enum core_state)s->core.service[c->cursor].state), ": ",
			NULL);
		report_reason(&f, s, p, c->cursor);
	} else if (c->result < 0)
		fmt_strs(&f, err_name(c->result), ": ", err_text(c->result), NULL);
}
