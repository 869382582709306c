/* SPDX-License-Identifier: MIT
 * The rescue shell and the reboot in its place: see rescue.h.
 */
#include "pid1/boot/rescue.h"
#include "base/count.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "pid1/boot/account.h"
#include "pid1/boot/bootmark.h"
#include "pid1/boot/planfile.h"
#include "pid1/console.h"
#include "pid1/doubt.h"
#include "pid1/errand.h"
#include "pid1/spawn_tool.h"
#include "pid1/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CONSOLE "/dev/console"
#define DARK_MS 1000u  /* nothing runs for so long: it is not just between two lives */
#define AGAIN_MS 1000u /* from the end of a shell to the next */
#define SHORT_MS 2000u /* a shell that ends sooner was none */
#define SHORT_LIVES 5  /* of those in a row, and then the device reboots */
/* it can be read before, and a bootloader has not yet used up its tries in a minute */
#define REBOOT_MS 10000u
#define REBOOT_MAX_MS 640000u /* where reboots can be counted the time doubles, up to here */
#define ASK_MS 3000u
#define ACCOUNTS_MAX 4096 /* of /etc/passwd and /etc/shadow; root's line is their first */

enum { PHASE_LIGHT, PHASE_DARK, PHASE_SHELL_DUE, PHASE_SHELL, PHASE_REBOOT_DUE };

struct tool {
	const char *path, *name, *user;
};

/* Those that ask for root's password, in the order of their choice: who knows it gets root's
 * shell. */
static const struct tool askers[] = {
	{"/sbin/sulogin", "sulogin", NULL},
	{"/usr/sbin/sulogin", "sulogin", NULL},
	{"/bin/login", "login", "root"},
	{"/usr/bin/login", "login", "root"},
};
#define ASKERS COUNT(askers)
static const struct tool shell = {"/bin/sh", "sh", NULL};

static enum account read_account(void)
{
	static char passwd[ACCOUNTS_MAX], shadow[ACCOUNTS_MAX];
	if (sys_read_file(AT_FDCWD, "/etc/passwd", passwd, sizeof(passwd)) < 0)
		return ACCOUNT_NONE;
	if (sys_read_file(AT_FDCWD, "/etc/shadow", shadow, sizeof(shadow)) < 0)
		shadow[0] = 0;
	enum account found = account_of(span_of(passwd), span_of(shadow), "root");
	explicit_bzero(shadow, sizeof(shadow));
	return found;
}

/* /etc and /var may lie on a disk that does not answer: a child looks, and writes what it finds. */
static bool ask_child(struct pid1 *s, errand_work work, void *answer, size_t size)
{
	int fd[2];
	if (descriptor_pipe(fd, O_NONBLOCK) < 0)
		return false;
	bool good = errand_run_with(s, work, NULL, fd[1], ASK_MS) == 0 &&
		read(fd[0], answer, size) == (ssize_t)size;
	close(fd[0]);
	close(fd[1]);
	return good;
}

static int write_answer(const void *answer, size_t size)
{
	return write(ERRAND_FD, answer, size) == (ssize_t)size ? 0 : -EIO;
}

struct found {
	uint32_t account, asker;
};

static int work_look_up(const void *unused)
{
	struct found f = {.account = read_account()};
	(void)unused;
	while (f.asker < ASKERS && access(askers[f.asker].path, X_OK) < 0)
		f.asker++;
	return write_answer(&f, sizeof(f));
}

static int work_count(const void *unused)
{
	int count = bootmark_failed();
	(void)unused;
	return count < 0 ? count : write_answer(&count, sizeof(count));
}

void rescue_learn(struct pid1 *s, const struct plan *p)
{
	struct found f;
	if (!ask_child(s, work_look_up, &f, sizeof(f)))
		f = (struct found){ACCOUNT_NONE, ASKERS};
	s->rescue.mode = plan_header(p)->machine.rescue_shell;
	s->rescue.witness = ~s->rescue.mode;
	s->rescue.account = f.account;
	s->rescue.asker = f.asker;
}

