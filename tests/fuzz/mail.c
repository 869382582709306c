// needs: core/*.c pid1/control/control.c pid1/control/request.c pid1/control/describe.c pid1/service/notify.c engine/readiness.c pid1/control/places.c pid1/recover.c pid1/container.c pid1/crash.c pid1/doubt.c pid1/report.c pid1/report_boot.c pid1/storm.c plan/*.c base/hash.c base/span.c base/fmt.c base/num.c base/feature.c base/errname.c base/ending.c tests/unit/plan_sample.c tests/unit/watchdog_stub.c tests/unit/rescue_stub.c -Wl,--wrap=waitid,--wrap=fcntl,--wrap=getsockname
/* SPDX-License-Identifier: MIT
 * What strangers write to PID 1: requests of any user to its control socket, messages of any
 * process to a readiness socket. Each client gets whole records and one end; who is not root
 * changes nothing; what a service says of itself can be printed. In between PID 1 crashes, with any
 * bytes anywhere in its state block, and all of that still holds.
 */
#include "base/sys.h"
#include "pid1/service/answer.h"
#include "pid1/service/ask.h"
#include "pid1/service/cell.h"
#include "pid1/service/empty.h"
#include "pid1/reboot.h"
#include "pid1/service/clean.h"
#include "pid1/service/mains.h"
#include "pid1/console.h"
#include "pid1/control/control.h"
#include "engine/descriptors.h"
#include "pid1/discard.h"
#include "pid1/service/label.h"
#include "pid1/errand.h"
#include "pid1/loop.h"
#include "pid1/service/notify.h"
#include "engine/procfs.h"
#include "pid1/service/reap.h"
#include "engine/receive.h"
#include "pid1/crash.h"
#include "pid1/recover.h"
#include "pid1/boot/rescue.h"
#include "engine/send.h"
#include "pid1/end/shutdown.h"
#include "pid1/service/sockets.h"
#include "pid1/service/spawn.h"
#include "pid1/take.h"
#include "pid1/stay.h"
#include "pid1/watch.h"
#include "pid1/watchdog.h"
#include "sockets/sockets.h"
#include "unit/plan_sample.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define CLIENT_FD 3 /* none that the state can name after a crash */
#define MOST_ACTIONS 1000

enum { RAW_HEADER = 8, ANY_LENGTH = 16, IN_PARTS = 32 }; /* of a request */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct plan plan;
static struct pid1 state;
static uint64_t now = 1000000;
static const uint8_t *mail; /* what lies in the queue, NULL: nothing */
static size_t mail_size;
static unsigned ends, records;
static uint32_t sender;

/* ---- what surrounds them ---- */

int watch_error(void)
{
	return 0;
}

uint64_t now_ms(void)
{
	return now;
}

void post_event(struct pid1 *s, const struct plan *p, uint16_t kind, uint32_t service,
	uint16_t slot, int32_t value)
{
	core_event(&s->core, p,
		(struct core_event){.kind = kind,
			.service = (uint16_t)service,
			.slot = slot,
			.value = value},
		now);
}

_Noreturn void reboot_machine(struct pid1 *s)
{
	(void)s;
	abort();
}

void console_say(struct pid1 *s, enum console_level level, ...)
{
	(void)s, (void)level;
}

void watch_add(struct pid1 *s, int fd, uint32_t events, enum watch kind, uint32_t index)
{
	(void)s, (void)fd, (void)events, (void)kind, (void)index;
}

void watch_change(struct pid1 *s, int fd, uint32_t events, enum watch kind, uint32_t index)
{
	watch_add(s, fd, events, kind, index);
}

void watch_drop(struct pid1 *s, int *fd)
{
	(void)s;
	*fd = -1;
}

void discard_close(struct pid1 *s, int *fd)
{
	watch_drop(s, fd);
}

void discard_connection(struct pid1 *s, int *fd)
{
	watch_drop(s, fd);
}

uint64_t discard_client(struct pid1 *s, int *fd)
{
	discard_close(s, fd);
	return 0;
}

void take_begin(struct pid1 *s, uint32_t service)
{
	(void)s, (void)service;
	mail = NULL;
}

int procfs_parent(int pid)
{
	return pid - 1;
}

int procfs_service(const struct plan *p, int pid)
{
	(void)p;
	return pid % 7 < 5 ? pid % 7 : -1;
}

void cell_hear(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot)
{
	(void)s, (void)p, (void)service, (void)slot;
}

