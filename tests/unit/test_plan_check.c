// needs: plan base tests/unit/plan_sample.c
/* SPDX-License-Identifier: MIT
 * plan_open: every rule is broken on its own in an otherwise good plan, with the checksum made
 * right again, and the error named. test_plan_shake.c breaks it at random.
 */
#include "base/count.h"
#include "unit/plan_sample.h"
#include "base/config.h"
#include <linux/audit.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MEMBER_SIZE(type, member) sizeof(((type *)0)->member)

static unsigned char *good;
static size_t good_size;
static const struct plan_header *good_header;
static struct plan good_plan;

static int make_good(void **state)
{
	(void)state;
	good = sample_make(&good_size);
	good_header = (const void *)good;
	return plan_open(&good_plan, good, good_size, plan_native_arch()) == PLAN_OK ? 0 : -1;
}

static int drop_good(void **state)
{
	(void)state;
	free(good);
	return 0;
}

static enum plan_error open_copy(const unsigned char *bytes, size_t size, uint32_t arch)
{
	unsigned char *copy = sample_copy(bytes, size);
	struct plan p;
	enum plan_error err = plan_open(&p, copy, size, arch);
	if (err == PLAN_OK)
		sample_walk(&p);
	else
		assert_null(p.base);
	free(copy);
	return err;
}

/* Where a mutation strikes: at an offset into the first element of one of the sample's lists, or
 * into one of its structs. */
enum place {
	IN_HEADER,
	IN_LOG,
	IN_NETWORK,
	IN_NGINX,
	IN_BOOT,
	IN_BROKEN,
	IN_EDGES,
	IN_CONDITIONS,
	IN_SUCCESS,
	IN_ENVIRONMENT,
	IN_COMMAND,
	IN_ARGV,
	IN_SYSCTL,
	IN_MODULES,
	IN_MOUNTS,
	IN_TIMER,
	IN_LINES,
	IN_LAST_LINE,
	IN_SOCKETS,
	IN_NETLINK,
};

static size_t service_at(uint32_t index)
{
	return good_header->services.off + index * sizeof(struct plan_service);
}

static size_t place_at(enum place place)
{
	const struct plan_service *nginx = plan_service(&good_plan, SAMPLE_NGINX);
	const struct plan_list start = nginx->exec[EXEC_START];
	const struct plan_timer *timer = plan_elements(&good_plan, nginx->timer, sizeof(*timer));
	const struct plan_command *command = plan_elements(&good_plan, start, sizeof(*command));
	const size_t at[] = {
		[IN_HEADER] = 0,
		[IN_LOG] = service_at(SAMPLE_LOG),
		[IN_NETWORK] = service_at(SAMPLE_NETWORK),
		[IN_NGINX] = service_at(SAMPLE_NGINX),
		[IN_BOOT] = service_at(SAMPLE_BOOT),
		[IN_BROKEN] = service_at(SAMPLE_BROKEN),
		[IN_EDGES] = nginx->edges.off,
		[IN_CONDITIONS] = nginx->conditions.off,
		[IN_SUCCESS] = nginx->success.off,
		[IN_ENVIRONMENT] = nginx->environment.off,
		[IN_COMMAND] = start.off,
		[IN_ARGV] = command->argv.off,
		[IN_SYSCTL] = good_header->machine.sysctl.off,
		[IN_MODULES] = good_header->machine.modules.off,
		[IN_MOUNTS] = good_header->machine.mounts.off,
		[IN_TIMER] = nginx->timer.off,
		[IN_LINES] = timer->lines.off,
		[IN_LAST_LINE] = timer->lines.off + sizeof(struct plan_timer_line),
		[IN_SOCKETS] = nginx->sockets.off,
		[IN_NETLINK] = nginx->sockets.off + 2 * sizeof(struct plan_socket),
	};
	return at[place];
}

/* Values that only the made plan knows. `add` goes on top. */
enum base_value { PLAIN, POOL_SIZE, PLAN_SIZE, SERVICES_OFF };

struct mutation {
	enum place place;
	size_t offset;
	size_t width;
	enum base_value base;
	int64_t add;
	enum plan_error expected;
	const char *what;
};

