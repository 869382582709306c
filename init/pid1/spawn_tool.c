/* SPDX-License-Identifier: MIT
 * Programs that are no service: see spawn_tool.h. */
#include "pid1/spawn_tool.h"
#include "base/sys.h"
#include "engine/cell.h"
#include "pid1/crash.h"
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ttydefaults.h>
#include <termios.h>
#include <unistd.h>

long spawn_child(struct start *c, struct clone_args *args)
{
	args->flags |= CLONE_VM | CLONE_VFORK;
	crash_child_stack(start_stack, sizeof(start_stack));
	return start_run(c, args);
}

/* Runs a program on these descriptors. Its pidfd, which is the caller's, or -errno; its pid
 * is in *pid before it runs. */
static int run_tool(struct start *c, const char *const *argv, const int *on, int count,
	int32_t *pid)
{
	int pidfd = -1;
	struct clone_args args = {.flags = CLONE_PIDFD | CLONE_PARENT_SETTID,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		.parent_tid = (uint64_t)(uintptr_t)pid};
	c->handed = CELL_FD_SOCKETS;
	c->unblock = true;
	for (int i = 0; i < CELL_FD_SOCKETS; i++)
		c->fd[i] = i < count ? on[i] : -1;
	for (unsigned i = 0; i < START_WORDS && argv[i]; i++)
		c->argv[i] = argv[i];
	long r = spawn_child(c, &args);
	return r < 0 ? (int)r : pidfd;
}

int spawn_tool(const char *path, const char *const *argv, int out, int err, int32_t *pid)
{
	struct start c = {.path = path};
	return run_tool(&c, argv, (const int[3]){-1, out, err}, 3, pid);
}

int spawn_tool_on(const char *path, const char *const *argv, const int on[4], int32_t *pid)
{
	struct start c = {.path = path};
	return run_tool(&c, argv, on, 4, pid);
}

/* As a program expects it, whoever had it before: lines, with echo and signals, and not stopped
 * (termios(3)). Its speed and its handshake are the kernel command line's. */
static void make_terminal_sane(void)
{
	static const cc_t keys[NCCS] = {[VINTR] = CTRL('C'),
		[VQUIT] = CTRL('\\'),
		[VERASE] = 0x7f,
		[VKILL] = CTRL('U'),
		[VEOF] = CTRL('D'),
		[VMIN] = 1,
		[VSTART] = CTRL('Q'),
		[VSTOP] = CTRL('S'),
		[VSUSP] = CTRL('Z')};
	struct termios t;
	if (sys_ioctl(0, TCGETS, &t) < 0)
		return; /* no terminal, which the shell will say */
	t.c_iflag = BRKINT | ICRNL | IXON | IMAXBEL;
	t.c_oflag = OPOST | ONLCR;
	t.c_cflag |= CREAD;
	t.c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
	memcpy(t.c_cc, keys, sizeof(keys));
	sys_ioctl(0, TCSETS, &t);
	/* TCOON alone starts what TCOOFF has stopped, and not Ctrl-S */
	sys_ioctl(0, TCXONC, (void *)TCOOFF);
	sys_ioctl(0, TCXONC, (void *)TCOON);
}

static void lead_session(void)
{
	setsid();
	sys_ioctl(0, TIOCSCTTY, NULL); /* without it there is no Ctrl-C, and a shell all the same */
	make_terminal_sane();
}

int spawn_on_terminal(const char *path, const char *const *argv, int terminal, int32_t *pid)
{
	static char *const environment[] = {(char *)"HOME=/",
		(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", (char *)"TERM=linux", (char *)"PS1=rescue# ",
		NULL};
	struct start c = {.path = path, .environment = environment, .settle = lead_session};
	int r = run_tool(&c, argv, (const int[3]){terminal, terminal, terminal}, 3, pid);
	if (r >= 0)
		close(r); /* its end is told by SIGCHLD */
	if (r >= 0 && !c.err)
		return 0;
	*pid = 0;
	return r < 0 ? r : -c.err;
}

/* Its end is told by SIGCHLD, also if it has come to nothing. */
static int run_task(struct pid1 *s, const char *task, uint32_t service, int network, int out,
	int32_t *pid)
{
	struct start c;
	struct clone_args args = {.flags = CLONE_PARENT_SETTID, .parent_tid = (uint64_t)(uintptr_t)pid};
	cell_fill_task(&c, CELL_PROGRAM, task, service, (const int[3]){s->null_fd, out, out},
		s->plan_fd, network);
	c.unblock = true;
	long r = spawn_child(&c, &args);
	if (r > 0 && !c.err)
		return 0;
	*pid = 0;
	return r < 0 ? (int)r : -c.err;
}

int spawn_return_netdevs(struct pid1 *s, uint32_t service, int network, int out, int32_t *pid)
{
	return run_task(s, CELL_GIVE_BACK, service, network, out, pid);
}

int spawn_clean(struct pid1 *s, uint32_t service, int32_t *pid)
{
	return s->plan_fd < 0 ? -EBADF : run_task(s, CELL_CLEAN, service, -1, s->null_fd, pid);
}
