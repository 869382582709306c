/* SPDX-License-Identifier: MIT
 * What a service will run with, and where each value came from.
 */
#pragma once
#include "compile/unit/service.h"

struct inforce;

/* inforce: what was found in force, NULL: not asked for. */
void explain_text(const struct service *s, struct inforce *inforce);
void explain_json(const struct service *s, struct inforce *inforce);

/* explain_sockets.c: the part of [Socket] */
void sockets_text(const struct service *s);
void sockets_json(const struct service *s);