#define HEADER(member, base, add, expected) \
	{ \
		IN_HEADER, offsetof(struct plan_header, member), MEMBER_SIZE(struct plan_header, member), \
			base, add, expected, #member \
	}
#define SERVICE(place, member, base, add, expected) \
	{ \
		place, offsetof(struct plan_service, member), MEMBER_SIZE(struct plan_service, member), \
			base, add, expected, #member \
	}
#define ELEMENT(place, type, member, base, add, expected) \
	{ \
		place, offsetof(struct type, member), MEMBER_SIZE(struct type, member), base, add, \
			expected, #type "." #member \
	}
#define WORD(place, base, add, expected) \
	{ \
		place, 0, 4, base, add, expected, #place \
	}

static void apply(unsigned char *bytes, const struct mutation *m)
{
	const uint64_t bases[] = {0, good_header->strings_size, good_size, good_header->services.off};
	uint64_t v = bases[m->base] + (uint64_t)m->add;
	memcpy(bytes + place_at(m->place) + m->offset, &v, m->width);
}

static void check_mutations(const struct mutation *table, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned char *bytes = sample_copy(good, good_size);
		apply(bytes, &table[i]);
		sample_seal(bytes, good_size);

		enum plan_error err = open_copy(bytes, good_size, plan_native_arch());
		if (err != table[i].expected)
			fail_msg("case %zu, %s: \"%s\", expected \"%s\"", i, table[i].what,
				plan_error_text(err), plan_error_text(table[i].expected));
		free(bytes);
	}
}

static void the_sample_is_good(void **state)
{
	(void)state;
	assert_int_equal(open_copy(good, good_size, plan_native_arch()), PLAN_OK);
	assert_int_equal(open_copy(good, good_size, 0), PLAN_OK);
	assert_int_equal(plan_service_count(&good_plan), SAMPLE_COUNT);
	assert_true(sample_walk(&good_plan) > 0);
}

static void headers(void **state)
{
	static const struct mutation table[] = {
		HEADER(magic[0], PLAIN, 'B', PLAN_BAD_MAGIC),
		HEADER(magic[7], PLAIN, 0, PLAN_BAD_MAGIC),
		HEADER(version, PLAIN, PLAN_COMPATIBLE - 1, PLAN_BAD_VERSION),
		/* a newer one that says that we understand it */
		HEADER(version, PLAIN, PLAN_VERSION + 1, PLAN_OK),
		HEADER(compatible, PLAIN, PLAN_VERSION + 1, PLAN_BAD_VERSION),
		HEADER(compatible, PLAIN, UINT32_MAX, PLAN_BAD_VERSION),
		HEADER(arch, PLAIN, AUDIT_ARCH_MIPS, PLAN_BAD_ARCH),
		HEADER(arch, PLAIN, 0, PLAN_BAD_ARCH),
		HEADER(size, PLAN_SIZE, 1, PLAN_BAD_SIZE),
		HEADER(size, PLAN_SIZE, -1, PLAN_BAD_SIZE),
		HEADER(size, PLAIN, 0, PLAN_BAD_SIZE),
		HEADER(size, PLAIN, UINT32_MAX, PLAN_BAD_SIZE),
		HEADER(digest, PLAIN, 0, PLAN_OK),
	};
	(void)state;
	check_mutations(table, COUNT(table));
}

static void a_plan_for_newer_readers_only(void **state)
{
	unsigned char *bytes = sample_copy(good, good_size);
	struct plan_header *h = (void *)bytes;
	(void)state;
	h->version = PLAN_VERSION + 1;
	h->compatible = PLAN_VERSION + 1;
	assert_int_equal(open_copy(bytes, good_size, 0), PLAN_BAD_VERSION);
	h->version = 0;
	h->compatible = 0;
	assert_int_equal(open_copy(bytes, good_size, 0), PLAN_BAD_VERSION);
	free(bytes);
}

