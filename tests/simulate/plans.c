/* SPDX-License-Identifier: MIT
 * Random plans: small graphs without cycles (an edge leads from a service to one earlier in a
 * random order), conflicts between any two, every type and policy, short and long time-outs, lists
 * of commands of which some may fail.
 */
#include "plan/write.h"
#include "simulate/random.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAN_BYTES (256 * 1024)
#define PLAN_STRINGS (16 * 1024)

static _Alignas(8) unsigned char plan_bytes[PLAN_BYTES];
static char plan_strings[PLAN_STRINGS];

static struct plan_list random_commands(struct sim *s, struct plan_writer *w, uint32_t count)
{
	struct plan_command commands[4];
	memset(commands, 0, sizeof(commands));
	for (uint32_t i = 0; i < count; i++) {
		plan_str path = plan_write_text(w, "/bin/x");
		commands[i].path = path;
		commands[i].flags = random_chance(s, 30) ? COMMAND_IGNORE_FAILURE : 0;
		commands[i].argv = plan_write_list(w, &path, sizeof(path), 1);
	}
	return plan_write_list(w, commands, sizeof(*commands), count);
}

static void random_exec(struct sim *s, struct plan_writer *w, struct plan_service *ps)
{
	static const uint8_t percent[EXEC_COUNT] =
		{[EXEC_PRE] = 30, [EXEC_POST] = 20, [EXEC_STOP] = 25, [EXEC_STOP_POST] = 25};
	if (ps->type == TYPE_GROUP)
		return;
	for (uint32_t list = 0; list < EXEC_COUNT; list++)
		if (random_chance(s, percent[list]))
			ps->exec[list] = random_commands(s, w, 1 + random_below(s, 3));
	ps->exec[EXEC_START] = random_commands(s, w,
		ps->type == TYPE_ONESHOT ? 1 + random_below(s, 3) : 1);
}

static void random_policy(struct sim *s, struct plan_writer *w, struct plan_service *ps)
{
	static const uint32_t success[] = {3, 256 + 15, 256 + 2};
	static const uint32_t prevent[] = {1, 256 + 9, 0}, force[] = {0, 256 + 15, 1};
	ps->type = (uint8_t)RANDOM_OF(s, TYPE_SIMPLE, TYPE_SIMPLE, TYPE_SIMPLE, TYPE_NOTIFY,
		TYPE_ONESHOT, TYPE_GROUP);
	ps->restart = (uint8_t)random_below(s, RESTART_COUNT);
	ps->notify_access = NOTIFY_MAIN;
	ps->kill_signal = (uint8_t)RANDOM_OF(s, 15, 15, 15, 2, 1);
	if (random_chance(s, 4))
		ps->failure_action = (uint8_t)random_below(s, FINAL_COUNT);
	if (random_chance(s, 4))
		ps->start_limit_action = (uint8_t)random_below(s, FINAL_COUNT);
	ps->notification_fd = -1;
	ps->restart_ms = RANDOM_OF(s, 0, 1, 10, 100, 100, 1000);
	ps->restart_max_ms = ps->restart_ms * RANDOM_OF(s, 1, 1, 2, 5, 30, 300);
	ps->start_limit_burst = RANDOM_OF(s, 0, 1, 2, 3, 5, 5);
	ps->start_limit_interval_ms = RANDOM_OF(s, 0, 1000, 10000, 60000);
	ps->start_ms = RANDOM_OF(s, 500, 2000, 2000, 30000, 30000, UINT32_MAX);
	ps->stop_ms = random_chance(s, 3) ? UINT32_MAX : RANDOM_OF(s, 0, 100, 1000, 1000, 5000);
	ps->watchdog_ms = ps->type == TYPE_ONESHOT || ps->type == TYPE_GROUP
		? 0
		: RANDOM_OF(s, 0, 0, 0, 500, 3000);
	if (random_chance(s, 50) && (ps->type == TYPE_SIMPLE || ps->type == TYPE_NOTIFY))
		ps->reload_signal = 1;
	if (random_chance(s, 20))
		ps->success = plan_write_list(w, success, sizeof(*success), 1 + random_below(s, 3));
	if (random_chance(s, 15))
		ps->restart_prevent = plan_write_list(w, prevent, sizeof(*prevent), 1 + random_below(s, 3));
	if (random_chance(s, 15))
		ps->restart_force = plan_write_list(w, force, sizeof(*force), 1 + random_below(s, 3));
	if (random_chance(s, 10)) {
		ps->runtime_ms = RANDOM_OF(s, 700, 5000, 40000);
		ps->runtime_extra_ms = RANDOM_OF(s, 0, 0, 3000);
	}
}

