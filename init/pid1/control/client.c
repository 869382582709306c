/* SPDX-License-Identifier: MIT
 * Asks PID 1 to end the machine: see client.h.
 */
#include "pid1/control/client.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "ctl/request.h"
#include "pid1/control/order.h"
#include "pid1/errand.h"
#include <errno.h>
#include <poll.h>
#include <sys/reboot.h>
#include <unistd.h>

#define SYNC_MS 30000

enum { DONE, FAILED, USAGE };

/* One line, "NAME: WHAT[ WORD]". */
static bool say_line(int fd, const char *name, const char *what, const char *word)
{
	char text[512];
	struct fmt f;
	fmt_init(&f, text, sizeof(text) - 1);
	fmt_strs(&f, name, ": ", what, *word ? " " : "", word, NULL);
	text[f.len++] = '\n';
	return write(fd, text, f.len) == (ssize_t)f.len;
}

/* A disk that does not answer is not waited for. */
static void sync_bounded(void)
{
	struct errand e;
	int result;
	if (errand_begin(&e, errand_sync, NULL, -1) < 0)
		sync();
	else if (!errand_back(&e, SYNC_MS, &result))
		errand_give_up(&e);
}

static int force(const struct order *o, const char *name)
{
	if (!o->no_sync)
		sync_bounded();
	reboot(o->final == FINAL_REBOOT  ? RB_AUTOBOOT
			: o->final == FINAL_HALT ? (int)RB_HALT_SYSTEM
									 : RB_POWER_OFF);
	int err = errno;
	say_line(STDERR_FILENO, name,
		err != EPERM ? err_text(-err)
			: geteuid() != 0
			? "only root may do this"
			: "not permitted to this process, by its walls or by SELinux: without -f PID 1 is asked",
		"");
	return FAILED;
}

static int ask_final(const struct order *o, const char *name)
{
	int err = ctl_request_final((int)o->final);
	if (err < 0)
		say_line(STDERR_FILENO, name,
			err == -EPERM || err == -EACCES ? "only root may do this" : "PID 1 cannot be asked:",
			err == -EPERM || err == -EACCES ? "" : err_text(err));
	return err < 0 ? FAILED : DONE;
}

int client_run(const char *name, int argc, char *const argv[])
{
	struct order o;
	order_read(&o, name, argc, argv);
	switch (o.act) {
	case ORDER_HELP:
		return say_line(STDOUT_FILENO, "usage", o.usage, "") ? DONE : FAILED;
	case ORDER_CANCEL:
		return say_line(STDOUT_FILENO, name,
				   "a shutdown cannot be scheduled: it is done at once or not at all", "")
			? DONE
			: FAILED;
	case ORDER_ASK:
	case ORDER_FORCE:
		poll(NULL, 0, (int)o.delay_s * 1000);
		return o.act == ORDER_FORCE ? force(&o, name) : ask_final(&o, name);
	case ORDER_WRONG:
	default:
		say_line(STDERR_FILENO, name, o.what, o.word);
		say_line(STDERR_FILENO, "usage", o.usage, "");
		return USAGE;
	}
}