static void string_pools(void **state)
{
	static const struct mutation table[] = {
		HEADER(strings_off, PLAIN, 0, PLAN_BAD_STRINGS),
		HEADER(strings_off, PLAIN, sizeof(struct plan_header) - 1, PLAN_BAD_STRINGS),
		HEADER(strings_off, PLAN_SIZE, 0, PLAN_BAD_STRINGS),
		HEADER(strings_off, PLAN_SIZE, 1, PLAN_BAD_STRINGS),
		HEADER(strings_off, PLAIN, UINT32_MAX, PLAN_BAD_STRINGS),
		HEADER(strings_size, PLAIN, 0, PLAN_BAD_STRINGS),
		HEADER(strings_size, POOL_SIZE, 1, PLAN_BAD_STRINGS),
		HEADER(strings_size, POOL_SIZE, -1, PLAN_BAD_STRINGS), /* ends within a text */
		HEADER(strings_size, PLAIN, UINT32_MAX, PLAN_BAD_STRINGS),
		/* good in itself, but nobody has a name */
		HEADER(strings_size, PLAIN, 1, PLAN_BAD_SERVICE),
	};
	unsigned char *bytes = sample_copy(good, good_size);
	(void)state;
	check_mutations(table, COUNT(table));
	bytes[good_header->strings_off] = 'x';
	sample_seal(bytes, good_size);
	assert_int_equal(open_copy(bytes, good_size, 0), PLAN_BAD_STRINGS);
	bytes[good_header->strings_off] = 0;
	bytes[good_size - 1] = 'x';
	sample_seal(bytes, good_size);
	assert_int_equal(open_copy(bytes, good_size, 0), PLAN_BAD_STRINGS);
	free(bytes);
}

static void tables_of_services(void **state)
{
	static const struct mutation table[] = {
		HEADER(services.off, SERVICES_OFF, 1, PLAN_BAD_SERVICE),
		HEADER(services.off, SERVICES_OFF, 4, PLAN_BAD_SERVICE),
		HEADER(services.off, PLAIN, 0, PLAN_BAD_SERVICE),
		HEADER(services.off, PLAIN, UINT32_MAX - 7, PLAN_BAD_SERVICE),
		HEADER(services.count, PLAIN, 1000, PLAN_BAD_SERVICE),
		HEADER(services.count, PLAIN, UINT32_MAX, PLAN_BAD_SERVICE),
		/* times the element's size wraps 32 bits */
		HEADER(services.count, PLAIN, 0x10842109, PLAN_BAD_SERVICE),
		HEADER(services.count, PLAIN, SAMPLE_COUNT + 1, PLAN_BAD_SERVICE),
		/* one edge leads to the last */
		HEADER(services.count, PLAIN, SAMPLE_COUNT - 1, PLAN_BAD_EDGE),
		/* and the default group is one */
		HEADER(services.count, PLAIN, 0, PLAN_BAD_MACHINE),
	};
	(void)state;
	check_mutations(table, COUNT(table));
}

