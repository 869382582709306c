/* SPDX-License-Identifier: MIT
 * A plan as text: see dump.h. Lines are "SUBJECT.FIELD = VALUE"; texts are quoted, so that nothing
 * a file says can pretend to be another line. Walls are opaque here and shown by size and hash,
 * which is enough to see that one changed or is shared.
 */
#include "plan/dump.h"
#include "base/count.h"
#include "base/errname.h"
#include "base/feature.h"
#include "base/hash.h"
#include "plan/names.h"
#include "plan/names.h"
#include <inttypes.h>
#include <sched.h>

struct bit_name {
	uint32_t bit;
	const char *name;
};

static const struct bit_name flag_names[] = {
	{SERVICE_ENABLED, "enabled"},
	{SERVICE_ESSENTIAL, "essential"},
	{SERVICE_REFUSED, "refused"},
	{SERVICE_LOGGER, "logger"},
	{SERVICE_RETURNS, "returns"},
	{SERVICE_ON_DEMAND, "on-demand"},
	{SERVICE_LABELLED, "labelled"},
	{SERVICE_MDWE, "mdwe"},
	{SERVICE_HOST_MOUNTS, "host-mounts"},
	{SERVICE_SETS_USER, "sets-user"},
	{SERVICE_CLEANS, "cleans"},
	{SERVICE_KEEPS, "keeps"},
	{0, NULL},
};
static const struct bit_name socket_flags[] = {
	{SOCKET_ANY, "any"},
	{SOCKET_FREE_BIND, "free-bind"},
	{SOCKET_REUSE_PORT, "reuse-port"},
	{0, NULL},
};
static const struct bit_name clone_names[] = {
	{CLONE_NEWPID, "pid"},
	{CLONE_NEWIPC, "ipc"},
	{CLONE_NEWUTS, "uts"},
	{CLONE_NEWNET, "net"},
	{0, NULL},
};

struct dump {
	const struct plan *plan;
	FILE *out;
	const char *subject; /* what the lines are about: "plan", "machine" or a service's name */
	const char *prefix;  /* "service " before a service's name, which could be "plan" too */
};

static void begin(const struct dump *d, const char *field)
{
	fprintf(d->out, "%s%s.%s = ", d->prefix, d->subject, field);
}

