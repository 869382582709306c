/* SPDX-License-Identifier: MIT
 * The service's arguments and environment: pointers into the plan, and the few variables that are
 * known only now. The environment is built from nothing; it never has PID 1's own.
 */
#include "base/fmt.h"
#include "cell/cell.h"
#include <errno.h>
#include <unistd.h>

static int add_words(struct cell *c)
{
	const struct plan_list list = c->command->argv;
	const plan_str *text = plan_elements(&c->plan, list, sizeof(*text));
	int err = text ? 0 : -EINVAL;
	for (uint32_t i = 0; text && i < list.count && err == 0; i++)
		err = cell_expand(c, plan_text(&c->plan, text[i]));
	for (char *const *word = c->words; *word && err == 0; word++)
		err = cell_append(&c->scratch->arguments, *word);
	return err == 0 && c->scratch->arguments.count == 0 ? -EINVAL : err;
}

static int add_number(struct cell_vector *w, char *buf, size_t cap, const char *name,
	uint64_t value)
{
	struct fmt f;
	fmt_init(&f, buf, cap);
	fmt_str(&f, name);
	fmt_u64(&f, value);
	return cell_append(w, buf);
}

static int add_notify(const struct cell *c)
{
	struct cell_scratch *s = c->scratch;
	const char *where = "NOTIFY_SOCKET=" NOTIFY_PATH;
	if (c->view.flags & FS_HOST_MOUNTS) {
		cell_notify_path(c, "NOTIFY_SOCKET=", s->notify, sizeof(s->notify));
		where = s->notify;
	}
	int err = cell_needs_notify(c) ? cell_append(&s->environment, where) : 0;
	if (err < 0 || c->service->watchdog_ms == 0 || c->list != EXEC_START)
		return err;
	err = add_number(&s->environment, s->usec, sizeof(s->usec),
		"WATCHDOG_USEC=", (uint64_t)c->service->watchdog_ms * 1000);
	/* As the service sees itself: sd_watchdog_enabled(3) compares it with getpid(2). */
	return err < 0
		? err
		: add_number(&s->environment, s->pid, sizeof(s->pid), "WATCHDOG_PID=", (uint64_t)getpid());
}

/* sd_listen_fds(3); the pid is the one that the service sees. */
static int add_sockets(const struct cell *c)
{
	struct cell_scratch *s = c->scratch;
	if (c->sockets == 0)
		return 0;
	int err = add_number(&s->environment, s->fds, sizeof(s->fds),
		"LISTEN_FDS=", (uint64_t)c->sockets);
	if (err == 0)
		err = add_number(&s->environment, s->fds_pid, sizeof(s->fds_pid),
			"LISTEN_PID=", (uint64_t)getpid());
	return err < 0 ? err
				   : cell_append(&s->environment, plan_text(&c->plan, c->service->socket_names));
}

int cell_arguments(struct cell *c)
{
	int err = add_notify(c);
	if (err == 0)
		err = add_sockets(c);
	if (err < 0)
		return wall_failed(&c->why, err, "environment");
	cell_unset(c);
	c->why.text[0] = 0;
	err = add_words(c);
	return err == 0 || c->why.text[0] ? err : wall_failed(&c->why, err, "arguments");
}

int cell_exec(struct cell *c)
{
	const char *path = plan_text(&c->plan, c->command->path);
	if (path[0] != '/')
		return wall_failed2(&c->why, -EINVAL, "no absolute path", path);
	c->executing = true;
	/* execve(2) and not execveat(2): it is the one that every filter has to allow. */
	execve(path, c->scratch->arguments.at, c->scratch->environment.at);
	int err = -errno;
	/* Which of the two, only a call could tell that the filter need not allow. */
	return err == -ENOENT ? wall_failed2(&c->why, err, path,
								"does not exist, or its interpreter (#!, loader) does not")
						  : wall_failed(&c->why, err, path);
}
