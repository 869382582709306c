// needs: plan base tests/unit/plan_sample.c CONFIG_PLAN_DUMP
/* SPDX-License-Identifier: MIT
 * A plan as text: every fact of the sample has its line, and no text of a service file can make a
 * line of its own.
 */
#include "plan/dump.h"
#include "unit/plan_sample.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static unsigned char *bytes;
static char *text;
static size_t text_size;

static int dump_sample(void **state)
{
	size_t size;
	struct plan p;
	(void)state;
	bytes = sample_make(&size);
	((struct plan_header *)(void *)bytes)->arch = 0xc000003e;
	if (plan_open(&p, bytes, size, 0) != PLAN_OK)
		return -1;
	FILE *out = open_memstream(&text, &text_size);
	plan_dump(&p, out);
	return fclose(out);
}

static int drop_sample(void **state)
{
	(void)state;
	free(text);
	free(bytes);
	return 0;
}

static void has_line(const char *line)
{
	char wanted[512];
	snprintf(wanted, sizeof(wanted), "%s\n", line);

	const char *at = strstr(text, wanted);
	if (!at || (at != text && at[-1] != '\n'))
		fail_msg("no line: %s", line);
}

static const char *const facts[] = {
	"plan.arch = 0xc000003e",
	"plan.digest = 0x123456789abcdef",
	"plan.services = 5",
	"machine.hostname = \"router\"",
	"machine.console = \"/dev/ttyS0\"",
	"machine.watchdog_device = \"/dev/watchdog\"",
	"machine.watchdog_ms = 30000",
	"machine.watchdog_reboot_ms = 60000",
	"machine.default_group = boot",
	"machine.log_ring_kb = 32",
	"machine.log_forward = kmsg",
	"machine.sysctl[0] = \"kernel/panic\" \"10\"",
	"machine.module[1] = \"/lib/modules/net.ko\"",
	"machine.mount[0] = \"/dev/vda2\" \"/data\" \"ext4\" \"\" 0x2 nofail",
	"machine.fault[0] = \"/etc/fstab:3: it is wrong\"",
	"machine.data = \"/dev/vda3\" \"/data\" \"ext4\" \"\" 0x8 or tmpfs",
	"machine.overlay[0] = \"/etc\" data",
	"machine.overlay[1] = \"/root\" tmpfs",
	"machine.reset[1] = \"wipe\"",
	"machine.seed_credited = \"/data/seed\"",
	"machine.mark_good = \"network\"",
	"machine.mark_good_delay_ms = 5000",
	"machine.settle_ms = 40000",
	"machine.boot_timeout_ms = 90000",
	"machine.boot_failure = reboot",
	"machine.rescue_shell = never",
	"service bulkhead-log.flags = enabled logger",
	"service network.type = oneshot",
	"service network.clone_flags = none",
	"service network.wall.cgroup = none",
	"service nginx.description = \"web server\\x0awith a \\\\ and \\x01\"",
	"service nginx.file = \"/usr/lib/bulkhead/services.d/x.ini\"",
	"service nginx.refusal = \"\"",
	"service nginx.flags = enabled essential mdwe",
	"service nginx.type = notify",
	"service nginx.restart = always",
	"service nginx.notify_access = all",
	"service nginx.start_limit_action = reboot",
	"service nginx.failure_action = rescue",
	"service nginx.clone_flags = pid ipc uts net",
	"service nginx.kernel_uid = 473891816",
	"service nginx.id_base = 473890816",
	"service nginx.kernel_gid = 473891817",
	"service nginx.kill_signal = 15 SIGTERM",
	"service nginx.notification_fd = 5",
	"service nginx.restart_ms = 100",
	"service nginx.restart_max_ms = 30000",
	"service nginx.start_limit_burst = 5",
	"service nginx.start_limit_interval_ms = 60000",
	"service nginx.start_ms = 4294967295",
	"service nginx.stop_ms = 10000",
	"service nginx.watchdog_ms = 5000",
	"service nginx.edge[0] = requires network",
	"service nginx.edge[1] = after bulkhead-log",
	"service nginx.edge[2] = conflicts broken@1",
	"service nginx.condition[0] = path-exists \"/etc/nginx.conf\"",
	"service nginx.condition[1] = not first-boot \"\"",
	"service nginx.success[0] = exit 143",
	"service nginx.success[1] = signal 15 SIGTERM",
	"service nginx.exec_pre[0] = \"/usr/sbin/nginx\" argv \"/usr/sbin/nginx\" \"-t\" ignore-failure",
	"service nginx.exec_start[0] = \"/usr/sbin/nginx\" argv \"/usr/sbin/nginx\" \"-g \\\"daemon off;\\\"\"",
	"service nginx.exec_stop_post[0] = \"/bin/rm\" argv \"/bin/rm\" \"\"",
	"service nginx.environment[0] = \"LANG=C\"",
	"service nginx.environment[1] = \"EMPTY=\"",
	"service nginx.working_directory = \"/var/www\"",
	"service nginx.tty = \"/dev/ttyS0\"",
	"service nginx.stdin = log",
	"service nginx.stdout = file \"/run/out\"",
	"service nginx.stderr = tty \"/dev/ttyS0\"",
	"service nginx.socket[0] = stream path \"/run/nginx\" device \"\" backlog 5 mode 0660 owner 0:33",
	"service nginx.socket[1] = datagram ipv4 7f000001 port 53 device \"eth0\" backlog 0 mode 0000 owner 0:0 free-bind",
	"service nginx.socket[2] = netlink netlink protocol 15 groups 0x1 device \"\" backlog 0 mode 0000 owner 0:0",
	"service nginx.socket_names = \"LISTEN_FDNAMES=a:b:c\"",
	"service nginx.socket_context = \"system_u:object_r:s_t:s0\"",
	"service nginx.wall.namespaces = 3 bytes fa2bfc19a0708642",
	"service boot.type = group",
	"service broken@1.flags = enabled refused",
	"service broken@1.refusal = \"x.ini:3: unknown directive\"",
};

static void every_fact_has_its_line(void **state)
{
	char version[64];
	(void)state;
	snprintf(version, sizeof(version), "plan.version = %u\nplan.compatible = %u", PLAN_VERSION,
		PLAN_COMPATIBLE);
	has_line(version);
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		has_line(facts[i]);
}

static void lines_are_whole_and_unlike(void **state)
{
	char *lines[1024];
	size_t count = 0;
	(void)state;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_non_null(strstr(line, " = "));
		for (const char *c = line; *c; c++)
			assert_in_range((unsigned char)*c, 0x20, 0x7e);
		for (size_t i = 0; i < count; i++)
			assert_string_not_equal(lines[i], line);
		assert_true(count < sizeof(lines) / sizeof(lines[0]));
		lines[count++] = line;
	}
	assert_true(count > 150);
}

static void no_plan_is_no_text(void **state)
{
	const struct plan none = {0};
	char *nothing = NULL;
	size_t size = 1;
	FILE *out = open_memstream(&nothing, &size);
	(void)state;
	plan_dump(&none, out);
	fclose(out);
	assert_int_equal(size, 0);
	free(nothing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_fact_has_its_line, dump_sample, drop_sample),
		cmocka_unit_test_setup_teardown(lines_are_whole_and_unlike, dump_sample, drop_sample),
		cmocka_unit_test(no_plan_is_no_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
