// needs: tests/unit/ctl_run.c ctl/ask.c ctl/request.c ctl/status.c ctl/show.c ctl/change.c ctl/logs.c ctl/source.c ctl/info.c ctl/compiler.c ctl/try.c ctl/kernel.c ctl/kernel_config.c ctl/kernel_table.c ctl/learn.c ctl/text.c ctl/json.c ctl/tree.c plan/read.c plan/check.c plan/write.c core/names.c base/ring.c base/fmt.c base/errname.c base/num.c base/span.c base/feature.c base/hash.c CONFIG_JSON CONFIG_ERROR_TEXT CONFIG_EXPLAIN CONFIG_SECURITY CONFIG_COMPILER
/* SPDX-License-Identifier: MIT
 * bulkctl as a whole against a PID 1 that is a child of this test and says what the test wants: output, exit statuses, and what was asked.
 */
#include "core/core.h"
#include "ctl/ctl.h"
#include "plan/write.h"
#include "unit/ctl_run.h"
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define LENGTH(table) (sizeof(table) / sizeof((table)[0]))

enum { BOOT, BROKEN, FLAKY, NET, WEB, SERVICES };

static struct shared {
	uint32_t requests;
	struct proto_request last;
	bool no_plan, not_root, hang_up;
	uint64_t since_ms; /* of every service */
} * shared;
static struct proto_service services[SERVICES];
static int plan_fd = -1;
static pid_t pid_1;

/* ---- the other side ---- */

static void make_services(void)
{
	static const struct proto_service all[SERVICES] = {
		[BOOT] = {.name = "boot", .state = SVC_UP, .type = TYPE_GROUP, .memory = UINT64_MAX, .last_status = -1},
		[BROKEN] = {.name = "broken",
			.state = SVC_REFUSED,
			.memory = UINT64_MAX,
			.last_status = -1,
			.why = "broken.ini:3: [Service] Foo: unknown\x1b[31m"},
		[FLAKY] = {.name = "flaky", .state = SVC_BACKOFF, .restarts = 12, .memory = 4096, .last_status = 3 << 8},
		[NET] = {.name = "net", .state = SVC_DONE, .type = TYPE_ONESHOT, .memory = 0, .last_status = 0},
		[WEB] = {.name = "web", .state = SVC_UP, .pid = 123, .cell_pid = 122, .memory = 1536 * 1024, .last_status = -1},
	};

	memcpy(services, all, sizeof(all));
	for (uint32_t i = 0; i < SERVICES; i++)
		services[i].index = i;
}

static void make_plan(void)
{
	static uint64_t bytes[8192];
	static char strings[4096];
	static const struct plan_edge boot_edges[] = {{WEB, EDGE_WANTS}, {FLAKY, EDGE_WANTS}, {BROKEN, EDGE_WANTS}};
	static const struct plan_edge web_edges[] = {{NET, EDGE_REQUIRES}};
	struct plan_machine machine = {.default_group = BOOT};
	struct plan_writer w;
	size_t size;

	plan_write_begin(&w, (unsigned char *)bytes, sizeof(bytes), strings, sizeof(strings), SERVICES);
	for (uint32_t i = 0; i < SERVICES; i++) {
		const plan_str argv[] = {plan_write_text(&w, "/bin/true")};
		const struct plan_command command = {.path = argv[0], .argv = plan_write_list(&w, argv, sizeof(argv[0]), 1)};
		struct plan_service s = {.name = plan_write_text(&w, services[i].name), .kill_signal = 15, .notification_fd = -1};

		s.type = (uint8_t)services[i].type;
		s.file = plan_write_text(&w, "/etc/bulkhead/services.d/x.ini");
		s.description = plan_write_text(&w, i == WEB ? "Pages" : "");
		if (s.type != TYPE_GROUP)
			s.exec[EXEC_START] = plan_write_list(&w, &command, sizeof(command), 1);
		if (i == BOOT)
			s.edges = plan_write_list(&w, boot_edges, sizeof(boot_edges[0]), 3);
		if (i == WEB)
			s.edges = plan_write_list(&w, web_edges, sizeof(web_edges[0]), 1);
		plan_write_service(&w, i, &s);
	}
	size = plan_write_end(&w, &machine, 0, 0);
	assert_true(size > 0);
	plan_fd = memfd_create("plan", MFD_CLOEXEC);
	assert_int_equal(write(plan_fd, bytes, size), size);
}

static void answer(int fd, struct proto_reply *reply, int pass)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.bytes = {0}};
	struct iovec iov = {.iov_base = reply, .iov_len = sizeof(*reply)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (pass >= 0) {
		struct cmsghdr *c = (struct cmsghdr *)&control;

		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass, sizeof(pass));
	}
	if (sendmsg(fd, &msg, MSG_NOSIGNAL) < 0)
		_exit(9);
}