ssize_t receive_look(int fd, void *buf, size_t cap, struct sender *from)
{
	(void)fd;
	*from = (struct sender){.pid = mail ? (int)sender : -1, .uid = sender};
	if (!mail)
		return -EAGAIN;
	memcpy(buf, mail, mail_size < cap ? mail_size : cap);
	return mail_size > cap ? -EMSGSIZE : (ssize_t)mail_size;
}

int receive_done(int fd)
{
	(void)fd;
	mail = NULL;
	return 0;
}

ssize_t receive_message(int fd, void *buf, size_t cap, struct sender *from)
{
	ssize_t n = receive_look(fd, buf, cap, from);
	receive_done(fd);
	return n;
}

int receive_names_senders(int fd)
{
	return fd < 0 ? -1 : 0;
}

void receive_refuse_descriptors(int fd)
{
	(void)fd;
}

int send_message(int fd, const void *bytes, size_t n, int pass)
{
	static volatile uint8_t sum;
	const struct proto_reply *r = bytes;
	if (fd < 0 || n != sizeof(*r) || r->kind < PROTO_END || r->kind > PROTO_MACHINE || pass >= 0)
		abort();
	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum ^ ((const uint8_t *)bytes)[i]);
	ends += fd == CLIENT_FD && r->kind == PROTO_END;
	records += fd == CLIENT_FD && r->kind != PROTO_END;
	return 0;
}

int descriptor_lift(int fd)
{
	return fd;
}

int descriptor_memfd(const char *name)
{
	(void)name;
	return -ENOMEM;
}

int sys_pidfd_open(pid_t pid)
{
	(void)pid;
	return -ESRCH;
}

int sys_pidfd_send_signal(int pidfd, int sig)
{
	(void)pidfd, (void)sig;
	return -ESRCH;
}

int sys_read_file(int dirfd, const char *name, char *buf, size_t cap)
{
	(void)dirfd, (void)name;
	if (cap)
		buf[0] = 0;
	return -ENOENT;
}

void label_of(struct pid1 *s, const struct plan *p, uint32_t service, struct sockets_label *label)
{
	(void)s, (void)p, (void)service, (void)label;
}

int sockets_label_begin(const struct sockets_label *label, struct wall_why *why)
{
	(void)label, (void)why;
	return -EPERM;
}

void sockets_label_end(const struct sockets_label *label)
{
	(void)label;
}

void label_note(struct pid1 *s, uint32_t service, const struct wall_why *why)
{
	(void)s, (void)service, (void)why;
}

/* ---- what a life after a crash asks for ---- */

static bool is_child(int pid)
{
	return pid >= 100 && pid < 110;
}

int __wrap_waitid(idtype_t type, id_t pid, siginfo_t *info, int options);
int __wrap_waitid(idtype_t type, id_t pid, siginfo_t *info, int options)
{
	(void)type, (void)info, (void)options;
	errno = ECHILD;
	return is_child((int)pid) ? 0 : -1;
}

int __wrap_getsockname(int fd, struct sockaddr *a, socklen_t *n);
int __wrap_getsockname(int fd, struct sockaddr *a, socklen_t *n)
{
	(void)fd, (void)a, (void)n;
	errno = ENOTSOCK;
	return -1;
}

/* Every second descriptor is there. */
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...)
{
	(void)command;
	errno = EBADF;
	return fd % 2 ? -1 : 0;
}

void discard_unknown(struct pid1 *s, const uint8_t *known, int first, int last)
{
	(void)s, (void)known, (void)first, (void)last;
}

void stay_open(void)
{
}

void stay_begin(void)
{
}

bool watchdog_adopt(struct pid1 *s, int fd)
{
	(void)s;
	return fd % 64 == 63;
}

int group_open_root(void)
{
	return -1;
}

int loop_open(struct pid1 *s)
{
	(void)s;
	return 0;
}

void loop_redo(struct pid1 *s, const struct plan *p)
{
	if (core_has_handed_out(&s->core, &s->doing) && !plan_service(p, s->doing.service))
		abort();
}

void reap_children(struct pid1 *s, const struct plan *p)
{
	(void)s, (void)p;
}

void empty_check(struct pid1 *s, const struct plan *p, uint32_t service)
{
	(void)s, (void)p, (void)service;
}

