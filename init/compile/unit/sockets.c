/* SPDX-License-Identifier: MIT
 * [Socket]: the values. What they mean together is checked later (sockets_check.c).
 */
#include "compile/unit/sockets.h"
#include "walls/network/conf.h"
#include <limits.h>
#include <string.h>

#define NAME_MAX_BYTES 64

void sockets_init(struct sockets_conf *conf)
{
	*conf = (struct sockets_conf){0}; /* the directives' defaults are in their table */
}

const char *const sockets_activations[] = {"boot", "on-demand", NULL};

static void drop_kind(struct sockets_conf *c, enum plan_socket_kind kind)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->count; i++)
		if (c->listen[i].kind != kind)
			c->listen[kept++] = c->listen[i];
	c->count = kept;
}

int sockets_set_address(void *conf, unsigned kind, struct span value, struct diag *d)
{
	struct sockets_conf *c = conf;
	struct sockets_address a;
	if (value.n == 0) {
		drop_kind(c, kind);
		return 0;
	}
	int err = sockets_parse(value, kind, &a, d);
	if (err < 0)
		return err;
	for (size_t i = 0; i < c->count; i++) {
		if (sockets_collide(&c->listen[i], &a))
			return diag_error(d, "%.*s is taken by %s = %.*s of this service, in line %u",
				SPAN_ARGS(value), sockets_directive(c->listen[i].kind),
				SPAN_ARGS(c->listen[i].text), c->listen[i].place.line);
	}
	if (c->count == PLAN_MAX_SOCKETS)
		return diag_error(d, "more than %d sockets", PLAN_MAX_SOCKETS);
	a.place = (struct place){d->file, d->line};
	c->listen[c->count++] = a;
	return 0;
}

int sockets_set_mode(void *conf, struct span value, struct diag *d)
{
	struct sockets_conf *c = conf;
	uint32_t mode = 0;
	int err = value_mode(value, &mode, d);
	if (err == 0 && mode > SOCKETS_MAX_MODE)
		return diag_error(d,
			"\"%.*s\" has bits that mean nothing on a socket, expected 0000 to 0777",
			SPAN_ARGS(value));
	if (err == 0)
		c->mode = mode;
	return err;
}

int sockets_set_device(void *conf, struct span value, struct diag *d)
{
	int err = span_is(value, "lo") ? 0 : network_value_interface(value, d);
	if (err == 0)
		((struct sockets_conf *)conf)->device = value;
	return err;
}

/* LISTEN_FDNAMES puts colons between them. */
static bool is_name(struct span word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] <= ' ' || word.p[i] >= 127 || word.p[i] == ':')
			return false;
	return word.n > 0 && word.n <= NAME_MAX_BYTES;
}

int sockets_set_names(void *conf, struct span value, struct diag *d)
{
	struct sockets_conf *c = conf;
	struct span rest = value, word;
	if (value.n == 0)
		c->names = 0;
	while (span_word(&rest, &word)) {
		if (!is_name(word))
			return diag_error(d,
				"\"%.*s\" is no name of a descriptor, expected up to %d characters without a colon",
				SPAN_ARGS(word), NAME_MAX_BYTES);
		if (c->names == PLAN_MAX_SOCKETS)
			return diag_error(d, "more than %d names", PLAN_MAX_SOCKETS);
		c->name[c->names++] = word;
	}
	return 0;
}