static void values_of_services(void **state)
{
	static const struct mutation table[] = {
		SERVICE(IN_NGINX, name, PLAIN, 0, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, name, POOL_SIZE, 0, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, name, POOL_SIZE, -1, PLAN_BAD_SERVICE), /* the last NUL: an empty name */
		SERVICE(IN_NGINX, name, PLAIN, UINT32_MAX, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, description, POOL_SIZE, 0, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, description, POOL_SIZE, -1, PLAN_OK),
		SERVICE(IN_NGINX, file, POOL_SIZE, 0, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, refusal, POOL_SIZE, 0, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, working_directory, POOL_SIZE, 0, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, tty, POOL_SIZE, 0, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, flags, PLAIN, SERVICE_ON_DEMAND, PLAN_OK),
		/* without a socket */
		SERVICE(IN_NETWORK, flags, PLAIN, SERVICE_ON_DEMAND, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, flags, PLAIN, SERVICE_LABELLED, PLAN_OK),
		SERVICE(IN_NGINX, flags, PLAIN, SERVICE_MDWE, PLAN_OK),
		SERVICE(IN_NGINX, flags, PLAIN, SERVICE_CLEANS | SERVICE_KEEPS, PLAN_OK),
		SERVICE(IN_NGINX, flags, PLAIN, SERVICE_KEEPS, PLAN_BAD_SERVICE), /* what? */
		SERVICE(IN_NGINX, flags, PLAIN, 1 << 14, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, type, PLAIN, TYPE_ONESHOT, PLAN_BAD_SERVICE), /* but has sockets */
		SERVICE(IN_NGINX, socket_names, POOL_SIZE, 0, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, socket_context, POOL_SIZE, 0, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, flags, PLAIN, UINT32_MAX, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, flags, PLAIN, SERVICE_LOGGER, PLAN_BAD_SERVICE), /* the second one */
		SERVICE(IN_NGINX, type, PLAIN, TYPE_COUNT, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, type, PLAIN, TYPE_GROUP, PLAN_BAD_SERVICE), /* but has commands */
		SERVICE(IN_BOOT, type, PLAIN, TYPE_SIMPLE, PLAN_BAD_SERVICE), /* but has none */
		SERVICE(IN_BOOT, type, PLAIN, TYPE_ONESHOT, PLAN_OK),
		/* no longer refused: needs a command */
		SERVICE(IN_BROKEN, flags, PLAIN, 0, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, restart, PLAIN, RESTART_COUNT, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, notify_access, PLAIN, NOTIFY_COUNT, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, kill_signal, PLAIN, 0, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, kill_signal, PLAIN, 1, PLAN_OK),
		SERVICE(IN_NGINX, kill_signal, PLAIN, 64, PLAN_OK),
		SERVICE(IN_NGINX, kill_signal, PLAIN, 65, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, start_limit_action, PLAIN, FINAL_COUNT, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, failure_action, PLAIN, FINAL_COUNT, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, failure_action, PLAIN, 255, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, notification_fd, PLAIN, -1, PLAN_OK),
		SERVICE(IN_NGINX, notification_fd, PLAIN, -2, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, notification_fd, PLAIN, 127, PLAN_OK),
		SERVICE(IN_NGINX, reload_signal, PLAIN, 65, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, id_base, PLAIN, UINT32_MAX - 65536, PLAN_OK),
		SERVICE(IN_NGINX, id_base, PLAIN, UINT32_MAX - 65535, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, id_base, PLAIN, 0, PLAN_OK),
		SERVICE(IN_NGINX, network, PLAIN, 1, PLAN_OK),
		SERVICE(IN_NGINX, network, PLAIN, UINT32_MAX, PLAN_BAD_SERVICE), /* of no service */
		SERVICE(IN_NGINX, optional_walls, PLAIN, 1u << 31, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, clone_flags, PLAIN, CLONE_NEWNS, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, clone_flags, PLAIN, CLONE_NEWUSER, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, clone_flags, PLAIN, CLONE_VM, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, clone_flags, PLAIN, CLONE_NEWNET, PLAN_OK),
		SERVICE(IN_NGINX, stdio[0].kind, PLAIN, STDIO_KIND_COUNT, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, stdio[2].kind, PLAIN, UINT32_MAX, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, stdio[0].kind, PLAIN, STDIO_FILE, PLAN_BAD_SERVICE), /* without a path */
		SERVICE(IN_NGINX, stdio[1].path, POOL_SIZE, 0, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, start_ms, PLAIN, 0, PLAN_OK),
		SERVICE(IN_NGINX, restart_max_ms, PLAIN, UINT32_MAX, PLAN_OK),
	};
	(void)state;
	check_mutations(table, COUNT(table));
}

#define LIST_CASES(member, bound) \
	SERVICE(IN_NGINX, member.off, PLAIN, 0, PLAN_BAD_LIST), \
		SERVICE(IN_NGINX, member.off, PLAIN, 1, PLAN_BAD_LIST), \
		SERVICE(IN_NGINX, member.off, PLAN_SIZE, 0, PLAN_BAD_LIST), \
		SERVICE(IN_NGINX, member.off, PLAN_SIZE, -4, PLAN_BAD_LIST), \
		SERVICE(IN_NGINX, member.off, PLAIN, UINT32_MAX - 7, PLAN_BAD_LIST), \
		SERVICE(IN_NGINX, member.count, PLAIN, (bound) + 1, PLAN_BAD_LIST), \
		SERVICE(IN_NGINX, member.count, PLAIN, UINT32_MAX, PLAN_BAD_LIST), \
		SERVICE(IN_NGINX, member.count, PLAIN, 0x40000001, PLAN_BAD_LIST)