const char *rescue_refusal(const struct pid1 *s)
{
	static const char *const accounts[ACCOUNT_COUNT] = {
		[ACCOUNT_NONE] = "RescueShell = password, but there is no account root",
		[ACCOUNT_LOCKED] = "RescueShell = password, but root has no password",
	};
	if (s->rescue.mode == RESCUE_OPEN)
		return NULL;
	if (s->rescue.mode != RESCUE_PASSWORD)
		return "RescueShell = never";
	if (s->rescue.account >= ACCOUNT_COUNT || accounts[s->rescue.account])
		return accounts[s->rescue.account < ACCOUNT_COUNT ? s->rescue.account : ACCOUNT_NONE];
	return s->rescue.asker < ASKERS
		? NULL
		: "RescueShell = password, but there is neither sulogin nor login";
}

/* ---- is it? ---- */

/* The log program alone, or the name of a group, is nothing that anybody has the device for. */
static bool counts(const struct plan_service *ps)
{
	return ps->type != TYPE_GROUP && !(ps->flags & SERVICE_LOGGER);
}

/* What is tried again for want of something that may come, and was never ready, may never be. */
static bool is_alight(const struct core_service *s)
{
	enum core_state state = (enum core_state)s->state;
	return !core_state_is(state, STATE_AT_REST) && state != SVC_DONE && !s->lacking;
}

static bool is_armed(const struct pid1 *s, uint32_t i)
{
	const struct core_timer *t = CONFIG_TIMERS ? core_timer_at(&s->core, i) : NULL;
	return t && t->armed;
}

/* What has been done, or is done at its time, may be all that the device is for, or what its
 * daemons would have needed: these have failed, then. */
bool rescue_is_dark(const struct pid1 *s, const struct plan *p)
{
	bool done = false, failed = false;
	for (uint32_t i = 0; i < s->core.count; i++) {
		const struct plan_service *ps = plan_service(p, i);
		const struct core_service *cs = &s->core.service[i];
		if (!counts(ps))
			continue;
		if (is_alight(cs))
			return false;
		done |= cs->state == SVC_DONE || is_armed(s, i);
		failed |= ps->type != TYPE_ONESHOT &&
			(cs->lacking || core_state_is((enum core_state)cs->state, STATE_BAD));
	}
	return !done || failed;
}

/* ---- the reboot ---- */

static void enter_phase(struct pid1 *s, uint32_t phase, uint64_t due)
{
	s->rescue.phase = phase;
	s->rescue.due_ms = due;
}

static uint64_t reboot_delay(int count)
{
	uint64_t ms = REBOOT_MS;
	for (int i = 1; i < count && ms < REBOOT_MAX_MS; i++)
		ms *= 2;
	return ms;
}

static void reboot_soon(struct pid1 *s, const char *why, const char *more)
{
	char text[120];
	struct fmt f;
	int count;
	if (!ask_child(s, work_count, &count, sizeof(count)))
		count = 1; /* where it cannot be counted, it is each time the first */
	uint64_t ms = reboot_delay(count);
	fmt_init(&f, text, sizeof(text));
	fmt_str(&f, "rebooting in ");
	fmt_u64(&f, ms / 1000);
	fmt_str(&f, " s");
	if (count > 1) {
		fmt_str(&f, ", for the ");
		fmt_u64(&f, (uint64_t)count);
		fmt_str(&f, ". time without a good boot");
	}
	console_say(s, SAY_ERROR, "no shell on the console: ", why, more, NULL);
	console_say(s, SAY_ERROR, text, NULL);
	enter_phase(s, PHASE_REBOOT_DUE, now_ms() + ms);
}

/* ---- the shell ---- */

