/* SPDX-License-Identifier: MIT
 * `bulkctl status SERVICE`: one service in full, for people and as JSON.
 */
#include "base/errname.h"
#include "core/core.h"
#include "ctl/ctl.h"
#include "print/json.h"
#include "ctl/text.h"
#include "plan/names.h"
#include "print/escape.h"
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static const struct plan_service *planned(const struct ctl_world *w, const struct proto_service *s)
{
	return w->plan.base ? plan_service(&w->plan, s->index) : NULL;
}

static void label(const char *text)
{
	printf("  %-12s ", text);
}

static void put_text(const char *name, const char *text)
{
	char safe[1024];
	if (!*text)
		return;
	label(name);
	puts(text_safe(safe, sizeof(safe), text));
}

static void put_state(const struct ctl *c, const struct ctl_world *w, const struct proto_service *s)
{
	char text[64];
	struct fmt f;
	label("state");
	printf("%s%s%s", ctl_colour(c, s->state), core_state_name((enum core_state)s->state),
		ctl_colour_end(c));
	fmt_init(&f, text, sizeof(text));
	if (s->since_ms && s->since_ms <= w->now_ms) {
		text_duration(&f, w->now_ms - s->since_ms);
		printf(" for %s", text);
	}
	putchar('\n');
}

/* The edges of one kind with the state of each target: "requires  network (done), data
 * (failed)". */
static void put_edges(const struct ctl *c, const struct ctl_world *w, const struct plan_service *ps,
	uint32_t kind)
{
	const struct plan_edge *edge = plan_elements(&w->plan, ps->edges, sizeof(*edge));
	uint32_t shown = 0;
	for (uint32_t i = 0; edge && i < ps->edges.count; i++) {
		const struct proto_service *target = ctl_world_find(w, edge[i].target);
		if (edge[i].kind != kind || !target)
			continue;
		if (shown++)
			fputs(", ", stdout);
		else
			label(plan_name(plan_edges, kind));
		printf("%s (%s%s%s)", target->name, ctl_colour(c, target->state),
			core_state_name((enum core_state)target->state), ctl_colour_end(c));
	}
	if (shown)
		putchar('\n');
}

static void put_wall(const struct proto_service *s)
{
	if (!s->failed_errno)
		return;
	label("errno");
	printf("%s, %s\n", err_name(s->failed_errno), err_text(s->failed_errno));
}

static void put_process(const struct proto_service *s)
{
	char text[64];
	struct fmt f;
	if (s->pid > 0 || s->cell_pid > 0) {
		label("process");
		if (s->pid > 0)
			printf("%d", (int)s->pid);
		if (s->cell_pid > 0)
			printf("%s%d", s->pid > 0 ? ", reaped by " : "only its reaper ", (int)s->cell_pid);
		putchar('\n');
	}
	if (s->memory != UINT64_MAX) {
		fmt_init(&f, text, sizeof(text));
		text_size(&f, s->memory);
		put_text("memory", text);
	}
	if (s->last_status != -1) {
		fmt_init(&f, text, sizeof(text));
		text_wait_status(&f, s->last_status);
		put_text("last end", text);
	}
	if (s->log_lost) {
		fmt_init(&f, text, sizeof(text));
		text_size(&f, s->log_lost);
		fmt_str(&f, " of its output, because bulkhead-log was not running");
		put_text("lost", text);
	}
	label("restarts");
	printf("%u\n", (unsigned)s->restarts);
}

void ctl_put_absent(struct fmt *f, const struct proto_service *s)
{
	for (unsigned i = 0; plan_optional_walls[i]; i++)
		if (s->absent >> i & 1)
			fmt_strs(f, f->len && f->buf[f->len - 1] != ' ' ? " " : "", plan_optional_walls[i],
				NULL);
}

static void put_timer(const struct ctl_world *w, const struct proto_service *s)
{
	char text[160];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	ctl_timer_text(&f, w, s);
	put_text("timer", text);
}

static void put_without(const struct proto_service *s)
{
	char text[128];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	ctl_put_absent(&f, s);
	put_text("without", text);
}

static void json_absent(struct json *j, const struct proto_service *s)
{
	json_open(j, "absent", '[');
	for (unsigned i = 0; plan_optional_walls[i]; i++)
		if (s->absent >> i & 1)
			json_text(j, NULL, plan_optional_walls[i]);
	json_close(j, ']');
}

/* PID 1 keeps the beginning of a refusal, with "..." behind it where it was cut; the plan has all
 * of it. */