static void bounds_of_lists(void **state)
{
	static const struct mutation table[] = {
		LIST_CASES(edges, PLAN_MAX_EDGES),
		LIST_CASES(conditions, PLAN_MAX_CONDITIONS),
		LIST_CASES(success, PLAN_MAX_SUCCESS),
		LIST_CASES(environment, PLAN_MAX_ENVIRONMENT),
		LIST_CASES(exec[EXEC_PRE], PLAN_MAX_COMMANDS),
		LIST_CASES(exec[EXEC_START], PLAN_MAX_COMMANDS),
		LIST_CASES(exec[EXEC_STOP_POST], PLAN_MAX_COMMANDS),
		LIST_CASES(sockets, PLAN_MAX_SOCKETS),
		LIST_CASES(timer, 1),
		SERVICE(IN_NGINX, sockets.count, PLAIN, 0, PLAN_OK),
		SERVICE(IN_NGINX, exec[EXEC_START].count, PLAIN, 0, PLAN_BAD_SERVICE),
		SERVICE(IN_NGINX, exec[EXEC_PRE].count, PLAIN, 0, PLAN_OK),
		SERVICE(IN_NGINX, edges.count, PLAIN, 0, PLAN_OK),
	};
	(void)state;
	check_mutations(table, COUNT(table));
}

