/* SPDX-License-Identifier: MIT
 * The sample plan: see plan_sample.h.
 */
#include "unit/plan_sample.h"
#include "base/hash.h"
#include "plan/write.h"
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define CHECKED_FROM (offsetof(struct plan_header, checksum) + sizeof(uint64_t))
#define LIST(w, array) \
	plan_write_list((w), (array), sizeof((array)[0]), sizeof(array) / sizeof((array)[0]))

static struct plan_writer writer;

static struct plan_list command(struct plan_writer *w, const char *path, const char *argument,
	uint32_t flags)
{
	const plan_str argv[] = {plan_write_text(w, path), plan_write_text(w, argument)};
	const struct plan_command c = {.path = argv[0], .flags = flags, .argv = LIST(w, argv)};
	return plan_write_list(w, &c, sizeof(c), 1);
}

static struct plan_service plain(struct plan_writer *w, const char *name, enum plan_type type)
{
	struct plan_service s = {
		.name = plan_write_text(w, name),
		.file = plan_write_text(w, "/usr/lib/bulkhead/services.d/x.ini"),
		.flags = SERVICE_ENABLED,
		.type = (uint8_t)type,
		.restart = RESTART_ON_FAILURE,
		.kill_signal = 15,
		.notification_fd = -1,
		.stop_ms = 10000,
	};
	if (type != TYPE_GROUP)
		s.exec[EXEC_START] = command(w, "/bin/true", name, 0);
	return s;
}

static void fill_lists(struct plan_writer *w, struct plan_service *s)
{
	const struct plan_edge edges[] = {{SAMPLE_NETWORK, EDGE_REQUIRES}, {SAMPLE_LOG, EDGE_AFTER},
		{SAMPLE_BROKEN, EDGE_CONFLICTS}};
	const struct plan_condition conditions[] = {
		{COND_PATH_EXISTS, 0, plan_write_text(w, "/etc/nginx.conf")},
		{COND_FIRST_BOOT, 1, 0},
	};
	const uint32_t success[] = {143, 256 + 15};
	const plan_str environment[] = {plan_write_text(w, "LANG=C"), plan_write_text(w, "EMPTY=")};
	s->edges = LIST(w, edges);
	s->conditions = LIST(w, conditions);
	s->success = LIST(w, success);
	s->environment = LIST(w, environment);
	s->exec[EXEC_PRE] = command(w, "/usr/sbin/nginx", "-t", COMMAND_IGNORE_FAILURE);
	s->exec[EXEC_START] = command(w, "/usr/sbin/nginx", "-g \"daemon off;\"", 0);
	s->exec[EXEC_STOP_POST] = command(w, "/bin/rm", "", 0);
}

static void fill_sockets(struct plan_writer *w, struct plan_service *s)
{
	const struct plan_socket sockets[] = {
		{.kind = SOCKET_STREAM,
			.family = SOCKET_PATH,
			.path = plan_write_text(w, "/run/nginx"),
			.mode = 0660,
			.gid = 33,
			.backlog = 5},
		{.kind = SOCKET_DATAGRAM,
			.family = SOCKET_IPV4,
			.port = 53,
			.flags = SOCKET_FREE_BIND,
			.device = plan_write_text(w, "eth0"),
			.address = {127, 0, 0, 1}},
		{.kind = SOCKET_NETLINK, .family = SOCKET_ROUTES, .protocol = 15, .groups = 1},
	};
	s->sockets = LIST(w, sockets);
	s->socket_names = plan_write_text(w, "LISTEN_FDNAMES=a:b:c");
	s->socket_context = plan_write_text(w, "system_u:object_r:s_t:s0");
}

static void fill_timer(struct plan_writer *w, struct plan_service *s)
{
	const struct plan_timer_line lines[] = {{TIMER_BOOT, 300000}, {TIMER_UNIT_ACTIVE, 1000}};
	const struct plan_calendar calendars[] = {{.year = {0xffffffff, 1},
		.second = {1},
		.minute = {1, 1},
		.hour = 1 << 10,
		.day_last = 2,
		.month = 1 << 12,
		.weekday = 127}};
	const struct plan_timer timer[] = {{.lines = LIST(w, lines),
		.calendars = LIST(w, calendars),
		.random_ms = 10000,
		.accuracy_ms = 60000,
		.flags = TIMER_FLAGS_ALL}};
	s->timer = LIST(w, timer);
}

