/* SPDX-License-Identifier: MIT
 * The network namespace of the process, compared with the host's or with that of its name.
 */
#include "walls/network/conf.h"
#include "walls/report.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* By its name: the file of `ip netns`, which is the namespace itself. */
static enum verdict is_named_namespace(const struct look *l, const char *own)
{
	const struct network_conf *c = l->conf;
	char path[300];
	struct stat st;
	snprintf(path, sizeof(path), "/run/netns/%.*s", SPAN_ARGS(c->name));
	if (stat(path, &st) < 0)
		return UNSEEN;
	return strtoull(own + strcspn(own, "0123456789"), NULL, 10) == st.st_ino ? IN_FORCE : MISSING;
}

void network_look(struct look *l)
{
	const struct network_conf *c = l->conf;
	/* enum network_mode */
	static const char *const modes[] = {"private", "host", "joined", "named"};
	const enum network_mode mode = c->mode;
	/* a joined one is not the host's either */
	bool asked = l->context->own_network || mode == NETWORK_JOIN, private;
	char own[LOOK_LINK];
	bool seen = look_at_namespace(l, "ns/net", own, &private);
	enum verdict v = !seen ? UNSEEN : !asked || private ? IN_FORCE : look_lacking(l, 0);
	bool joined = mode == NETWORK_JOIN && v == IN_FORCE;
	if (mode == NETWORK_NAMED && seen)
		v = is_named_namespace(l, own);
	if (joined) /* nothing here says whose it is */
		v = UNSEEN;
	look_row(l, D_Namespaces_Network, "", v, modes[mode],
		!seen         ? ""
			: joined  ? "not the host's"
			: private ? "private"
					  : "host");
}
