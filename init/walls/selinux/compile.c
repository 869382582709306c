/* SPDX-License-Identifier: MIT
 * [SELinux]. Only the form of a context is checked here; whether the policy knows it shows at the
 * start.
 */
#include "walls/selinux/conf.h"

#define CONTEXT_MAX 255

void selinux_conf_init(struct selinux_conf *conf)
{
	*conf = (struct selinux_conf){.required = true};
}

static bool context_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
		c == '.' || c == '-';
}

/* user:role:type, then a level in which colons and commas are part of it. */
static int set_context(struct span *out, struct span value, const char *example, struct diag *d)
{
	unsigned colons = 0;
	size_t run = 0;
	bool good = value.n > 0 && value.n <= CONTEXT_MAX;
	for (size_t i = 0; good && i < value.n; i++) {
		char c = value.p[i];
		if (c == ':' && run > 0) {
			colons++;
			run = 0;
		} else {
			good = context_char(c) || (c == ',' && colons > 3);
			run++;
		}
	}
	if (!good || colons < 2 || run == 0)
		return diag_error(d, "\"%.*s\" is not a security context, expected one like %s",
			SPAN_ARGS(value), example);
	if (colons == 2)
		diag_note(d,
			"\"%.*s\" has no level: a policy with levels, such as bulkhead's, refuses it, expected one like %s",
			SPAN_ARGS(value), example);
	*out = value;
	return 0;
}

int selinux_set_context(void *conf, struct span value, struct diag *d)
{
	return set_context(&((struct selinux_conf *)conf)->context, value,
		"system_u:system_r:NAME_t:s0", d);
}

int selinux_set_directory_context(void *conf, struct span value, struct diag *d)
{
	return set_context(&((struct selinux_conf *)conf)->directory, value,
		"system_u:object_r:NAME_files_t:s0", d);
}

int selinux_set_socket_context(void *conf, struct span value, struct diag *d)
{
	return set_context(&((struct selinux_conf *)conf)->socket, value,
		"system_u:object_r:NAME_socket_t:s0", d);
}

struct span selinux_type(struct span context)
{
	struct span rest = context, type = {NULL, 0};
	for (int field = 0; field < 3; field++)
		if (!span_part(&rest, ':', &type))
			return (struct span){NULL, 0};
	return type;
}

struct plan_blob selinux_encode(const struct selinux_conf *conf, const struct wall_context *context,
	struct plan_writer *w)
{
	(void)context;
	struct selinux_plan s = {
		.context = plan_write_span(w, conf->context),
		.directory = plan_write_span(w, conf->directory),
		.flags = conf->required ? SELINUX_REQUIRED : 0,
	};
	return plan_write_blob(w, &s, sizeof(s));
}