static void elements_of_lists(void **state)
{
	static const struct mutation table[] = {
		ELEMENT(IN_EDGES, plan_edge, target, PLAIN, SAMPLE_COUNT, PLAN_BAD_EDGE),
		ELEMENT(IN_EDGES, plan_edge, target, PLAIN, UINT16_MAX, PLAN_BAD_EDGE),
		ELEMENT(IN_EDGES, plan_edge, target, PLAIN, SAMPLE_NGINX, PLAN_BAD_EDGE), /* itself */
		ELEMENT(IN_EDGES, plan_edge, target, PLAIN, SAMPLE_COUNT - 1, PLAN_OK),
		ELEMENT(IN_EDGES, plan_edge, kind, PLAIN, EDGE_KIND_COUNT, PLAN_BAD_EDGE),
		ELEMENT(IN_CONDITIONS, plan_condition, kind, PLAIN, COND_KIND_COUNT, PLAN_BAD_LIST),
		ELEMENT(IN_CONDITIONS, plan_condition, negate, PLAIN, 2, PLAN_BAD_LIST),
		ELEMENT(IN_CONDITIONS, plan_condition, value, POOL_SIZE, 0, PLAN_BAD_LIST),
		WORD(IN_SUCCESS, PLAIN, 255, PLAN_OK),
		WORD(IN_SUCCESS, PLAIN, 256, PLAN_BAD_LIST), /* signal 0 */
		WORD(IN_SUCCESS, PLAIN, 256 + 64, PLAN_OK),
		WORD(IN_SUCCESS, PLAIN, 256 + 65, PLAN_BAD_LIST),
		WORD(IN_ENVIRONMENT, POOL_SIZE, 0, PLAN_BAD_LIST),
		WORD(IN_ENVIRONMENT, PLAIN, 0, PLAN_BAD_LIST), /* no '=' */
		WORD(IN_ENVIRONMENT, POOL_SIZE, -1, PLAN_BAD_LIST),
		ELEMENT(IN_COMMAND, plan_command, path, PLAIN, 0, PLAN_BAD_LIST),
		ELEMENT(IN_COMMAND, plan_command, path, POOL_SIZE, 0, PLAN_BAD_LIST),
		ELEMENT(IN_COMMAND, plan_command, flags, PLAIN, COMMAND_FLAGS_ALL + 1, PLAN_BAD_LIST),
		ELEMENT(IN_COMMAND, plan_command, argv.count, PLAIN, 0, PLAN_BAD_LIST),
		ELEMENT(IN_COMMAND, plan_command, argv.count, PLAIN, PLAN_MAX_ARGV + 1, PLAN_BAD_LIST),
		ELEMENT(IN_COMMAND, plan_command, argv.count, PLAIN, UINT32_MAX, PLAN_BAD_LIST),
		ELEMENT(IN_COMMAND, plan_command, argv.off, PLAN_SIZE, 0, PLAN_BAD_LIST),
		WORD(IN_ARGV, POOL_SIZE, 0, PLAN_BAD_LIST),
		WORD(IN_ARGV, PLAIN, 0, PLAN_OK), /* an empty word is one */
		ELEMENT(IN_TIMER, plan_timer, flags, PLAIN, TIMER_FLAGS_ALL + 1, PLAN_BAD_LIST),
		ELEMENT(IN_TIMER, plan_timer, reserved, PLAIN, 1, PLAN_BAD_LIST),
		ELEMENT(IN_TIMER, plan_timer, lines.count, PLAIN, PLAN_MAX_TIMER_LINES + 1, PLAN_BAD_LIST),
		ELEMENT(IN_TIMER, plan_timer, calendars.count, PLAIN, PLAN_MAX_CALENDARS + 1,
			PLAN_BAD_LIST),
		ELEMENT(IN_TIMER, plan_timer, lines.off, PLAIN, 4, PLAN_BAD_LIST),
		ELEMENT(IN_TIMER, plan_timer, random_ms, PLAIN, UINT32_MAX, PLAN_OK),
		ELEMENT(IN_LINES, plan_timer_line, base, PLAIN, TIMER_BASE_COUNT, PLAN_BAD_LIST),
		ELEMENT(IN_LINES, plan_timer_line, base, PLAIN, TIMER_UNIT_INACTIVE, PLAN_OK),
		ELEMENT(IN_LAST_LINE, plan_timer_line, ms, PLAIN, PLAN_TIMER_LEAST_MS - 1, PLAN_BAD_LIST),
		ELEMENT(IN_SOCKETS, plan_socket, kind, PLAIN, SOCKET_KIND_COUNT, PLAN_BAD_LIST),
		/* at a path */
		ELEMENT(IN_SOCKETS, plan_socket, kind, PLAIN, SOCKET_NETLINK, PLAN_BAD_LIST),
		ELEMENT(IN_SOCKETS, plan_socket, kind, PLAIN, SOCKET_FIFO, PLAN_OK),
		ELEMENT(IN_SOCKETS, plan_socket, family, PLAIN, SOCKET_FAMILY_COUNT, PLAN_BAD_LIST),
		ELEMENT(IN_SOCKETS, plan_socket, family, PLAIN, SOCKET_ROUTES, PLAN_BAD_LIST),
		ELEMENT(IN_SOCKETS, plan_socket, family, PLAIN, SOCKET_ABSTRACT, PLAN_OK),
		ELEMENT(IN_SOCKETS, plan_socket, path, PLAIN, 0, PLAN_BAD_LIST),
		ELEMENT(IN_SOCKETS, plan_socket, path, POOL_SIZE, 0, PLAN_BAD_LIST),
		ELEMENT(IN_SOCKETS, plan_socket, text, POOL_SIZE, 0, PLAN_BAD_LIST),
		ELEMENT(IN_SOCKETS, plan_socket, device, POOL_SIZE, 0, PLAN_BAD_LIST),
		ELEMENT(IN_SOCKETS, plan_socket, mode, PLAIN, 01000, PLAN_BAD_LIST),
		ELEMENT(IN_SOCKETS, plan_socket, flags, PLAIN, SOCKET_FLAGS_ALL + 1, PLAN_BAD_LIST),
		ELEMENT(IN_NETLINK, plan_socket, kind, PLAIN, SOCKET_STREAM, PLAN_BAD_LIST),
		ELEMENT(IN_NETLINK, plan_socket, kind, PLAIN, SOCKET_FIFO, PLAN_BAD_LIST),
	};
	(void)state;
	check_mutations(table, COUNT(table));
}

static void blobs(void **state)
{
	static const struct mutation table[] = {
		SERVICE(IN_NGINX, wall[WALL_NAMESPACES].off, PLAIN, 0, PLAN_BAD_BLOB),
		SERVICE(IN_NGINX, wall[WALL_LIMITS].off, PLAN_SIZE, 0, PLAN_BAD_BLOB),
		SERVICE(IN_NGINX, wall[WALL_LIMITS].off, PLAIN, UINT32_MAX - 7, PLAN_BAD_BLOB),
		SERVICE(IN_NGINX, wall[WALL_CGROUP].off, PLAIN, sizeof(struct plan_header) + 4,
			PLAN_BAD_BLOB),
		SERVICE(IN_NGINX, wall[WALL_CGROUP].size, PLAIN, UINT32_MAX, PLAN_BAD_BLOB),
		SERVICE(IN_NGINX, wall[WALL_SECCOMP].size, PLAN_SIZE, 0, PLAN_BAD_BLOB),
		SERVICE(IN_NGINX, wall[WALL_SECCOMP].size, PLAIN, 0, PLAN_OK),
	};
	(void)state;
	check_mutations(table, COUNT(table));
}