static struct plan_service full(struct plan_writer *w)
{
	struct plan_service s = plain(w, "nginx", TYPE_NOTIFY);
	fill_lists(w, &s);
	s.description = plan_write_text(w, "web server\nwith a \\ and \x01");
	s.flags |= SERVICE_ESSENTIAL | SERVICE_MDWE;
	s.restart = RESTART_ALWAYS;
	s.notify_access = NOTIFY_ALL;
	s.start_limit_action = FINAL_REBOOT;
	s.failure_action = FINAL_RESCUE;
	s.notification_fd = 5;
	s.clone_flags = (uint32_t)(CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET);
	s.kernel_uid = 473891816;
	s.id_base = 473890816;
	s.kernel_gid = 473891817;
	s.restart_ms = 100;
	s.restart_max_ms = 30000;
	s.start_limit_burst = 5;
	s.start_limit_interval_ms = 60000;
	s.start_ms = UINT32_MAX;
	s.watchdog_ms = 5000;
	s.working_directory = plan_write_text(w, "/var/www");
	s.tty = plan_write_text(w, "/dev/ttyS0");
	s.stdio[1] = (struct plan_stdio){STDIO_FILE, plan_write_text(w, "/run/out")};
	s.stdio[2] = (struct plan_stdio){STDIO_TTY, s.tty};
	fill_sockets(w, &s);
	fill_timer(w, &s);
	for (unsigned i = 0; i < WALL_COUNT; i++) {
		char blob[32];
		memset(blob, (int)('A' + i), sizeof(blob));
		s.wall[i] = plan_write_blob(w, blob, 3 + i);
	}
	return s;
}

static struct plan_machine machine(struct plan_writer *w)
{
	const struct plan_pair sysctl[] = {
		{plan_write_text(w, "kernel/panic"), plan_write_text(w, "10")}};
	const plan_str modules[] = {plan_write_text(w, "/lib/modules/virtio.ko"),
		plan_write_text(w, "/lib/modules/net.ko")};
	const struct plan_mount mounts[] = {
		{plan_write_text(w, "/dev/vda2"), plan_write_text(w, "/data"), plan_write_text(w, "ext4"),
			0, 2, MOUNT_NOFAIL},
	};
	const struct plan_overlay overlays[] = {{plan_write_text(w, "/etc"), OVERLAY_DATA},
		{plan_write_text(w, "/root"), OVERLAY_TMPFS}};
	const plan_str reset[] = {plan_write_text(w, "/data/wipe"), plan_write_text(w, "wipe")};
	const plan_str faults[] = {plan_write_text(w, "/etc/fstab:3: it is wrong")};
	return (struct plan_machine){
		.faults = LIST(w, faults),
		.hostname = plan_write_text(w, "router"),
		.console = plan_write_text(w, "/dev/ttyS0"),
		.watchdog_device = plan_write_text(w, "/dev/watchdog"),
		.watchdog_ms = 30000,
		.watchdog_reboot_ms = 60000,
		.default_group = SAMPLE_BOOT,
		.log_ring_kb = 32,
		.log_forward = 1,
		.sysctl = LIST(w, sysctl),
		.modules = LIST(w, modules),
		.mounts = LIST(w, mounts),
		.data = {plan_write_text(w, "/dev/vda3"), plan_write_text(w, "/data"),
			plan_write_text(w, "ext4"), 0, 8, MOUNT_OR_TMPFS},
		.overlays = LIST(w, overlays),
		.reset = LIST(w, reset),
		.seed_file = plan_write_text(w, "/data/seed"),
		.seed_credit = 1,
		.mark_good = SAMPLE_NETWORK + 1,
		.mark_good_delay_ms = 5000,
		.settle_ms = 40000,
		.boot_timeout_ms = 90000,
		.boot_failure = FINAL_REBOOT,
		.rescue_shell = RESCUE_NEVER,
		.console_messages = CONSOLE_ALL,
	};
}

static void write_services(struct plan_writer *w)
{
	struct plan_service s = plain(w, "bulkhead-log", TYPE_SIMPLE);
	s.flags |= SERVICE_LOGGER;
	plan_write_service(w, SAMPLE_LOG, &s);
	s = plain(w, "network", TYPE_ONESHOT);
	plan_write_service(w, SAMPLE_NETWORK, &s);
	s = full(w);
	plan_write_service(w, SAMPLE_NGINX, &s);
	s = plain(w, "boot", TYPE_GROUP);
	plan_write_service(w, SAMPLE_BOOT, &s);
	s = plain(w, "broken@1", TYPE_SIMPLE);
	s.flags |= SERVICE_REFUSED;
	s.refusal = plan_write_text(w, "x.ini:3: unknown directive");
	s.exec[EXEC_START] = (struct plan_list){0};
	plan_write_service(w, SAMPLE_BROKEN, &s);
}

