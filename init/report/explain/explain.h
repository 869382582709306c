/* SPDX-License-Identifier: MIT
 * The values that a service will run with, and where each comes from.
 */
#pragma once
#include "compile/unit/service.h"
#include "walls/report.h"

struct inforce;

/* inforce: what is in force; NULL: not wanted. */
void explain_service(const struct service *s, struct inforce *inforce, bool json);

/* explain_sockets.c: [Socket]. */
void explain_sockets(struct explain *e, const struct service *s);
