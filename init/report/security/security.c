/* SPDX-License-Identifier: MIT
 * `--security`: what a service's files open, by the rows of each wall
 * (walls/NAME/report_security.c) and the rows here, which belong to no wall. Weights are tenths of
 * a point and are added; 100 means as good as no walls.
 */
#include "report/security/security.h"
#include "base/count.h"
#include "compile/emit/context.h"
#include "compile/unit/directives.h"
#include "plan/names.h"
#include "walls/report.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is no wall's ---- */

static const struct {
	uint32_t wall; /* enum plan_optional */
	unsigned weight;
} optional[] = {
	{OPTIONAL_USER, 5},
	{OPTIONAL_SECCOMP, 10},
	{OPTIONAL_SELINUX, 3},
	{OPTIONAL_LANDLOCK, 1},
};

static void look_optional(const struct security_look *l, const struct security_row *row)
{
	for (unsigned i = 0; plan_optional_walls[i]; i++) {
		unsigned weight = row->weight;
		for (size_t o = 0; o < COUNT(optional); o++)
			if (optional[o].wall == 1u << i)
				weight = optional[o].weight;
		if (l->found->service->unit.optional_walls >> i & 1)
			security_opens(l, row, weight, "%s may be missing", plan_optional_walls[i]);
	}
}

static void look_terminal(const struct security_look *l, const struct security_row *row)
{
	const uint32_t input = l->found->service->unit.stdio[0].kind;
	if (input == STDIO_TTY || input == STDIO_CONSOLE)
		security_opens(l, row, row->weight, "reads a terminal");
}

/* clang-format off */
static const struct security_row others[] = {
	{D_Socket_ListenStream, "whoever reaches this socket of the host speaks to it", security_listening, 1, SOCKET_STREAM, NULL},
	{D_Socket_ListenDatagram, "whoever reaches this socket of the host speaks to it", security_listening, 1, SOCKET_DATAGRAM, NULL},
	{D_Socket_ListenSequentialPacket, "whoever reaches this socket of the host speaks to it", security_listening, 1, SOCKET_SEQPACKET, NULL},
	{D_Socket_ListenFIFO, "whoever reaches this FIFO of the host speaks to it", security_listening, 1, SOCKET_FIFO, NULL},
	{D_Socket_ListenNetlink, "it speaks to the kernel about the host's network and devices", security_listening, 2, SOCKET_NETLINK, NULL},
	{D_Service_OptionalWalls, "on a kernel without it this wall is missing", look_optional, 2, 0, NULL},
	{D_Service_StandardInput, "what is typed at the device, passwords too", look_terminal, 1, 0, NULL},
	{0},
};
/* clang-format on */

/* ---- all of it ---- */

/* With the host's mounts nothing of [Filesystem] holds. */
static bool closes(const struct service *s, enum directive_id c)
{
	bool holds = s->namespaces.own & NS_MOUNT || strcmp(directives[c].section, "Filesystem") != 0;
	return holds && security_place(s, c);
}

size_t security_closed(const struct service *s, const char *key[static SECURITY_MAX_CLOSED])
{
#define CLOSES(NAME, name) name##_security.closes,
	const enum directive_id *const list[] = {PLAN_WALLS(CLOSES)};
	size_t n = 0;
	for (size_t i = 0; i < COUNT(list); i++)
		for (const enum directive_id *c = list[i]; c && *c != DIRECTIVES; c++)
			if (closes(s, *c) && n < SECURITY_MAX_CLOSED)
				key[n++] = directives[*c].key;
	return n;
}

static int heavier(const void *a, const void *b)
{
	const struct security_opening *x = a, *y = b;
	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return strcmp(x->what, y->what);
}

static void look_at_rows(const struct security_look *l, const struct security_row *row)
{
	for (; row && row->look; row++)
		row->look(l, row);
}

static void look_at_all(const struct service *s, struct security *found)
{
	struct security_look l = {.context = context_of(s), .found = found};
	look_at_rows(&l, others);
#define OPENS(NAME, name) \
	l.conf = &s->name; \
	look_at_rows(&l, name##_security.opens);
	PLAN_WALLS(OPENS)
}

void security_judge(const struct service *s, struct security *found)
{
	unsigned sum = 0;
	found->service = s;
	found->count = 0;
	if (s->unit.type != TYPE_GROUP)
		look_at_all(s, found);
	qsort(found->opening, found->count, sizeof(found->opening[0]), heavier);
	for (size_t i = 0; i < found->count; i++)
		sum += found->opening[i].weight;
	found->score = sum < SECURITY_MAX_SCORE ? sum : SECURITY_MAX_SCORE;
}
