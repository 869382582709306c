/* SPDX-License-Identifier: MIT
 * The values that a service will run with, and where each comes from.
 */
#pragma once
#include "compile/unit/service.h"
#include "walls/report.h"

struct inforce;

enum explain_form { EXPLAIN_BRIEF, EXPLAIN_FULL, EXPLAIN_JSON };

/* inforce: what is in force; NULL: not wanted. Brief: what differs from the default. */
void explain_service(const struct service *s, struct inforce *inforce, enum explain_form form);

/* explain_sockets.c: [Socket]. */
void explain_sockets(struct explain *e, const struct service *s);
