/* SPDX-License-Identifier: MIT
 * The last step: writes the plan from what was read and checked. The plan's own checker is called
 * at the end.
 */
#include "compile/emit/emit.h"
#include "compile/emit/context.h"
#include "compile/machine/machine.h"
#include "plan/plan.h"
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAN_BYTES (CONFIG_MAX_PLAN_KB * 1024u)

static struct plan_list encode_texts(struct plan_writer *w, char *const *text, size_t count)
{
	plan_str list[PLAN_MAX_ARGV + 1];
	if (count > PLAN_MAX_ARGV) {
		w->full = true;
		return (struct plan_list){0};
	}
	for (size_t i = 0; i < count; i++)
		list[i] = plan_write_text(w, text[i]);
	return plan_write_list(w, list, sizeof(list[0]), count);
}

static struct plan_list encode_spans(struct plan_writer *w, const struct span *text, size_t count)
{
	plan_str list[UNIT_MAX_ENVIRONMENT];
	for (size_t i = 0; i < count; i++)
		list[i] = plan_write_span(w, text[i]);
	return plan_write_list(w, list, sizeof(list[0]), count);
}

static struct plan_list encode_commands(struct plan_writer *w, const struct service *s, int which)
{
	struct plan_command list[UNIT_MAX_COMMANDS];
	for (size_t i = 0; i < s->exec_count[which]; i++) {
		const struct command *c = &s->exec[which][i];
		list[i] = (struct plan_command){
			.path = plan_write_text(w, c->path),
			.flags = (c->ignore_failure ? COMMAND_IGNORE_FAILURE : 0u) |
				(s->unit.environment_files ? COMMAND_EXPAND : 0u),
			.argv = encode_texts(w, c->argv, c->argc),
		};
	}
	return plan_write_list(w, list, sizeof(list[0]), s->exec_count[which]);
}

static struct plan_list encode_conditions(struct plan_writer *w, const struct unit_conf *u)
{
	struct plan_condition list[UNIT_MAX_CONDITIONS];
	for (size_t i = 0; i < u->conditions; i++)
		list[i] = (struct plan_condition){.kind = u->condition[i].kind,
			.negate = u->condition[i].negate,
			.value = plan_write_span(w, u->condition[i].value)};
	return plan_write_list(w, list, sizeof(list[0]), u->conditions);
}

static struct plan_list encode_statuses(struct plan_writer *w, const struct status_list *l)
{
	return plan_write_list(w, l->code, sizeof(l->code[0]), l->count);
}

/* A wall that stands by default is missed without a line about it. */
static uint32_t absent_of(const struct service *s)
{
	bool landlock = CONFIG_LANDLOCK || s->unit.type == TYPE_GROUP ||
		!(s->namespaces.own & NS_MOUNT);
	return s->absent | (landlock ? 0u : OPTIONAL_LANDLOCK);
}

/* What the rest of the plan has to know of a wall. */
static void encode_flags(const struct service *s, const struct wall_context *c,
	struct plan_service *p)
{
	p->kernel_uid = c->kernel_uid;
	p->kernel_gid = c->kernel_gid;
	p->id_base = c->own_user ? s->id_base : 0;
	p->flags |= c->own_mounts ? 0u : SERVICE_HOST_MOUNTS;
	p->flags |= filesystem_service_flags(&s->filesystem);
	p->flags |= c->bounding >> CAP_SETUID & 1 ? SERVICE_SETS_USER : 0;
	p->flags |= seccomp_no_exec_gain(&s->seccomp) ? SERVICE_MDWE : 0;
	p->network = c->network_kept ? s->index + 1 : s->network_of;
	p->flags |= c->network_kept && s->network.interfaces ? SERVICE_RETURNS_NETDEVS : 0;
	if (s->network.mode == NETWORK_PRIVATE && !c->network_kept && !c->network_owned)
		p->clone_flags |= CLONE_NEWNET;
}

static void encode_walls(struct plan_writer *w, const struct service *s, struct plan_service *p)
{
	const struct wall_context *context = context_of(s);
	encode_flags(s, context, p);
#define ENCODE(NAME, name) p->wall[WALL_##NAME] = name##_encode(&s->name, context, w);
	PLAN_WALLS(ENCODE)
}