static void answer_end(int fd, int value, const char *text, int pass)
{
	struct proto_reply reply = {.kind = PROTO_END, .value = value};

	snprintf(reply.text, sizeof(reply.text), "%s", text);
	answer(fd, &reply, pass);
}

static void answer_change(int fd, const struct proto_request *r)
{
	if (strcmp(r->service, "denied") == 0)
		answer_end(fd, -EPERM, "only root may change services", -1);
	else if (strcmp(r->service, "nosuch") == 0)
		answer_end(fd, -ENOENT, "no such service", -1);
	else if (strcmp(r->service, "flaky") == 0)
		answer_end(fd, -EIO, "failed: exit status 3", -1);
	else if (strcmp(r->service, "silent") == 0)
		answer_end(fd, -EBUSY, "", -1);
	else
		answer_end(fd, 0, "", -1);
}

static void serve(int fd)
{
	struct proto_reply reply = {.kind = PROTO_SERVICE};
	struct proto_request r;

	if (recv(fd, &r, sizeof(r), 0) != (ssize_t)sizeof(r) || shared->hang_up)
		return;
	shared->last = r;
	shared->requests++;
	if (r.version != PROTO_VERSION) {
		answer_end(fd, -EPROTONOSUPPORT, "", -1);
	} else if (r.verb == PROTO_STATUS) {
		for (int i = 0; i < SERVICES; i++) {
			reply.service = services[i];
			reply.service.since_ms = shared->since_ms;
			answer(fd, &reply, -1);
		}
		answer_end(fd, 0, "", -1);
	} else if (r.verb == PROTO_PLAN) {
		if (shared->not_root)
			answer_end(fd, -EPERM, "only root may read the plan", -1);
		else
			answer_end(fd, shared->no_plan ? -EOPNOTSUPP : 0, "", shared->no_plan ? -1 : plan_fd);
	} else if (r.verb == PROTO_INFO) {
		reply.kind = PROTO_MACHINE;
		reply.machine = (struct proto_machine){
			.now_ms = 65000, .services = 5, .max_services = 256, .clients = 1, .max_clients = 8};
		reply.machine.plan_ahead = 1;
		reply.machine.plan_size = 3000;
		reply.machine.selinux = 2;
		reply.machine.watchdog_ms = 30000;
		reply.machine.watchdog_gap_ms = 7512;
		answer(fd, &reply, -1);
		answer_end(fd, 0, "", -1);
	} else {
		answer_change(fd, &r);
	}
}

static int start(void **state)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)state;
	make_services();
	make_plan();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	snprintf(socket_path, sizeof(socket_path), "%s/control", directory);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", socket_path);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 8) < 0)
		return -1;
	pid_1 = fork();
	if (pid_1 == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			int client = accept(fd, NULL, NULL);

			serve(client);
			close(client);
		}
	}
	close(fd);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	kill(pid_1, SIGKILL);
	waitpid(pid_1, NULL, 0);
	unlink(socket_path);
	return rmdir(directory);
}

/* ---- status ---- */

static void the_tree(void **state)
{
	(void)state;
	assert_int_equal(RUN("status"), CTL_OK);
	assert_string_equal(err, "");
	assert_string_equal(out,
		"SERVICE    STATE       PID  SINCE  MEMORY  RESTARTS\n"
		"boot       up            -  -           -         -\n"
		"|- broken  refused       -  -           -         -  broken.ini:3: [Service] Foo: unknown\\x1b[31m\n"
		"|- flaky   restarting    -  -        4.0K        12  exit status 3\n"
		"`- web     up          123  -        1.5M         -\n"
		"   `- net  done          -  -          0B         -\n"
		"\n"
		"5 services, 3 well, 1 on the way, 1 failed\n"
		"bulkctl status SERVICE and bulkctl logs SERVICE say more\n");
}

static void without_a_plan_it_is_flat(void **state)
{
	(void)state;
	shared->no_plan = true;
	assert_int_equal(RUN("status"), CTL_OK);
	has("\nbroken   refused");
	has("\nnet      done");
	shared->no_plan = false;
}

static void a_plan_that_only_root_may_read(void **state)
{
	(void)state;
	shared->not_root = true;
	assert_int_equal(RUN("status"), CTL_OK);
	has("\nnet      done");
	assert_string_equal(err, "bulkctl: only root may read the plan: no tree, descriptions and dependencies\n");
	shared->not_root = false;
}