void reap_kill(struct pid1 *s, const struct plan *p, uint32_t service)
{
	post_event(s, p, EV_EXITED, service, SLOT_MAIN, 9);
	post_event(s, p, EV_EXITED, service, SLOT_CONTROL, 9);
	post_event(s, p, EV_EMPTY, service, 0, 0);
}

void sockets_remove_left(struct pid1 *s, const struct plan *p, uint32_t service)
{
	(void)s, (void)p, (void)service;
}

void ask_adopt(struct pid1 *s, uint32_t service)
{
	(void)s, (void)service;
}

bool ask_waits(const struct pid1 *s, uint32_t service)
{
	return s->runtime[service].asked_pid > 0 && s->runtime[service].asked_waits;
}

bool ask_removes(const struct pid1 *s, uint32_t service)
{
	(void)s, (void)service;
	return false;
}

void answer_start(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	if (s->core.service[a->service].state != SVC_LISTENING || !plan_service(p, a->service))
		abort();
}

void post_failed(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t slot,
	const char *step, int err, const char *detail)
{
	(void)step, (void)detail;
	post_event(s, p, EV_FAILED, service, (uint16_t)slot, -err);
}

void note_failure(struct pid1 *s, uint32_t service, const char *step, int err, const char *detail)
{
	(void)s, (void)service, (void)step, (void)err, (void)detail;
}

void clean_adopt(struct pid1 *s, const struct plan *p, uint32_t service)
{
	(void)s, (void)p, (void)service;
}

void mains_watch(struct pid1 *s, uint32_t service, uint32_t slot)
{
	(void)s, (void)service, (void)slot;
}

void rescue_doubt(struct pid1 *s, const struct plan *p)
{
	(void)s, (void)p;
}

void sys_exit(int status)
{
	(void)status;
	abort();
}

int errand_sync(const void *unused)
{
	(void)unused;
	return 0;
}

int errand_run(struct pid1 *s, errand_work work, const void *arg, uint32_t ms)
{
	(void)s, (void)work, (void)arg, (void)ms;
	abort();
}

/* ---- the life ---- */

static void drain(void)
{
	struct core_action a;
	for (unsigned n = 0; core_next(&state.core, &plan, now, now, &a); n++) {
		if (n > MOST_ACTIONS)
			abort();
		if (a.kind == ACT_SPAWN)
			post_event(&state, &plan, EV_STARTED, a.service, a.slot, 0);
		if (a.kind == ACT_SPAWN && a.slot == SLOT_MAIN)
			state.runtime[a.service].slot[SLOT_MAIN].pid = 100 + a.service;
		if (a.kind == ACT_KILL)
			reap_kill(&state, &plan, a.service);
	}
	control_answer(&state, &plan);
}

static void begin(void)
{
	size_t size;
	if (!plan.base && plan_open(&plan, sample_make(&size), size, 0) != PLAN_OK)
		abort();
	memset(&state, 0, sizeof(state));
	core_init(&state.core, &plan, now, 1);
	for (uint32_t i = 0; i < state.core.count; i++) {
		state.runtime[i] = (struct runtime){.group = -1,
			.events = -1,
			.log_read = -1,
			.log_write = -1,
			.notify = 10,
			.network = -1};
		for (int k = 0; k < 2; k++)
			state.runtime[i].slot[k] = (struct slot){.pidfd = -1, .report = -1, .ready = -1};
	}
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++)
		state.client[i].fd = -1;
	state.plan_fd = -1;
	state.state_fd = 40;
	state.cgroup_root = 42;
	drain();
}

static void write_part(const void *p, size_t n)
{
	mail = p;
	mail_size = n;
	control_client(&state, &plan, 0);
}

/* Where its version, its length, or that it comes in one piece is the writer's choice, it is
 * answered with the version's error or not at all, and nothing else comes of it. */
