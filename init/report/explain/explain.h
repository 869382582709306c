/* SPDX-License-Identifier: MIT
 * What a service will run with, and where each value came from.
 */
#pragma once
#include "compile/unit/service.h"
#include "walls/report.h"

struct inforce;

/* inforce: what was found in force, NULL: not asked for. */
void explain_service(const struct service *s, struct inforce *inforce, bool json);

/* explain_sockets.c: the part of [Socket] */
void explain_sockets(struct explain *e, const struct service *s);