static void random_edges(struct sim *s, struct plan_writer *w, struct plan_service *ps,
	const uint16_t *order, uint32_t place)
{
	struct plan_edge edges[CONFIG_MAX_EDGES];
	bool large = s->count > 8;
	uint32_t count = 0;
	for (uint32_t i = 0; i < s->count && count < CONFIG_MAX_EDGES; i++) {
		uint32_t kind = RANDOM_OF(s, EDGE_AFTER, EDGE_WANTS, EDGE_REQUIRES, EDGE_REQUIRES,
			EDGE_BINDS);
		if (i == place)
			continue;
		if (random_chance(s, large ? 1 : 3))
			edges[count++] = (struct plan_edge){order[i], EDGE_CONFLICTS};
		else if (i < place && random_chance(s, large ? 8 : 30))
			edges[count++] = (struct plan_edge){order[i], (uint16_t)kind};
	}
	ps->edges = plan_write_list(w, edges, sizeof(*edges), count);
}

static void random_demand(struct sim *s, struct plan_writer *w, struct plan_service *ps)
{
	struct plan_socket socket = {.kind = SOCKET_STREAM,
		.family = SOCKET_PATH,
		.path = plan_write_text(w, "/run/x")};
	bool stays = ps->type == TYPE_SIMPLE || ps->type == TYPE_NOTIFY;
	if (!stays || !random_chance(s, 25))
		return;
	ps->sockets = plan_write_list(w, &socket, sizeof(socket), 1);
	ps->flags |= SERVICE_ON_DEMAND;
}

static void random_service(struct sim *s, struct plan_writer *w, const uint16_t *order,
	uint32_t place)
{
	struct plan_service ps;
	char name[16];
	memset(&ps, 0, sizeof(ps));
	snprintf(name, sizeof(name), "s%u", order[place]);
	ps.name = plan_write_text(w, name);
	ps.file = plan_write_text(w, "/x.ini");
	random_policy(s, w, &ps);
	random_exec(s, w, &ps);
	random_edges(s, w, &ps, order, place);
	ps.flags = random_chance(s, 75) ? SERVICE_ENABLED : 0;
	if (random_chance(s, 20))
		ps.flags |= SERVICE_ESSENTIAL;
	ps.flags |= RANDOM_OF(s, 0u, 0u, SERVICE_CLEANS, SERVICE_CLEANS | SERVICE_KEEPS);
	if (ps.reload_signal && ps.type == TYPE_NOTIFY)
		ps.flags |= SERVICE_RELOADS;
	if (place == 0 && random_chance(s, 15))
		ps.flags |= SERVICE_LOGGER; /* is of every boot, whatever group is asked for */
	if (random_chance(s, 5)) {
		ps.flags |= SERVICE_REFUSED;
		ps.refusal = plan_write_text(w, "/x.ini:1: nonsense");
	}
	if (!(ps.flags & SERVICE_LOGGER))
		random_demand(s, w, &ps);
	plan_write_service(w, order[place], &ps);
}

/* Makes s->plan. One that plan_open does not take is a mistake of this file. */
void plans_make(struct sim *s)
{
	struct plan_writer w;
	struct plan_machine machine;
	uint16_t order[SIM_SERVICES];
	memset(&machine, 0, sizeof(machine));
	s->count = random_chance(s, 1) ? SIM_SERVICES : 1 + random_below(s, 8);
	plan_write_begin(&w, plan_bytes, sizeof(plan_bytes), plan_strings, sizeof(plan_strings),
		s->count);
	random_order(s, order); /* edges lead one way only */
	for (uint32_t i = 0; i < s->count; i++)
		random_service(s, &w, order, i);
	machine.watchdog_reboot_ms = RANDOM_OF(s, 0, 0, 1000, 10000, 120000);
	machine.default_group = random_chance(s, 80) ? UINT32_MAX : random_below(s, s->count);
	size_t size = plan_write_end(&w, &machine, plan_native_arch(), 1);
	enum plan_error e = size ? plan_open(&s->plan, plan_bytes, size, 0) : PLAN_TOO_SMALL;
	if (e == PLAN_OK)
		return;
	fprintf(stderr, "simulate: seed %llu: the random plan is not valid: %s\n",
		(unsigned long long)s->seed, plan_error_text(e));
	exit(2);
}

uint32_t plans_edges(const struct sim *s, uint32_t i, const struct plan_edge **edges)
{
	const struct plan_service *ps = plan_service(&s->plan, i);
	*edges = plan_elements(&s->plan, ps->edges, sizeof(**edges));
	return *edges ? ps->edges.count : 0;
}
