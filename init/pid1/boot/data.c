/* SPDX-License-Identifier: MIT
 * Runs bulkhead-data: see data.h. A mount of a flash that does not answer can take minutes in the
 * kernel, where no signal ends it, so another process makes it.
 */
#include "pid1/boot/data.h"
#include "base/errname.h"
#include "base/span.h"
#include "base/sys.h"
#include "engine/descriptors.h"
#include "pid1/console.h"
#include "pid1/errand.h"
#include "pid1/spawn_tool.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DATA_PROGRAM "/usr/lib/bulkhead/bulkhead-data"
#define BOOT_MS 60000u
#define SAVE_MS 5000u
#define SAID_MAX 4096

/* "<3>text": syslog(3)'s level first. */
static void say_line(struct pid1 *s, char *line)
{
	enum console_level level = SAY_ERROR;
	if (line[0] == '<' && line[1] && line[2] == '>') {
		level = line[1] >= '6' ? SAY_INFO : line[1] == '5' ? SAY_NOTICE : SAY_ERROR;
		line += 3;
	}
	if (*line)
		console_say(s, level, line, NULL);
}

/* What it has said: as much as fits, in whole lines. */
static void relay(struct pid1 *s, int from)
{
	static char text[SAID_MAX];
	size_t n = 0;
	while (n < sizeof(text) - 1) {
		ssize_t got = read(from, text + n, sizeof(text) - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	text[n] = 0;
	for (char *line = text; *line;) {
		size_t length = strcspn(line, "\n");
		bool last = line[length] == 0;
		line[length] = 0;
		say_line(s, line);
		line += length + !last;
	}
}

static const char *wait_for_tool(struct pid1 *s, int pidfd, int pid, uint32_t ms)
{
	int status = 0;
	if (!errand_awaits(s, pidfd, ms)) {
		sys_pidfd_send_signal(pidfd, SIGKILL);
		return "took too long, going on without it";
	}
	if (waitpid(pid, &status, WNOHANG) != pid)
		return "ended, its exit status is unknown";
	if (WIFSIGNALED(status))
		return sig_name(WTERMSIG(status));
	return WEXITSTATUS(status) ? "failed" : NULL;
}

static void run_tool(struct pid1 *s, const char *what, uint32_t ms)
{
	const char *const argv[] = {"bulkhead-data", what, NULL};
	int said[2];
	int pid = 0;
	int err = descriptor_pipe(said, O_NONBLOCK);
	int pidfd = err < 0 ? err : spawn_tool(DATA_PROGRAM, argv, s->plan_fd, said[1], &pid);
	if (err == 0)
		close(said[1]);
	const char *why = pidfd < 0 ? err_name(pidfd) : wait_for_tool(s, pidfd, pid, ms);
	if (err == 0) {
		relay(s, said[0]);
		close(said[0]);
	}
	if (pidfd >= 0)
		close(pidfd);
	if (why)
		console_say(s, SAY_ERROR, DATA_PROGRAM " ", what, ": ", why, NULL);
}

bool data_boot(struct pid1 *s, const struct plan *p, bool again)
{
	const struct plan_machine *m = &plan_header(p)->machine;
	if (s->plan_fd < 0 || (!m->data.target && !m->overlays.count && !m->seed_file))
		return false;
	run_tool(s, again ? "again" : "boot", BOOT_MS);
	return m->overlays.count > 0;
}

void data_save(struct pid1 *s, const struct plan *p)
{
	if (s->plan_fd >= 0 && plan_header(p)->machine.seed_file)
		run_tool(s, "save", SAVE_MS);
}
