/* SPDX-License-Identifier: MIT
 * The service's standard descriptors: pipes, as on the device, and not our own. So a service behind
 * its walls never holds the terminal of whoever tries it, may open /dev/stdout again, and SELinux
 * has one rule to know.
 */
#include "base/errname.h"
#include "engine/descriptors.h"
#include "try/try.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define DRAIN_MS 30000
#define DRAIN_STILL_MS 3000

int relay_open(struct trial *t)
{
	for (int n = 0; n < 3; n++) {
		int fd[2];
		int err = descriptor_pipe(fd, 0), ours = fd[n == 0];
		if (err < 0)
			return err;
		fcntl(ours, F_SETFL, O_NONBLOCK);
		t->service_end[n] = fd[n != 0];
		t->relay[n].from = n == 0 ? output_own(STDIN_FILENO) : ours;
		t->relay[n].to = n == 0 ? ours : output_own(n);
	}
	return 0;
}

static void finish(struct try_relay *r)
{
	/* The end of our input is the end of the service's. Our own descriptors stay open. */
	int *end = r->from == output_own(STDIN_FILENO) ? &r->to : &r->from;
	if (*end >= 0)
		close(*end);
	r->from = r->to = -1;
}

static bool fill(struct try_relay *r)
{
	ssize_t n = read(r->from, r->buf, sizeof(r->buf));
	/* EIO: the terminal has become another's just now (SIGTTIN is blocked). */
	if (n < 0 && (errno == EAGAIN || errno == EINTR || (errno == EIO && output_in_background())))
		return false;
	if (n <= 0) {
		finish(r);
		return false;
	}
	r->at = 0;
	r->filled = (unsigned)n;
	return true;
}

bool relay_pump(struct try_relay *r)
{
	if (r->from < 0 || (r->filled == 0 && !fill(r)))
		return false;
	ssize_t n = output_write(r->to, r->buf + r->at, r->filled);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n < 0) {
		/* Nobody reads any more: the service gets what it would get from a pipe of its own (EPIPE).
		 * A full disk is another matter. */
		r->lost = errno == EPIPE ? 0 : errno;
		finish(r);
		return false;
	}
	r->at += (unsigned)n;
	r->filled -= (unsigned)n;
	return true;
}

/* Bounded for those who take a byte now and then too, and for a service that could not be killed
 * and goes on writing. */
static bool drain(struct try_relay *r, uint64_t end)
{
	while (try_now_ms() < end) {
		guard_beat();
		if (!relay_pump(r) && (r->from < 0 || r->filled == 0))
			return true;
		if (r->filled > 0 && !output_wait(r->to, DRAIN_STILL_MS))
			break;
	}
	return false;
}

int relay_drain(struct trial *t)
{
	int lost = 0;
	uint64_t end = try_now_ms() + DRAIN_MS;
	bool all = true;
	for (int n = 1; n < 3; n++) {
		all = drain(&t->relay[n], end) && all;
		lost = lost ? lost : t->relay[n].lost;
	}
	if (!all)
		try_say("the end of its output is lost: nobody read it");
	if (lost)
		try_say("its output could not be written: %s", err_name(lost));
	return -lost;
}
