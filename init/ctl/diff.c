/* SPDX-License-Identifier: MIT
 * `bulkctl diff`: see diff.h.
 */
#include "ctl/diff.h"
#include "ctl/diff_names.h"
#include "print/escape.h"
#include "print/json.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct view {
	const struct ctl *c;
	const struct plan *a, *b;
	struct json j;
	struct diff_counts *counts;
};

static bool is_asked(const struct ctl *c, const char *name)
{
	bool asked = c->count == 0;
	for (int i = 0; i < c->count && !asked; i++)
		asked = strcmp(c->names[i], name) == 0;
	return asked;
}

static void put_head(struct view *v, const char *name, const char *how, const char *needs)
{
	char safe[512];
	if (!ctl_json(v->c)) {
		printf("%s: %s%s%s\n", name, how, *needs ? ": " : "", text_safe(safe, sizeof(safe), needs));
		return;
	}
	json_open(&v->j, NULL, '{');
	json_text(&v->j, "service", name);
	json_text(&v->j, "how", how);
	if (*needs)
		json_text(&v->j, "takes", needs);
}

static void put_end(struct view *v)
{
	if (ctl_json(v->c))
		json_close(&v->j, '}');
}

static void put_change(void *context, const struct renew_change *change)
{
	struct view *v = context;
	if (ctl_json(v->c)) {
		json_row(&v->j, NULL, '{');
		json_text(&v->j, "what", diff_name(change));
		json_bool(&v->j, "restart", change->class == RENEW_RESTART);
		if (change->file) {
			json_text(&v->j, "before", change->before);
			json_text(&v->j, "after", change->after);
		}
		json_close(&v->j, '}');
	} else if (change->file) {
		printf("  %s: %s -> %s\n", change->file, *change->before ? change->before : "none",
			change->after);
	} else {
		printf("  %s\n", diff_name(change));
	}
}

static void put_setting(void *context, const struct renew_change *change)
{
	struct view *v = context;
	if (ctl_json(v->c))
		json_text(&v->j, NULL, diff_setting(change));
	else
		printf("  %s\n", diff_setting(change));
}

static bool is_refused(const struct plan_service *s)
{
	return s->flags & SERVICE_REFUSED;
}

static void put_both(struct view *v, const struct plan_service *x, const struct plan_service *y)
{
	const char *name = plan_text(v->a, x->name);
	enum renew_class class = renew_compare(v->a, x, v->b, y, NULL, NULL);
	if (class == RENEW_SAME)
		return;
	if (is_refused(y) && !is_refused(x)) {
		v->counts->refused++;
		put_head(v, name, "refused", plan_text(v->b, y->refusal));
		put_end(v);
		return;
	}
	v->counts->changed++;
	put_head(v, name, "changed",
		class == RENEW_RESTART ? "takes a restart" : "takes effect at once");
	if (ctl_json(v->c))
		json_open(&v->j, "changes", '[');
	renew_compare(v->a, x, v->b, y, put_change, v);
	if (ctl_json(v->c))
		json_close(&v->j, ']');
	put_end(v);
}

static void put_alone(struct view *v, const struct plan *p, const struct plan_service *s,
	bool added)
{
	bool refused = added && is_refused(s);
	*(refused ? &v->counts->refused : added ? &v->counts->added : &v->counts->removed) += 1;
	put_head(v, plan_text(p, s->name),
		refused     ? "refused"
			: added ? "new"
					: "removed",
		refused ? plan_text(p, s->refusal) : "");
	put_end(v);
}

static void put_machine(struct view *v)
{
	v->counts->machine = v->c->count == 0 && renew_compare_machine(v->a, v->b, NULL, NULL);
	if (!v->counts->machine)
		return;
	if (ctl_json(v->c)) {
		json_open(&v->j, NULL, '{');
		json_text(&v->j, "how", "machine");
		json_open(&v->j, "changes", '[');
	} else {
		puts("the machine: takes effect at the next boot");
	}
	renew_compare_machine(v->a, v->b, put_setting, v);
	if (ctl_json(v->c)) {
		json_close(&v->j, ']');
		json_close(&v->j, '}');
	}
}

void diff_print(const struct ctl *c, const struct plan *a, const struct plan *b,
	struct diff_counts *counts)
{
	struct view v = {.c = c, .a = a, .b = b, .j = {.out = stdout}, .counts = counts};
	*counts = (struct diff_counts){0};
	if (ctl_json(c))
		json_open(&v.j, NULL, '[');
	for (uint32_t i = 0; i < plan_service_count(a); i++) {
		const struct plan_service *s = plan_service(a, i);
		int at = renew_index(a, i, b);
		if (!is_asked(c, plan_text(a, s->name)))
			continue;
		if (at < 0)
			put_alone(&v, a, s, false);
		else
			put_both(&v, s, plan_service(b, (uint32_t)at));
	}
	for (uint32_t i = 0; i < plan_service_count(b); i++) {
		const struct plan_service *s = plan_service(b, i);
		if (renew_index(b, i, a) < 0 && is_asked(c, plan_text(b, s->name)))
			put_alone(&v, b, s, true);
	}
	put_machine(&v);
	if (ctl_json(c))
		json_close(&v.j, ']');
}

static int check_names(const struct ctl *c, const struct plan *a, const struct plan *b)
{
	for (int i = 0; i < c->count; i++)
		if (plan_find(a, c->names[i]) < 0 && plan_find(b, c->names[i]) < 0)
			return ctl_no_service(c, c->names[i]);
	return CTL_OK;
}

int ctl_diff(const struct ctl *c)
{
	struct ctl_world w;
	struct plan now;
	struct diff_counts n;
	int err = ctl_world_get(c, &w);
	if (err)
		return err;
	if (!w.plan.base)
		return ctl_complain(c, NULL, -EPERM, "the plan in force is needed for that");
	err = diff_compile(c, &now);
	if (!err)
		err = check_names(c, &w.plan, &now);
	if (err)
		return err;
	diff_print(c, &w.plan, &now, &n);
	return n.changed + n.added + n.removed + n.refused || n.machine ? CTL_DIFFERS : CTL_OK;
}