static void one_service(void **state)
{
	(void)state;
	assert_int_equal(RUN("status", "web"), CTL_OK);
	has("web\n  description  Pages\n  state        up\n");
	has("  process      123, reaped by 122\n  memory       1.5M\n");
	has("  requires     net (done)\n");
	assert_int_equal(RUN("status", "net"), CTL_OK);
	assert_int_equal(RUN("status", "flaky"), CTL_NOT_RUNNING);
	has("  last end     exit status 3\n  restarts     12\n");
	assert_int_equal(RUN("status", "broken"), CTL_NOT_RUNNING);
	has("  refused      broken.ini:3: [Service] Foo: unknown\\x1b[31m\n");
	assert_int_equal(RUN("status", "web", "flaky"), CTL_NOT_RUNNING);
	assert_int_equal(RUN("status", "nosuch"), CTL_FAILED);
	assert_string_equal(err, "bulkctl: status nosuch: no such service\n");
	assert_int_equal(RUN("status", "nosuch", "flaky"), CTL_FAILED);
	shared->since_ms = 1;
	assert_int_equal(RUN("status", "web"), CTL_OK);
	has("  state        up for ");
	shared->since_ms = UINT64_MAX / 2; /* another clock than ours: not said */
	assert_int_equal(RUN("status", "web"), CTL_OK);
	has("  state        up\n");
	shared->since_ms = 0;
}

static void status_as_json(void **state)
{
	(void)state;
	assert_int_equal(RUN("--json", "status"), CTL_OK);
	assert_int_equal(strncmp(out, "[\n  {\n", 6), 0);
	has("\n    \"service\": \"flaky\",");
	has("\n    \"last_end\": {\n      \"exit\": 3\n    },");
	has("\"why\": \"broken.ini:3: [Service] Foo: unknown\\u001b[31m\"");
	has("\"how\": \"requires\",\n        \"service\": \"net\"");
	assert_string_equal(out + strlen(out) - 4, "}\n]\n");
	assert_int_equal(RUN("status", "--json", "web"), CTL_OK);
	has("\"pid\": 123,\n  \"reaper\": 122,\n  \"memory\": 1572864,\n");
}

static void the_machine(void **state)
{
	(void)state;
	assert_int_equal(RUN("info"), CTL_OK);
	has("plan from      made ahead by the build, 3000 bytes\n");
	has("SELinux        enforcing\n");
	has("watchdog       30s\nat most        7512 ms between two feeds\n");
	has("services                5        256\n");
	assert_int_equal(RUN("info", "--json"), CTL_OK);
	has("\"selinux\": \"enforcing\",\n");
	has("\"boot_done_ms\": null,\n");
	has("\"boot_good_ms\": null,\n");
}

/* ---- changes ---- */

static void changes(void **state)
{
	(void)state;
	assert_int_equal(RUN("start", "web"), CTL_OK);
	assert_string_equal(out, "");
	assert_string_equal(err, "");
	assert_int_equal(shared->last.verb, PROTO_START);
	assert_string_equal(shared->last.service, "web");
	assert_int_equal(RUN("restart", "web"), CTL_OK);
	assert_int_equal(shared->last.verb, PROTO_RESTART);
	assert_int_equal(RUN("reset", "web"), CTL_OK);
	assert_int_equal(shared->last.verb, PROTO_RESET);
	assert_int_equal(RUN("kill", "web"), CTL_OK);
	assert_int_equal(shared->last.value, SIGTERM);
	assert_int_equal(RUN("kill", "-s", "HUP", "web"), CTL_OK);
	assert_int_equal(shared->last.value, SIGHUP);
	assert_int_equal(RUN("kill", "-s12", "web"), CTL_OK);
	assert_int_equal(shared->last.value, 12);
}

static void refusals(void **state)
{
	uint32_t before;

	(void)state;
	assert_int_equal(RUN("stop", "denied"), CTL_DENIED);
	assert_string_equal(err, "bulkctl: stop denied: permission denied: only root may change services\n");
	assert_int_equal(RUN("start", "nosuch"), CTL_FAILED);
	assert_string_equal(err, "bulkctl: start nosuch: no such service\n");
	assert_int_equal(RUN("start", "flaky"), CTL_FAILED);
	assert_string_equal(err, "bulkctl: start flaky: failed: exit status 3\n");
	assert_int_equal(RUN("stop", "silent"), CTL_FAILED);
	assert_string_equal(err, "bulkctl: stop silent: device or resource busy\n");
	/* one that fails does not keep the next from its turn, nor that one's success hide it */
	before = shared->requests;
	assert_int_equal(RUN("start", "nosuch", "web"), CTL_FAILED);
	assert_int_equal(shared->requests, before + 2);
	before = shared->requests;
	assert_int_equal(RUN("start", "a-name-that-is-far-too-long-to-be-the-name-of-a-service"), CTL_FAILED);
	assert_int_equal(shared->requests, before);
}