static void machines(void **state)
{
	static const struct mutation table[] = {
		HEADER(machine.hostname, POOL_SIZE, 0, PLAN_BAD_MACHINE),
		HEADER(machine.console, POOL_SIZE, 0, PLAN_BAD_MACHINE),
		HEADER(machine.watchdog_device, POOL_SIZE, 0, PLAN_BAD_MACHINE),
		HEADER(machine.default_group, PLAIN, SAMPLE_COUNT, PLAN_BAD_MACHINE),
		HEADER(machine.default_group, PLAIN, UINT32_MAX, PLAN_OK),
		HEADER(machine.log_forward, PLAIN, 2, PLAN_BAD_MACHINE),
		HEADER(machine.sysctl.off, PLAN_SIZE, 0, PLAN_BAD_MACHINE),
		HEADER(machine.sysctl.count, PLAIN, PLAN_MAX_SYSCTL + 1, PLAN_BAD_MACHINE),
		HEADER(machine.modules.off, PLAIN, 2, PLAN_BAD_MACHINE),
		HEADER(machine.modules.count, PLAIN, UINT32_MAX, PLAN_BAD_MACHINE),
		HEADER(machine.mounts.off, PLAIN, 0, PLAN_BAD_MACHINE),
		HEADER(machine.mounts.count, PLAIN, PLAN_MAX_MOUNTS + 1, PLAN_BAD_MACHINE),
		HEADER(machine.faults.count, PLAIN, PLAN_MAX_FAULTS + 1, PLAN_BAD_MACHINE),
		HEADER(machine.data.source, POOL_SIZE, 0, PLAN_BAD_MACHINE),
		HEADER(machine.data.target, PLAIN, 0, PLAN_BAD_MACHINE), /* an overlay needs it */
		HEADER(machine.data.extra, PLAIN, MOUNT_OR_TMPFS + 1, PLAN_BAD_MACHINE),
		HEADER(machine.overlays.off, PLAIN, 2, PLAN_BAD_MACHINE),
		HEADER(machine.overlays.count, PLAIN, PLAN_MAX_OVERLAYS + 1, PLAN_BAD_MACHINE),
		HEADER(machine.reset.count, PLAIN, PLAN_MAX_RESET + 1, PLAN_BAD_MACHINE),
		HEADER(machine.seed_file, POOL_SIZE, 0, PLAN_BAD_MACHINE),
		HEADER(machine.seed_credit, PLAIN, 2, PLAN_BAD_MACHINE),
		HEADER(machine.mark_good, PLAIN, SAMPLE_COUNT + 1, PLAN_BAD_MACHINE),
		HEADER(machine.mark_good, PLAIN, 0, PLAN_OK),
		HEADER(machine.boot_failure, PLAIN, FINAL_COUNT, PLAN_BAD_MACHINE),
		HEADER(machine.rescue_shell, PLAIN, RESCUE_COUNT, PLAN_BAD_MACHINE),
		ELEMENT(IN_SYSCTL, plan_pair, name, POOL_SIZE, 0, PLAN_BAD_MACHINE),
		ELEMENT(IN_SYSCTL, plan_pair, value, POOL_SIZE, 0, PLAN_BAD_MACHINE),
		WORD(IN_MODULES, POOL_SIZE, 0, PLAN_BAD_MACHINE),
		ELEMENT(IN_MOUNTS, plan_mount, source, POOL_SIZE, 0, PLAN_BAD_MACHINE),
		ELEMENT(IN_MOUNTS, plan_mount, target, POOL_SIZE, 0, PLAN_BAD_MACHINE),
		ELEMENT(IN_MOUNTS, plan_mount, type, POOL_SIZE, 0, PLAN_BAD_MACHINE),
		ELEMENT(IN_MOUNTS, plan_mount, options, POOL_SIZE, 0, PLAN_BAD_MACHINE),
		ELEMENT(IN_MOUNTS, plan_mount, extra, PLAIN, 2, PLAN_BAD_MACHINE),
	};
	(void)state;
	check_mutations(table, COUNT(table));
}

