/* SPDX-License-Identifier: MIT
 * The verbs that change something: services, and the machine's end. PID 1 answers a start or a stop
 * once the service has settled.
 */
#include "base/errname.h"
#include "ctl/ctl.h"
#include "print/json.h"
#include "ctl/request.h"
#include "ctl/text.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void json_result(struct json *j, const struct ctl *c, const char *service, int err,
	const char *text)
{
	json_open(j, NULL, '{');
	if (service)
		json_text(j, "service", service);
	json_text(j, "verb", c->verb);
	json_bool(j, "ok", !err);
	if (err) {
		json_text(j, "errno", err_name(ctl_errno(err)));
		json_text(j, "message", *text ? text : err_text(ctl_errno(err)));
	}
	json_close(j, '}');
}

static int timeout_of(int verb)
{
	return verb == PROTO_START || verb == PROTO_STOP || verb == PROTO_RESTART ||
			verb == PROTO_REFRESH
		? REQUEST_FOREVER
		: REQUEST_TIMEOUT_MS;
}

/* A name that is too long for a request is that of no service. */
static int complain_of_service(const struct ctl *c, const char *service, int err, const char *text)
{
	return err == -ENOENT || err == -ENAMETOOLONG ? ctl_no_service(c, service)
												  : ctl_complain(c, service, err, text);
}

int ctl_change(const struct ctl *c)
{
	struct json j = {.out = stdout};
	int result = CTL_OK;
	if (ctl_json(c))
		json_open(&j, NULL, '[');
	for (int i = 0; i < c->count; i++) {
		struct proto_reply end;
		int err = ctl_ask(c, (enum proto_verb)c->value, c->signal, c->names[i],
			timeout_of(c->value), &end, NULL, NULL);
		if (err)
			result = complain_of_service(c, c->names[i], err, end.text);
		if (ctl_json(c))
			json_result(&j, c, c->names[i], err, end.text);
		if (result == CTL_UNREACHABLE || result == CTL_DENIED)
			break; /* the others would fare no better */
	}
	if (ctl_json(c))
		json_close(&j, ']');
	return result;
}

int ctl_final(const struct ctl *c)
{
	struct json j = {.out = stdout};
	struct proto_reply end;
	int err = ctl_ask(c, PROTO_FINAL, c->value, NULL, REQUEST_TIMEOUT_MS, &end, NULL, NULL);
	int result = err ? ctl_complain(c, NULL, err, end.text) : CTL_OK;
	if (ctl_json(c))
		json_result(&j, c, NULL, err, end.text);
	return result;
}