static const char *whole_why(const struct ctl_world *w, const struct proto_service *s,
	const struct plan_service *ps)
{
	const char *whole = ps && ps->refusal ? plan_text(&w->plan, ps->refusal) : "";
	size_t kept = strlen(s->why);
	if (s->state != SVC_REFUSED || kept == 0)
		return s->why;
	kept -= kept > 3 && strcmp(s->why + kept - 3, "...") == 0 ? 3 : 0;
	return strncmp(whole, s->why, kept) == 0 ? whole : s->why;
}

/* Running, or ended as it should: what the exit status says. */
static int show_status(const struct proto_service *s)
{
	return core_state_is(s->state, STATE_READY) ? CTL_OK : CTL_NOT_RUNNING;
}

int ctl_show(const struct ctl *c, const struct ctl_world *w, const struct proto_service *s,
	struct json *j)
{
	const struct plan_service *ps = planned(w, s);
	if (ctl_json(c)) {
		ctl_show_json(w, s, j);
		return show_status(s);
	}
	printf("%s%s%s\n", c->colour ? "\033[1m" : "", s->name, ctl_colour_end(c));
	if (ps)
		put_text("description", plan_text(&w->plan, ps->description));
	put_state(c, w, s);
	put_text(s->state == SVC_REFUSED   ? "refused"
			: show_status(s) == CTL_OK ? "status"
									   : "because",
		whole_why(w, s, ps));
	put_wall(s);
	put_text("type", plan_name(plan_types, s->type));
	if (s->type != TYPE_GROUP)
		put_process(s);
	put_without(s);
	if (CONFIG_TIMERS && s->timer)
		put_timer(w, s);
	for (uint32_t kind = 0; ps && kind < EDGE_KIND_COUNT; kind++)
		put_edges(c, w, ps, kind);
	if (ps)
		put_text("file", plan_text(&w->plan, ps->file));
	if (s->flags & SERVICE_PENDING)
		put_text("pending", "its file has changed since: restart it to apply that");
	return show_status(s);
}

static void json_last_end(struct json *j, int status)
{
	if (status == -1) {
		json_null(j, "last_end");
		return;
	}
	json_open(j, "last_end", '{');
	if (WIFSIGNALED(status))
		json_text(j, "signal", sig_name(WTERMSIG(status)));
	else
		json_i64(j, "exit", WEXITSTATUS(status));
	json_close(j, '}');
}

static void json_edges(struct json *j, const struct ctl_world *w, const struct plan_service *ps)
{
	const struct plan_edge *edge = plan_elements(&w->plan, ps->edges, sizeof(*edge));
	json_open(j, "depends", '[');
	for (uint32_t i = 0; edge && i < ps->edges.count; i++) {
		const struct proto_service *target = ctl_world_find(w, edge[i].target);
		if (!target)
			continue;
		json_open(j, NULL, '{');
		json_text(j, "how", plan_name(plan_edges, edge[i].kind));
		json_text(j, "service", target->name);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_pid(struct json *j, const char *key, int32_t pid)
{
	if (pid > 0)
		json_i64(j, key, pid);
	else
		json_null(j, key);
}

void ctl_show_json(const struct ctl_world *w, const struct proto_service *s, struct json *j)
{
	const struct plan_service *ps = planned(w, s);
	json_open(j, NULL, '{');
	json_text(j, "service", s->name);
	if (ps)
		json_text(j, "description", plan_text(&w->plan, ps->description));
	json_text(j, "type", plan_name(plan_types, s->type));
	json_text(j, "state", core_state_name((enum core_state)s->state));
	json_u64(j, "since_ms", s->since_ms <= w->now_ms ? w->now_ms - s->since_ms : 0);
	json_pid(j, "pid", s->pid);
	json_pid(j, "reaper", s->cell_pid);
	if (s->memory == UINT64_MAX)
		json_null(j, "memory");
	else
		json_u64(j, "memory", s->memory);
	json_u64(j, "restarts", s->restarts);
	json_u64(j, "log_lost", s->log_lost);
	json_last_end(j, s->last_status);
	if (s->failed_errno)
		json_text(j, "errno", err_name(s->failed_errno));
	json_text(j, "why", whole_why(w, s, ps));
	if (CONFIG_TIMERS && s->timer) {
		json_open(j, "timer", '{');
		ctl_timer_json(w, s, j);
		json_close(j, '}');
	}
	json_absent(j, s);
	json_bool(j, "enabled", s->flags & SERVICE_ENABLED);
	json_bool(j, "essential", s->flags & SERVICE_ESSENTIAL);
	if (s->flags & SERVICE_PENDING)
		json_bool(j, "pending", true);
	if (ps) {
		json_edges(j, w, ps);
		json_text(j, "file", plan_text(&w->plan, ps->file));
	}
	json_close(j, '}');
}