/* The sample with another name for nginx, which is put at the end of the pool and so of the
 * plan. */
static enum plan_error open_with_name(const char *name)
{
	const size_t added = strlen(name) + 1, size = good_size + added;
	unsigned char *bytes = calloc(1, size);
	struct plan_header *h = (void *)bytes;
	enum plan_error err;
	memcpy(bytes, good, good_size);
	memcpy(bytes + good_size, name, added);
	h->size = (uint32_t)size;
	((struct plan_service *)(void *)(bytes + service_at(SAMPLE_NGINX)))->name = h->strings_size;
	h->strings_size += (uint32_t)added;
	sample_seal(bytes, size);
	err = open_copy(bytes, size, 0);
	free(bytes);
	return err;
}

static void names_of_services(void **state)
{
	static const char *const fine[] = {"a", "Z", "0", "Z9", "0-_@", "ngi@x", "n--nx", "boot2"};
	static const char *const bad[] = {".ginx", "..", "ng.nx", "ng/nx", "-ginx", "@ginx", "_ginx",
		"", "ng nx", "ng\nnx", "ng\xc3\xa4x", "boot"};
	(void)state;
	for (size_t i = 0; i < COUNT(fine); i++)
		assert_int_equal(open_with_name(fine[i]), PLAN_OK);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(open_with_name(bad[i]), PLAN_BAD_SERVICE);
}

static void a_name_may_be_just_so_long(void **state)
{
	char name[CONFIG_MAX_NAME + 1];
	(void)state;
	memset(name, 'n', sizeof(name));
	name[CONFIG_MAX_NAME] = '\0';
	assert_int_equal(open_with_name(name), PLAN_BAD_SERVICE);
	name[CONFIG_MAX_NAME - 1] = '\0';
	assert_int_equal(open_with_name(name), PLAN_OK);
}

static void unaligned_bytes_are_refused(void **state)
{
	unsigned char *room = malloc(good_size + 8);
	struct plan p;
	(void)state;
	for (size_t shift = 1; shift < 8; shift++) {
		memcpy(room + shift, good, good_size);
		assert_int_equal(plan_open(&p, room + shift, good_size, 0), PLAN_BAD_SIZE);
	}
	free(room);
}

static void a_plan_may_be_just_so_large(void **state)
{
	const size_t max = (size_t)CONFIG_MAX_PLAN_KB * 1024;
	unsigned char *bytes = calloc(1, max + 1);
	(void)state;
	memcpy(bytes, good, good_size);
	for (size_t size = max; size <= max + 1; size++) {
		((struct plan_header *)bytes)->size = (uint32_t)size;
		sample_seal(bytes, size);
		assert_int_equal(open_copy(bytes, size, 0), size == max ? PLAN_OK : PLAN_BAD_SIZE);
	}
	free(bytes);
}

static void errors_have_texts(void **state)
{
	(void)state;
	for (int e = PLAN_OK; e <= PLAN_BAD_MACHINE; e++)
		assert_string_not_equal(plan_error_text((enum plan_error)e), "unknown error");
	assert_string_equal(plan_error_text((enum plan_error)(PLAN_BAD_MACHINE + 1)), "unknown error");
	assert_string_equal(plan_error_text((enum plan_error) - 1), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_is_good),
		cmocka_unit_test(headers),
		cmocka_unit_test(a_plan_for_newer_readers_only),
		cmocka_unit_test(string_pools),
		cmocka_unit_test(tables_of_services),
		cmocka_unit_test(values_of_services),
		cmocka_unit_test(bounds_of_lists),
		cmocka_unit_test(elements_of_lists),
		cmocka_unit_test(blobs),
		cmocka_unit_test(machines),
		cmocka_unit_test(names_of_services),
		cmocka_unit_test(a_name_may_be_just_so_long),
		cmocka_unit_test(unaligned_bytes_are_refused),
		cmocka_unit_test(a_plan_may_be_just_so_large),
		cmocka_unit_test(errors_have_texts),
	};
	return cmocka_run_group_tests(tests, make_good, drop_good);
}