static void request(uint32_t how, uint32_t uid, uint32_t verb)
{
	union {
		struct proto_request r;
		uint8_t bytes[2 * sizeof(struct proto_request)];
	} u = {.r = {.version = PROTO_VERSION, .verb = verb}};
	struct core before = state.core;
	size_t from = how & RAW_HEADER ? 0 : offsetof(struct proto_request, verb) + sizeof(u.r.verb);
	size_t n = mail_size < sizeof(u.bytes) - from ? mail_size : sizeof(u.bytes) - from;
	size_t size = how & ANY_LENGTH ? from + n : sizeof(u.r);
	size_t first = how & IN_PARTS ? size / 2 : size;
	ends = records = 0;
	memcpy(u.bytes + from, mail, n);
	bool whole = first == sizeof(u.r), known = whole && u.r.version == PROTO_VERSION;
	state.client[0] = (struct client){.fd = CLIENT_FD,
		.state = CLIENT_READING,
		.uid = uid,
		.deadline_ms = now + 1000};
	write_part(u.bytes, first);
	if (how & IN_PARTS)
		write_part(u.bytes + first, size - first);
	if ((uid != 0 || !known) && memcmp(&before, &state.core, sizeof(before)) != 0)
		abort();
	if (!known && (ends != whole || records || state.client[0].state != CLIENT_FREE))
		abort();
	drain();
	now += 20000;
	control_answer(&state, &plan);
	if (ends > 1 || records > state.core.count || (uid != 0 && ends != whole))
		abort();
	state.client[0] = (struct client){.fd = -1};
}

static void message(uint32_t service)
{
	const struct runtime *r = &state.runtime[service];
	notify_read(&state, &plan, service);
	if (!memchr(r->why, 0, sizeof(r->why)))
		abort();
	for (const char *c = r->why; *c; c++)
		if (*c < 32 || *c > 126)
			abort();
	drain();
}

/* ---- crashes ---- */

struct scribble {
	uint8_t region, index, at, bytes[8];
};

static uint8_t *region_of(const struct scribble *w, size_t *size)
{
	const struct {
		void *first;
		size_t size, count;
	} regions[] = {
		{&state, offsetof(struct pid1, core), 1},
		{&state.core, offsetof(struct core, service), 1},
		{state.core.service, sizeof(*state.core.service), plan_service_count(&plan)},
		{state.runtime, sizeof(*state.runtime), plan_service_count(&plan)},
		{state.client, sizeof(*state.client), CONFIG_MAX_CLIENTS},
		{state.listener, sizeof(*state.listener), CONFIG_MAX_SOCKETS},
	};
	unsigned r = w->region % (sizeof(regions) / sizeof(*regions));
	*size = regions[r].size;
	return (uint8_t *)regions[r].first + w->index % regions[r].count * *size;
}

static void scribble_on(const struct scribble *w)
{
	size_t size;
	uint8_t *region = region_of(w, &size);
	size_t at = w->at * 4u % size, n = size - at < sizeof(w->bytes) ? size - at : sizeof(w->bytes);
	memcpy(region + at, w->bytes, n);
}

static bool is_soon(uint64_t when)
{
	return when <= now + 10000;
}

/* Nobody waits for what never comes: a pid of no child, a time that is far away. */
static void is_believable(const struct runtime *r)
{
	const int pids[] = {r->taker, r->asked_pid, r->netdev_returner, r->cleaner};
	for (size_t i = 0; i < sizeof(pids) / sizeof(*pids); i++)
		if (pids[i] && !is_child(pids[i]))
			abort();
	if (!is_soon(r->take_ms))
		abort();
	if ((r->asked_pid && !is_soon(r->asked_ms)) || (r->cleaner && !is_soon(r->clean_ms)))
		abort();
}

static void crash(void)
{
	struct scribble w;
	uint64_t magic = state.magic;
	uint32_t layout = state.layout;
	for (; mail_size >= sizeof(w); mail += sizeof(w), mail_size -= sizeof(w)) {
		memcpy(&w, mail, sizeof(w));
		scribble_on(&w);
	}
	mail = NULL;
	state.magic = magic; /* crash_map has looked at both */
	state.layout = layout;
	if (!recover_adopt(&state, &plan)) {
		begin();
		return;
	}
	for (uint32_t i = 0; i < state.core.count; i++)
		is_believable(&state.runtime[i]);
	if (!is_soon(state.client_ms))
		abort();
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++)
		control_client(&state, &plan, i); /* who waited for room is told the rest */
	drain();
}

/* Records of four bytes (what, who, how much, and a number) and their text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	begin();
	while (size >= 4) {
		size_t n = data[2] * 8u < size - 4 ? data[2] * 8u : size - 4;
		mail = data + 4;
		mail_size = n;
		sender = data[1];
		now += data[3];
		if (data[0] & 4)
			crash();
		else if (data[0] & 1)
			message(data[1] % state.core.count);
		else
			request(data[0], data[0] & 2 ? 0 : 1000, data[3]);
		data += 4 + n;
		size -= 4 + n;
	}
	return 0;
}