/* Its controlling terminal; opening it must not wait for a carrier, its reads may. */
static int open_console(void)
{
	int fd = descriptor_lift(open(CONSOLE, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
	int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
	if (flags >= 0)
		fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	return fd;
}

static void start_shell(struct pid1 *s)
{
	const struct tool *t = s->rescue.mode == RESCUE_OPEN ? &shell : &askers[s->rescue.asker];
	const char *const argv[] = {t->name, t->user, NULL};
	int fd = open_console();
	if (fd < 0) {
		reboot_soon(s, CONSOLE ": ", err_name(fd));
		return;
	}
	int err = spawn_on_terminal(t->path, argv, fd, &s->rescue.pid);
	close(fd);
	if (err < 0) {
		console_say(s, SAY_ERROR, t->path, ": ", err_name(err), NULL);
		reboot_soon(s, "it does not start", "");
		return;
	}
	s->rescue.since_ms = now_ms();
	enter_phase(s, PHASE_SHELL, CORE_NEVER);
}

/* The plan says it, but for the rescue plan, which has no word of the firmware's. */
static void doubt_mode(struct pid1 *s, const struct plan *p)
{
	struct rescue *r = &s->rescue;
	if (s->plan_source != PLAN_RESCUE || r->witness != ~r->mode)
		r->mode = plan_header(p)->machine.rescue_shell;
	r->witness = ~r->mode;
}

void rescue_doubt(struct pid1 *s, const struct plan *p)
{
	struct rescue *r = &s->rescue;
	doubt_mode(s, p);
	if (doubt_is_child(r->pid)) {
		enter_phase(s, PHASE_SHELL, CORE_NEVER);
		return;
	}
	r->pid = 0;
	if (r->phase == PHASE_SHELL || r->phase > PHASE_REBOOT_DUE ||
		r->due_ms > now_ms() + REBOOT_MAX_MS)
		enter_phase(s, PHASE_LIGHT, 0);
}

bool rescue_ended(struct pid1 *s, int pid)
{
	if (s->rescue.phase != PHASE_SHELL || s->rescue.pid != pid)
		return false;
	uint64_t now = now_ms();
	s->rescue.short_lives = now - s->rescue.since_ms < SHORT_MS ? s->rescue.short_lives + 1 : 0;
	s->rescue.pid = 0;
	console_say(s, SAY_NOTICE, "the shell on the console has ended", NULL);
	enter_phase(s, PHASE_SHELL_DUE, now + AGAIN_MS);
	return true;
}

/* ---- */

/* What services lack has the time of the boot to come before the device reboots; a shell harms
 * nobody. */
static uint64_t dark_until(const struct pid1 *s, const struct plan *p)
{
	uint64_t until = now_ms() + (s->plan_source == PLAN_RESCUE ? 0 : DARK_MS);
	bool lacking = false;
	for (uint32_t i = 0; i < s->core.count; i++)
		lacking |= s->core.service[i].lacking && counts(plan_service(p, i));
	if (!lacking || !rescue_refusal(s) || s->settle_ms == CORE_NEVER)
		return until;
	return s->settle_ms > until ? s->settle_ms : until;
}

static void begin_rescue(struct pid1 *s)
{
	const char *refusal = rescue_refusal(s);
	console_say(s, SAY_ERROR,
		s->plan_source == PLAN_RESCUE ? "rescue: no service is started"
									  : "no service is running or able to start",
		refusal ? NULL
			: s->rescue.mode == RESCUE_OPEN
			? ": a shell on the console"
			: ": a shell on the console for who knows root's password",
		NULL);
	s->rescue.short_lives = 0;
	if (refusal)
		reboot_soon(s, refusal, "");
	else
		enter_phase(s, PHASE_SHELL_DUE, 0);
}

static void act(struct pid1 *s, const struct plan *p)
{
	if (s->rescue.phase == PHASE_LIGHT)
		enter_phase(s, PHASE_DARK, dark_until(s, p));
	else if (s->rescue.phase == PHASE_DARK)
		begin_rescue(s);
	else if (s->rescue.phase == PHASE_REBOOT_DUE)
		post_event(s, p, EV_FINAL, 0, 0, FINAL_REBOOT);
	else if (rescue_refusal(s))
		reboot_soon(s, rescue_refusal(s), "");
	else if (s->rescue.short_lives >= SHORT_LIVES)
		reboot_soon(s, "it ends at once, again and again", "");
	else
		start_shell(s);
}

void rescue_look(struct pid1 *s, const struct plan *p)
{
	if (s->core.final || s->final_request || s->rescue.phase == PHASE_SHELL)
		return;
	if (!rescue_is_dark(s, p)) { /* somebody has started one from the shell */
		enter_phase(s, PHASE_LIGHT, 0);
		return;
	}
	if (now_ms() >= s->rescue.due_ms)
		act(s, p);
}

uint64_t rescue_deadline(const struct pid1 *s, const struct plan *p)
{
	if (s->core.final || s->rescue.phase == PHASE_SHELL || !rescue_is_dark(s, p))
		return CORE_NEVER;
	return s->rescue.due_ms;
}