unsigned char *sample_copy(const unsigned char *bytes, size_t size)
{
	unsigned char *copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	memcpy(copy, bytes, size);
	return copy;
}

unsigned char *sample_make(size_t *size)
{
	static _Alignas(8) unsigned char buf[16384];
	static char strings[4096];
	plan_write_begin(&writer, buf, sizeof(buf), strings, sizeof(strings), SAMPLE_COUNT);
	write_services(&writer);

	const struct plan_machine m = machine(&writer);
	*size = plan_write_end(&writer, &m, plan_native_arch(), SAMPLE_DIGEST);
	if (*size == 0)
		abort();
	return sample_copy(buf, *size);
}

void sample_seal(unsigned char *bytes, size_t size)
{
	uint64_t checksum = hash_bytes(HASH_INIT, bytes + CHECKED_FROM, size - CHECKED_FROM);
	memcpy(bytes + offsetof(struct plan_header, checksum), &checksum, sizeof(checksum));
}

static uint64_t sum_bytes(const void *p, size_t n)
{
	const unsigned char *byte = p;
	uint64_t sum = 0;
	for (size_t i = 0; p && i < n; i++)
		sum += byte[i];
	return sum;
}

static uint64_t sum_text(const struct plan *p, plan_str s)
{
	const char *text = plan_text(p, s);
	return sum_bytes(text, strlen(text) + 1);
}

static uint64_t sum_texts(const struct plan *p, struct plan_list list)
{
	const plan_str *s = plan_elements(p, list, sizeof(*s));
	uint64_t sum = 0;
	for (uint32_t i = 0; s && i < list.count; i++)
		sum += sum_text(p, s[i]);
	return sum;
}

static uint64_t sum_list(const struct plan *p, struct plan_list list, size_t element_size)
{
	return sum_bytes(plan_elements(p, list, element_size), list.count * element_size);
}

static uint64_t walk_commands(const struct plan *p, struct plan_list list)
{
	const struct plan_command *c = plan_elements(p, list, sizeof(*c));
	uint64_t sum = 0;
	for (uint32_t i = 0; c && i < list.count; i++)
		sum += sum_text(p, c[i].path) + sum_texts(p, c[i].argv);
	return sum;
}

static uint64_t walk_service(const struct plan *p, const struct plan_service *s)
{
	uint64_t sum = sum_text(p, s->name) + sum_text(p, s->description) + sum_text(p, s->file) +
		sum_text(p, s->refusal);
	sum += sum_list(p, s->edges, sizeof(struct plan_edge)) +
		sum_list(p, s->success, sizeof(uint32_t));
	sum += sum_list(p, s->conditions, sizeof(struct plan_condition)) + sum_texts(p, s->environment);
	for (unsigned i = 0; i < EXEC_COUNT; i++)
		sum += walk_commands(p, s->exec[i]);
	for (unsigned i = 0; i < WALL_COUNT; i++)
		sum += sum_bytes(plan_wall(p, s, (enum plan_wall)i, 1), s->wall[i].size);
	const struct plan_socket *socket = plan_elements(p, s->sockets, sizeof(*socket));
	for (uint32_t i = 0; socket && i < s->sockets.count; i++)
		sum += sum_text(p, socket[i].path) + sum_text(p, socket[i].text) +
			sum_text(p, socket[i].device);
	sum += sum_text(p, s->socket_names) + sum_text(p, s->socket_context);
	for (unsigned i = 0; i < 3; i++)
		sum += sum_text(p, s->stdio[i].path);
	return sum + sum_text(p, s->working_directory) + sum_text(p, s->tty);
}

uint64_t sample_walk(const struct plan *p)
{
	const struct plan_machine *m = &plan_header(p)->machine;
	uint64_t sum = sum_text(p, m->hostname) + sum_text(p, m->console) +
		sum_text(p, m->watchdog_device);
	sum += sum_list(p, m->sysctl, sizeof(struct plan_pair)) + sum_texts(p, m->modules) +
		sum_texts(p, m->faults);
	sum += sum_list(p, m->mounts, sizeof(struct plan_mount));
	for (uint32_t i = 0; i < plan_service_count(p); i++)
		sum += walk_service(p, plan_service(p, i));
	return sum + (uint64_t)plan_find(p, "nginx");
}
