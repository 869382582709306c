/* SPDX-License-Identifier: MIT
 * Requests to PID 1, and one line on why one failed.
 */
#include "base/errname.h"
#include "base/nearest.h"
#include "core/core.h"
#include "ctl/ctl.h"
#include "ctl/request.h"
#include "ctl/text.h"
#include "print/escape.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Marks what went wrong before PID 1 had the request: the errno alone would not tell its answer
 * from a socket that is not there. */
#define UNREACHABLE (-100000)

int ctl_errno(int err)
{
	return err < UNREACHABLE ? err - UNREACHABLE : err;
}

int ctl_complain(const struct ctl *c, const char *subject, int err, const char *text)
{
	char safe[1024], name[512]; /* somebody has given it: it may have any bytes */
	if (err < UNREACHABLE) {
		err = ctl_errno(err);
		fprintf(stderr, "bulkctl: %s: cannot reach PID 1 at %s: %s\n", c->verb, c->socket,
			err_text(err));
		return err == -EACCES || err == -EPERM ? CTL_DENIED : CTL_UNREACHABLE;
	}
	text_safe(safe, sizeof(safe), text);
	text_safe(name, sizeof(name), subject ? subject : "");
	fprintf(stderr, "bulkctl: %s%s%s: ", c->verb, subject ? " " : "", name);
	if (err == -EPERM || err == -EACCES)
		fprintf(stderr, "permission denied%s%s\n", *safe ? ": " : "", safe);
	else
		fprintf(stderr, "%s\n", *safe ? safe : err_text(err));
	return err == -EPERM || err == -EACCES ? CTL_DENIED
		: err == PROTO_GOES_ON             ? CTL_GOES_ON
										   : CTL_FAILED;
}

static int converse(int fd, int timeout_ms, struct proto_reply *end, int *passed,
	void (*each)(void *context, const struct proto_reply *record), void *context)
{
	/* more records than services are no answer, and this ends */
	for (uint32_t i = 0; i <= CONFIG_MAX_SERVICES; i++) {
		int err = ctl_request_next(fd, end, passed, timeout_ms);
		if (err)
			return UNREACHABLE + err;
		if (end->kind == PROTO_END)
			return end->value > 0 ? -EPROTO : end->value;
		if (*passed >= 0)
			close(*passed);
		if (each)
			each(context, end);
	}
	return UNREACHABLE - EPROTO;
}

static int ask_once(const struct ctl *c, enum proto_verb verb, int value, const char *service,
	int timeout_ms, struct proto_reply *end, int *passed,
	void (*each)(void *context, const struct proto_reply *record), void *context)
{
	int fd, err;
	*passed = -1;
	memset(end, 0, sizeof(*end));
	if (service && strlen(service) >= CONFIG_MAX_NAME)
		return -ENAMETOOLONG;
	fd = ctl_request_open(c->socket);
	if (fd < 0)
		return UNREACHABLE + fd;
	err = ctl_request_send(fd, verb, value, service);
	err = err ? UNREACHABLE + err : converse(fd, timeout_ms, end, passed, each, context);
	close(fd);
	return err;
}

static int ask(const struct ctl *c, enum proto_verb verb, int value, const char *service,
	int timeout_ms, struct proto_reply *end, int *passed,
	void (*each)(void *context, const struct proto_reply *record), void *context)
{
	unsigned tries = 0;
	int err;
	do
		err = ask_once(c, verb, value, service, timeout_ms, end, passed, each, context);
	while (ctl_request_again(&tries, err));
	return err;
}

int ctl_ask(const struct ctl *c, enum proto_verb verb, int value, const char *service,
	int timeout_ms, struct proto_reply *end,
	void (*each)(void *context, const struct proto_reply *record), void *context)
{
	int passed;
	int err = ask(c, verb, value, service, timeout_ms, end, &passed, each, context);
	if (passed >= 0)
		close(passed);
	return err;
}

/* The plan that PID 1 runs, mapped for the rest of this program's life. Without it there are no
 * descriptions and no tree, nothing more. */
static void get_plan(const struct ctl *c, struct plan *plan)
{
	struct proto_reply end;
	struct stat st;
	int fd;
	void *p = MAP_FAILED;
	int err = ask(c, PROTO_PLAN, 0, NULL, REQUEST_TIMEOUT_MS, &end, &fd, NULL, NULL);
	plan->base = NULL;
	if (err == -EPERM)
		fprintf(stderr,
			"bulkctl: only root may read the plan: no tree, descriptions and dependencies\n");
	if (fd < 0)
		return;
	if (!err && fstat(fd, &st) == 0 && st.st_size > 0)
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return;
	if (plan_open(plan, p, (size_t)st.st_size, 0) != PLAN_OK)
		plan->base = NULL;
}

static void keep_service(void *context, const struct proto_reply *record)
{
	struct ctl_world *w = context;
	/* A PID 1 that crashes between a record and the next sends the first once more. */
	bool again = record->kind == PROTO_SERVICE && w->count &&
		w->services[w->count - 1].index == record->service.index;
	if (record->kind == PROTO_SERVICE && !again && w->count < CONFIG_MAX_SERVICES)
		w->services[w->count++] = record->service;
}

static int get_services(const struct ctl *c, struct ctl_world *w, struct proto_reply *end)
{
	memset(w, 0, sizeof(*w));
	w->services = calloc(CONFIG_MAX_SERVICES, sizeof(*w->services));
	end->text[0] = '\0';
	return w->services ? ctl_ask(c, PROTO_STATUS, 0, NULL, REQUEST_TIMEOUT_MS, end, keep_service, w)
					   : -ENOMEM;
}

int ctl_world_get(const struct ctl *c, struct ctl_world *w)
{
	struct proto_reply end;
	struct timespec ts;
	int err = get_services(c, w, &end);
	if (err)
		return ctl_complain(c, NULL, err, end.text);
	clock_gettime(CLOCK_MONOTONIC, &ts);
	w->now_ms = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	get_plan(c, &w->plan);
	return 0;
}

int ctl_no_service(const struct ctl *c, const char *name)
{
	struct proto_reply end;
	struct ctl_world w;
	struct nearest near;
	char text[128];
	nearest_begin(&near, span_of(name));
	if (get_services(c, &w, &end) == 0)
		for (uint32_t i = 0; i < w.count; i++)
			nearest_try(&near, span_of(w.services[i].name));
	snprintf(text, sizeof(text), "no such service%s", nearest_hint(&near));
	free(w.services);
	return ctl_complain(c, name, -ENOENT, text);
}

const struct proto_service *ctl_world_find(const struct ctl_world *w, uint32_t index)
{
	for (uint32_t i = 0; i < w->count; i++)
		if (w->services[i].index == index)
			return &w->services[i];
	return NULL;
}