static void encode_running(struct plan_writer *w, const struct service *s, struct plan_service *p)
{
	const struct unit_conf *u = &s->unit;
	for (int which = 0; which < EXEC_COUNT; which++)
		p->exec[which] = encode_commands(w, s, which);
	p->conditions = encode_conditions(w, u);
	p->success = encode_statuses(w, &u->statuses[STATUSES_SUCCESS]);
	p->restart_prevent = encode_statuses(w, &u->statuses[STATUSES_PREVENT]);
	p->restart_force = encode_statuses(w, &u->statuses[STATUSES_FORCE]);
	p->environment = encode_texts(w, s->environment, s->environment_count);
	p->environment_files = encode_spans(w, u->environment_file, u->environment_files);
	p->unset = encode_spans(w, u->unset, u->unset_count);
	p->working_directory = plan_write_span(w, u->working_directory);
	p->tty = plan_write_span(w, u->tty);
	for (int fd = 0; fd < 3; fd++) {
		bool tty = u->stdio[fd].kind == STDIO_TTY;
		p->stdio[fd] = (struct plan_stdio){.kind = u->stdio[fd].kind,
			.path = plan_write_span(w, tty ? u->tty : u->stdio[fd].path)};
	}
	sockets_encode(s, p, w);
	if (CONFIG_TIMERS)
		p->timer = timer_encode(&s->timer, w);
	p->clone_flags = namespaces_clone_flags(&s->namespaces);
	encode_walls(w, s, p);
}

/* A process that is not there cannot be told. */
static int reload_signal_of(const struct unit_conf *u)
{
	bool stays = u->type == TYPE_SIMPLE || u->type == TYPE_NOTIFY;
	int sig = u->notifies_reload && !u->reload_signal ? SIGHUP : u->reload_signal;
	return stays ? sig : 0;
}

static struct plan_service encode(struct plan_writer *w, const struct service *s)
{
	const struct unit_conf *u = &s->unit;
	bool refused = s->diag.errors > 0;
	struct plan_service p = {
		.name = plan_write_text(w, s->name),
		.description = plan_write_span(w, u->description),
		.file = plan_write_text(w, s->file),
		.refusal = refused ? plan_write_text(w, s->diag.public_first) : 0,
		.flags = (u->enabled ? SERVICE_ENABLED : 0u) | (u->essential ? SERVICE_ESSENTIAL : 0u) |
			(refused ? SERVICE_REFUSED : 0u) | (s->logger ? SERVICE_LOGGER : 0u) |
			(u->notifies_reload ? SERVICE_RELOADS : 0u),
		.type = (uint8_t)u->type,
		.restart = (uint8_t)u->restart,
		.notify_access = (uint8_t)u->notify_access,
		.kill_signal = (uint8_t)u->kill_signal,
		.reload_signal = (uint8_t)reload_signal_of(u),
		.start_limit_action = (uint8_t)u->start_limit_action,
		.failure_action = (uint8_t)u->failure_action,
		.notification_fd = (int8_t)u->notification_fd,
		.restart_ms = u->restart_ms,
		.restart_max_ms = u->restart_max_ms,
		.start_limit_burst = u->start_limit_burst,
		.start_limit_interval_ms = u->start_limit_interval_ms,
		.start_ms = u->start_ms,
		.stop_ms = u->stop_ms,
		.watchdog_ms = u->watchdog_ms,
		.runtime_ms = u->runtime_ms,
		.runtime_extra_ms = u->runtime_extra_ms,
		.optional_walls = u->optional_walls,
		.needs = s->needs,
		.absent = refused ? 0 : absent_of(s),
		.edges = plan_write_list(w, s->edge, sizeof(s->edge[0]), s->edges),
	};
	/* Of one that never runs only what is shown, and what others' order needs, is kept: half a
	 * wall must not even exist. */
	if (!refused && u->type != TYPE_GROUP)
		encode_running(w, s, &p);
	else if (!refused) /* a group's limits are those of the services whose Slice it is */
		p.wall[WALL_CGROUP] = cgroup_encode(&s->cgroup, NULL, w);
	return p;
}

size_t emit_plan(const struct set *set, struct machine *m, uint32_t arch, uint64_t digest,
	unsigned char **bytes)
{
	static struct plan_writer w;
	unsigned char *buf = aligned_alloc(8, PLAN_BYTES);
	char *strings = malloc(PLAN_BYTES);
	struct plan_machine machine;
	struct plan check;
	size_t size;
	if (!buf || !strings)
		return 0;
	plan_write_begin(&w, buf, PLAN_BYTES, strings, PLAN_BYTES, (uint32_t)set->count);
	for (uint32_t i = 0; i < set->count; i++) {
		set->service[i]->index = i;
		struct plan_service s = encode(&w, set->service[i]);
		plan_write_service(&w, i, &s);
	}
	machine_encode(m, set, &machine, &w);
	size = plan_write_end(&w, &machine, arch, digest);
	free(strings);
	if (size == 0) {
		fprintf(stderr, "bulkhead-compile: the plan does not fit into %d kB (CONFIG_MAX_PLAN_KB)\n",
			CONFIG_MAX_PLAN_KB);
		return 0;
	}
	/* What PID 1 would refuse must not be written. */
	enum plan_error e = plan_open(&check, buf, size, arch);
	if (e != PLAN_OK) {
		fprintf(stderr, "bulkhead-compile: made a plan that cannot be read: %s\n",
			plan_error_text(e));
		return 0;
	}
	*bytes = buf;
	return size;
}