static void changes_as_json(void **state)
{
	(void)state;
	assert_int_equal(RUN("start", "--json", "web", "nosuch"), CTL_FAILED);
	assert_string_equal(out,
		"[\n  {\n    \"service\": \"web\",\n    \"verb\": \"start\",\n    \"ok\": true\n  },\n  {\n    \"service\": \"nosuch\",\n"
		"    \"verb\": \"start\",\n    \"ok\": false,\n    \"errno\": \"ENOENT\",\n    \"message\": \"no such service\"\n  }\n]\n");
}

static void the_machines_end(void **state)
{
	static const struct {
		const char *verb;
		int value;
	} ends[] = {{"poweroff", FINAL_POWEROFF}, {"reboot", FINAL_REBOOT}, {"halt", FINAL_HALT}, {"rescue", FINAL_RESCUE}};

	(void)state;
	for (size_t i = 0; i < LENGTH(ends); i++) {
		assert_int_equal(RUN(ends[i].verb), CTL_OK);
		assert_int_equal(shared->last.verb, PROTO_FINAL);
		assert_int_equal(shared->last.value, ends[i].value);
	}
}

static void nobody_there(void **state)
{
	(void)state;
	assert_int_equal(RUN("status", "--socket", "/nonexistent"), CTL_UNREACHABLE);
	assert_string_equal(err, "bulkctl: status: cannot reach PID 1 at /nonexistent: no such file or directory\n");
	assert_int_equal(RUN("poweroff", "--socket", "/nonexistent"), CTL_UNREACHABLE);
	shared->hang_up = true;
	assert_int_equal(RUN("start", "web"), CTL_UNREACHABLE);
	assert_int_equal(RUN("info"), CTL_UNREACHABLE);
	shared->hang_up = false;
}

static void misuse(void **state)
{
	(void)state;
	assert_int_equal(RUN("frobnicate"), CTL_USAGE);
	assert_int_equal(RUN("start"), CTL_USAGE);
	assert_int_equal(RUN("info", "web"), CTL_USAGE);
	assert_int_equal(RUN("stop", "-f", "web"), CTL_USAGE);
	assert_int_equal(RUN("status", "--nonsense"), CTL_USAGE);
	assert_int_equal(RUN("logs", "-n", "many"), CTL_USAGE);
	assert_int_equal(RUN("logs", "-n"), CTL_USAGE);
	assert_int_equal(RUN("kill", "-s", "NOPE", "web"), CTL_USAGE);
	assert_int_equal(RUN("kill", "-s", "0", "web"), CTL_USAGE);
	assert_int_equal(RUN("help", "nonsense"), CTL_USAGE);
	assert_string_equal(out, "");
	assert_int_equal(RUN("help"), CTL_OK);
	has("logs [-f] [-n LINES] [SERVICE...]");
	assert_int_equal(RUN("--version"), CTL_OK);
	has("bulkctl ");
}

/* ---- the compiler ---- */

static void the_compiler_does_its_part(void **state)
{
	(void)state;
	assert_int_equal(RUN("--compiler", "/bin/echo", "explain", "--root", "/r", "--json", "web"), CTL_OK);
	assert_string_equal(out, "--json --root /r --explain web\n");
	assert_int_equal(RUN("--compiler", "/bin/echo", "check", "a.ini", "b.ini"), CTL_OK);
	assert_string_equal(out, "--check a.ini b.ini\n");
	assert_int_equal(RUN("--compiler", "/bin/false", "check"), CTL_FAILED);
	assert_int_equal(RUN("--compiler", "/nonexistent", "check"), CTL_FAILED);
	assert_string_equal(err, "bulkctl: check /nonexistent: no such file or directory\n");
	assert_int_equal(RUN("--compiler", "/bin/echo", "explain", "../web"), CTL_FAILED);
	assert_string_equal(err, "bulkctl: explain ../web: no such service\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tree),
		cmocka_unit_test(without_a_plan_it_is_flat),
		cmocka_unit_test(a_plan_that_only_root_may_read),
		cmocka_unit_test(one_service),
		cmocka_unit_test(status_as_json),
		cmocka_unit_test(the_machine),
		cmocka_unit_test(changes),
		cmocka_unit_test(refusals),
		cmocka_unit_test(changes_as_json),
		cmocka_unit_test(the_machines_end),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(misuse),
		cmocka_unit_test(the_compiler_does_its_part),
	};

	if (!mkdtemp(directory))
		return 1;
	return cmocka_run_group_tests_name("bulkctl", tests, start, stop);
}
