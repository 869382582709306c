/* SPDX-License-Identifier: MIT
 * One request of rtnetlink(7) and its answer, private to this wall's apply half. *why describes a
 * failure, in the kernel's words if it gives any.
 */
#pragma once
#include "walls/network/message.h"

/* Sends a request and reads its acknowledgement. 0 or a negative errno. `what` and `about` are for
 * *why. */
int network_talk(int fd, const struct network_message *m, const char *what, const char *about,
	struct wall_why *why);
/* The index of an interface; 0 if there is none of that name; or a negative errno. *answer may be
 * NULL. */
int network_find(int fd, const char *name, struct network_answer *answer, struct wall_why *why);