static void put_quoted(const struct dump *d, plan_str s)
{
	const char *text = plan_text(d->plan, s);
	fputc('"', d->out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			fprintf(d->out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(d->out, "\\x%02x", c);
		else
			fputc(c, d->out);
	}
	fputc('"', d->out);
}

static void put_text(const struct dump *d, const char *field, plan_str s)
{
	begin(d, field);
	put_quoted(d, s);
	fputc('\n', d->out);
}

static void put_word(const struct dump *d, const char *field, const char *word)
{
	begin(d, field);
	fprintf(d->out, "%s\n", word);
}

static void put_number(const struct dump *d, const char *field, uint32_t v)
{
	begin(d, field);
	fprintf(d->out, "%" PRIu32 "\n", v);
}

static void put_hex(const struct dump *d, const char *field, uint64_t v)
{
	begin(d, field);
	fprintf(d->out, "0x%" PRIx64 "\n", v);
}

static void put_bits(const struct dump *d, const char *field, uint32_t bits,
	const struct bit_name *names)
{
	begin(d, field);
	fputs(bits ? "" : "none", d->out);
	for (const char *gap = ""; names->name; names++) {
		if (!(bits & names->bit))
			continue;
		fprintf(d->out, "%s%s", gap, names->name);
		gap = " ";
	}
	fputc('\n', d->out);
}

/* "field[3] = ", the beginning of a list's element. */
static void begin_element(const struct dump *d, const char *field, uint32_t i)
{
	fprintf(d->out, "%s%s.%s[%" PRIu32 "] = ", d->prefix, d->subject, field, i);
}

static void put_texts(const struct dump *d, const char *field, struct plan_list list)
{
	const plan_str *s = plan_elements(d->plan, list, sizeof(*s));
	for (uint32_t i = 0; s && i < list.count; i++) {
		begin_element(d, field, i);
		put_quoted(d, s[i]);
		fputc('\n', d->out);
	}
}

static void put_edges(const struct dump *d, struct plan_list list)
{
	const struct plan_edge *e = plan_elements(d->plan, list, sizeof(*e));
	for (uint32_t i = 0; e && i < list.count; i++) {
		const struct plan_service *target = plan_service(d->plan, e[i].target);
		begin_element(d, "edge", i);
		fprintf(d->out, "%s %s\n", plan_name(plan_edges, e[i].kind),
			target ? plan_text(d->plan, target->name) : "?");
	}
}

static void put_conditions(const struct dump *d, struct plan_list list)
{
	const struct plan_condition *c = plan_elements(d->plan, list, sizeof(*c));
	for (uint32_t i = 0; c && i < list.count; i++) {
		begin_element(d, "condition", i);
		fprintf(d->out, "%s%s ", c[i].negate ? "not " : "", plan_name(plan_conditions, c[i].kind));
		put_quoted(d, c[i].value);
		fputc('\n', d->out);
	}
}

static void put_success(const struct dump *d, struct plan_list list)
{
	const uint32_t *status = plan_elements(d->plan, list, sizeof(*status));
	for (uint32_t i = 0; status && i < list.count; i++) {
		begin_element(d, "success", i);
		if (status[i] < 256)
			fprintf(d->out, "exit %" PRIu32 "\n", status[i]);
		else
			fprintf(d->out, "signal %" PRIu32 " %s\n", status[i] - 256,
				sig_name((int)(status[i] - 256)));
	}
}

static void put_commands(const struct dump *d, const char *field, struct plan_list list)
{
	const struct plan_command *c = plan_elements(d->plan, list, sizeof(*c));
	for (uint32_t i = 0; c && i < list.count; i++) {
		const plan_str *word = plan_elements(d->plan, c[i].argv, sizeof(*word));
		begin_element(d, field, i);
		put_quoted(d, c[i].path);
		for (uint32_t k = 0; word && k < c[i].argv.count; k++) {
			fputs(k == 0 ? " argv " : " ", d->out);
			put_quoted(d, word[k]);
		}
		fputs(c[i].flags & COMMAND_IGNORE_FAILURE ? " ignore-failure\n" : "\n", d->out);
	}
}

static void put_stdio(const struct dump *d, const struct plan_service *s)
{
	for (size_t i = 0; i < COUNT(s->stdio); i++) {
		begin(d, plan_standard_streams[i]);
		fprintf(d->out, "%s", plan_name(plan_stdio_kinds, s->stdio[i].kind));
		if (s->stdio[i].path != 0) {
			fputc(' ', d->out);
			put_quoted(d, s->stdio[i].path);
		}
		fputc('\n', d->out);
	}
}

static void put_address(const struct dump *d, const struct plan_socket *s)
{
	size_t n = s->family == SOCKET_IPV4 ? 4 : s->family == SOCKET_IPV6 ? sizeof(s->address) : 0;
	fprintf(d->out, " ");
	for (size_t i = 0; i < n; i++)
		fprintf(d->out, "%02x", s->address[i]);
	if (n)
		fprintf(d->out, " port %u", (unsigned)s->port);
	else if (s->family == SOCKET_ROUTES)
		fprintf(d->out, "protocol %" PRIu32 " groups 0x%" PRIx32, s->protocol, s->groups);
	else
		put_quoted(d, s->path);
}

/* Only where there are some. */
static void put_sockets(const struct dump *d, const struct plan_service *s)
{
	const struct plan_socket *socket = plan_elements(d->plan, s->sockets, sizeof(*socket));
	for (uint32_t i = 0; socket && i < s->sockets.count; i++) {
		begin_element(d, "socket", i);
		fprintf(d->out, "%s %s", plan_name(plan_socket_kinds, socket[i].kind),
			plan_name(plan_socket_families, socket[i].family));
		put_address(d, &socket[i]);
		fprintf(d->out, " device ");
		put_quoted(d, socket[i].device);
		fprintf(d->out, " backlog %" PRIu32 " mode %04o owner %" PRIu32 ":%" PRIu32,
			socket[i].backlog, (unsigned)socket[i].mode, socket[i].uid, socket[i].gid);
		for (const struct bit_name *b = socket_flags; b->name; b++)
			fprintf(d->out, "%s%s", socket[i].flags & b->bit ? " " : "",
				socket[i].flags & b->bit ? b->name : "");
		fputc('\n', d->out);
	}
	if (s->socket_names)
		put_text(d, "socket_names", s->socket_names);
	if (s->socket_context)
		put_text(d, "socket_context", s->socket_context);
}

static void put_walls(const struct dump *d, const struct plan_service *s)
{
	for (unsigned i = 0; i < WALL_COUNT; i++) {
		const void *blob = plan_wall(d->plan, s, (enum plan_wall)i, 1);
		fprintf(d->out, "%s%s.wall.%s = ", d->prefix, d->subject, plan_walls[i]);
		if (blob)
			fprintf(d->out, "%" PRIu32 " bytes %016" PRIx64 "\n", s->wall[i].size,
				hash_bytes(HASH_INIT, blob, s->wall[i].size));
		else
			fputs("none\n", d->out);
	}
}

/* Only where there are some: a plan without is the rule. */
static void put_optional(const struct dump *d, const char *key, uint32_t bits)
{
	if (!bits)
		return;
	begin(d, key);
	for (unsigned i = 0, n = 0; plan_optional_walls[i]; i++)
		if (bits >> i & 1)
			fprintf(d->out, "%s%s", n++ ? " " : "", plan_optional_walls[i]);
	fputc('\n', d->out);
}

static void put_needs(const struct dump *d, uint32_t bits)
{
	if (!bits)
		return;
	begin(d, "needs");
	for (unsigned i = 0, n = 0; i < 32; i++)
		if (bits >> i & 1)
			fprintf(d->out, "%s%s", n++ ? " " : "", feature_name(i));
	fputc('\n', d->out);
}

static void put_ids(const struct dump *d, const struct plan_service *s)
{
	put_number(d, "kernel_uid", s->kernel_uid);
	put_number(d, "kernel_gid", s->kernel_gid);
	if (s->id_base)
		put_number(d, "id_base", s->id_base);
}

static void put_numbers(const struct dump *d, const struct plan_service *s)
{
	begin(d, "kill_signal");
	fprintf(d->out, "%u %s\n", (unsigned)s->kill_signal, sig_name(s->kill_signal));
	begin(d, "notification_fd");
	fprintf(d->out, "%d\n", s->notification_fd);
	put_number(d, "restart_ms", s->restart_ms);
	put_number(d, "restart_max_ms", s->restart_max_ms);
	put_number(d, "start_limit_burst", s->start_limit_burst);
	put_number(d, "start_limit_interval_ms", s->start_limit_interval_ms);
	put_number(d, "start_ms", s->start_ms);
	put_number(d, "stop_ms", s->stop_ms);
	put_number(d, "watchdog_ms", s->watchdog_ms);
}

static void dump_service(struct dump *d, const struct plan_service *s)
{
	put_text(d, "description", s->description);
	put_text(d, "file", s->file);
	put_text(d, "refusal", s->refusal);
	put_bits(d, "flags", s->flags, flag_names);
	put_word(d, "type", plan_name(plan_types, s->type));
	put_word(d, "restart", plan_name(plan_restarts, s->restart));
	put_word(d, "notify_access", plan_name(plan_notify_accesses, s->notify_access));
	put_word(d, "start_limit_action", plan_name(plan_finals, s->start_limit_action));
	put_word(d, "failure_action", plan_name(plan_finals, s->failure_action));
	put_bits(d, "clone_flags", s->clone_flags, clone_names);
	put_optional(d, "optional_walls", s->optional_walls);
	put_optional(d, "left_out", s->absent);
	put_needs(d, s->needs);
	put_ids(d, s);
	if (s->network)
		put_text(d, "network_of", plan_service(d->plan, s->network - 1)->name);
	put_numbers(d, s);
	put_edges(d, s->edges);
	put_conditions(d, s->conditions);
	put_success(d, s->success);
	for (size_t i = 0; i < EXEC_COUNT; i++)
		put_commands(d, plan_exec_lists[i], s->exec[i]);
	put_texts(d, "environment", s->environment);
	put_text(d, "working_directory", s->working_directory);
	put_text(d, "tty", s->tty);
	put_stdio(d, s);
	put_sockets(d, s);
	put_walls(d, s);
}

static void put_mounts(const struct dump *d, struct plan_list list)
{
	const struct plan_mount *m = plan_elements(d->plan, list, sizeof(*m));
	for (uint32_t i = 0; m && i < list.count; i++) {
		const plan_str texts[] = {m[i].source, m[i].target, m[i].type, m[i].options};
		begin_element(d, "mount", i);
		for (size_t k = 0; k < COUNT(texts); k++) {
			put_quoted(d, texts[k]);
			fputc(' ', d->out);
		}
		fprintf(d->out, "0x%" PRIx32 "%s\n", m[i].flags,
			m[i].extra & MOUNT_NOFAIL ? " nofail" : "");
	}
}

static void put_data(const struct dump *d, const struct plan_machine *m)
{
	const plan_str texts[] = {m->data.source, m->data.target, m->data.type, m->data.options};
	if (m->data.target == 0)
		return;
	begin(d, "data");
	for (size_t k = 0; k < COUNT(texts); k++) {
		put_quoted(d, texts[k]);
		fputc(' ', d->out);
	}
	fprintf(d->out, "0x%" PRIx32 "%s\n", m->data.flags,
		m->data.extra & MOUNT_OR_TMPFS ? " or tmpfs" : "");
}

/* Silent where nothing is asked for. */
static void put_storage(const struct dump *d, const struct plan_machine *m)
{
	const struct plan_overlay *o = plan_elements(d->plan, m->overlays, sizeof(*o));
	put_data(d, m);
	for (uint32_t i = 0; o && i < m->overlays.count; i++) {
		begin_element(d, "overlay", i);
		put_quoted(d, o[i].target);
		fputs(o[i].where == OVERLAY_DATA ? " data\n" : " tmpfs\n", d->out);
	}
	put_texts(d, "reset", m->reset);
	if (m->seed_file)
		put_text(d, m->seed_credit ? "seed_credited" : "seed", m->seed_file);
	if (m->mark_good)
		put_text(d, "mark_good", plan_service(d->plan, m->mark_good - 1)->name);
	if (m->mark_good_delay_ms)
		put_number(d, "mark_good_delay_ms", m->mark_good_delay_ms);
	if (m->boot_timeout_ms) {
		put_number(d, "boot_timeout_ms", m->boot_timeout_ms);
		put_word(d, "boot_failure", plan_name(plan_finals, m->boot_failure));
	}
	if (m->rescue_shell != CONFIG_RESCUE_SHELL)
		put_word(d, "rescue_shell", plan_name(plan_rescues, m->rescue_shell));
}

static void dump_machine(const struct dump *d, const struct plan_machine *m)
{
	const struct plan_service *group = plan_service(d->plan, m->default_group);
	const struct plan_pair *pair = plan_elements(d->plan, m->sysctl, sizeof(*pair));
	put_text(d, "hostname", m->hostname);
	put_text(d, "console", m->console);
	put_text(d, "watchdog_device", m->watchdog_device);
	put_number(d, "watchdog_ms", m->watchdog_ms);
	put_number(d, "watchdog_reboot_ms", m->watchdog_reboot_ms);
	put_word(d, "default_group", group ? plan_text(d->plan, group->name) : "none");
	put_number(d, "log_ring_kb", m->log_ring_kb);
	put_word(d, "log_forward", m->log_forward ? "kmsg" : "none");
	for (uint32_t i = 0; pair && i < m->sysctl.count; i++) {
		begin_element(d, "sysctl", i);
		put_quoted(d, pair[i].name);
		fputc(' ', d->out);
		put_quoted(d, pair[i].value);
		fputc('\n', d->out);
	}
	put_texts(d, "module", m->modules);
	put_mounts(d, m->mounts);
	put_texts(d, "fault", m->faults);
	put_storage(d, m);
}

static void dump_header(const struct dump *d, const struct plan_header *h)
{
	put_number(d, "version", h->version);
	put_number(d, "compatible", h->compatible);
	put_hex(d, "arch", h->arch);
	put_number(d, "size", h->size);
	put_hex(d, "digest", h->digest);
	put_hex(d, "checksum", h->checksum);
	put_number(d, "services", h->services.count);
}

void plan_dump(const struct plan *p, FILE *out)
{
	struct dump d = {.plan = p, .out = out, .subject = "plan", .prefix = ""};
	if (!plan_header(p))
		return;
	dump_header(&d, plan_header(p));
	d.subject = "machine";
	dump_machine(&d, &plan_header(p)->machine);
	d.prefix = "service ";
	for (uint32_t i = 0; i < plan_service_count(p); i++) {
		const struct plan_service *s = plan_service(p, i);
		if (!s)
			continue;
		d.subject = plan_text(p, s->name);
		dump_service(&d, s);
	}
}
