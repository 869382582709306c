/* SPDX-License-Identifier: MIT
 * A PID 1 for bulkctl: see ctl_pid1.h.
 */
#include "unit/ctl_pid1.h"
#include "core/core.h"
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

enum { BOOT, BROKEN, FLAKY, NET, WEB, SERVICES };

struct shared *shared;
static struct proto_service services[SERVICES];
static int plan_fd = -1;
static pid_t pid_1;

static void make_services(void)
{
	static const struct proto_service all[SERVICES] = {
		[BOOT] = {.name = "boot",
			.state = SVC_UP,
			.type = TYPE_GROUP,
			.memory = UINT64_MAX,
			.last_status = -1},
		[BROKEN] = {.name = "broken",
			.state = SVC_REFUSED,
			.memory = UINT64_MAX,
			.last_status = -1,
			.why = "broken.ini:3: [Service] Foo: unknown\x1b[31m"},
		[FLAKY] = {.name = "flaky",
			.state = SVC_BACKOFF,
			.restarts = 12,
			.memory = 4096,
			.last_status = 3 << 8},
		[NET] =
			{.name = "net", .state = SVC_DONE, .type = TYPE_ONESHOT, .memory = 0, .last_status = 0},
		[WEB] = {.name = "web",
			.state = SVC_UP,
			.pid = 123,
			.cell_pid = 122,
			.memory = 1536 * 1024,
			.last_status = -1},
	};
	memcpy(services, all, sizeof(all));
	for (uint32_t i = 0; i < SERVICES; i++)
		services[i].index = i;
}

static void make_plan(void)
{
	static uint64_t bytes[8192];
	static char strings[4096];
	static const struct plan_edge boot_edges[] = {{WEB, EDGE_WANTS}, {FLAKY, EDGE_WANTS},
		{BROKEN, EDGE_WANTS}};
	static const struct plan_edge web_edges[] = {{NET, EDGE_REQUIRES}};
	struct plan_machine machine = {.default_group = BOOT};
	struct plan_writer w;
	size_t size;
	plan_write_begin(&w, (unsigned char *)bytes, sizeof(bytes), strings, sizeof(strings), SERVICES);
	for (uint32_t i = 0; i < SERVICES; i++) {
		const plan_str argv[] = {plan_write_text(&w, "/bin/true")};
		const struct plan_command command = {.path = argv[0],
			.argv = plan_write_list(&w, argv, sizeof(argv[0]), 1)};
		struct plan_service s = {.name = plan_write_text(&w, services[i].name),
			.kill_signal = 15,
			.notification_fd = -1};
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

/* As PID 1 says of a name that it does not know. */
static bool is_known(const char *name)
{
	for (uint32_t i = 0; i < SERVICES; i++)
		if (strcmp(services[i].name, name) == 0)
			return true;
	return strcmp(name, "silent") == 0;
}

static void answer_change(int fd, const struct proto_request *r)
{
	if (strcmp(r->service, "denied") == 0)
		answer_end(fd, -EPERM, "only root may change services", -1);
	else if (r->verb != PROTO_FINAL && !is_known(r->service))
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
		reply.machine = (struct proto_machine){.now_ms = 65000,
			.services = 5,
			.max_services = 256,
			.clients = 1,
			.max_clients = 8};
		reply.machine.plan_ahead = 1;
		reply.machine.plan_size = 3000;
		reply.machine.selinux = 2;
		reply.machine.watchdog_ms = 30000;
		reply.machine.watchdog_gap_ms = 7512;
		answer(fd, &reply, -1);
		answer_end(fd, 0, "", -1);
	} else if (shared->not_root) {
		answer_end(fd, -EPERM, "only root may change services", -1);
	} else {
		answer_change(fd, &r);
	}
}

int ctl_pid1_start(void **state)
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

int ctl_pid1_stop(void **state)
{
	(void)state;
	kill(pid_1, SIGKILL);
	waitpid(pid_1, NULL, 0);
	unlink(socket_path);
	return rmdir(directory);
}
