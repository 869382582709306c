/* SPDX-License-Identifier: MIT
 * [Socket]: sockets that PID 1 opens and passes on. sockets_address.c parses the lines, sockets.c
 * has the setters, sockets_check.c checks them against the rest of the file and other services, and
 * writes the plan.
 */
#pragma once
#include "plan/format.h"
#include "walls/compile.h"
#include "walls/diagnose.h"

#define SOCKETS_MAX_PATH 107 /* sun_path has 108 bytes, with a NUL after or before */
#define SOCKETS_MAX_MODE 0777u

struct service;
struct set;

struct sockets_address {
	uint8_t kind;   /* enum plan_socket_kind */
	uint8_t family; /* enum plan_socket_family */
	uint16_t port;
	bool any;         /* only a port */
	struct span text; /* as written */
	struct span path; /* path, or abstract name without @ */
	uint8_t bytes[16];
	uint32_t protocol, groups;
	struct place place;
};

struct sockets_conf {
	struct sockets_address listen[PLAN_MAX_SOCKETS]; /* in the order of the lines */
	size_t count;
	struct span name[PLAN_MAX_SOCKETS];
	size_t names;
	uint32_t mode, backlog;
	struct span user, group, device;
	uint32_t uid, gid; /* of user and group, after the lookup */
	bool free_bind, reuse_port;
	unsigned on_demand; /* Activate */
};

void sockets_init(struct sockets_conf *conf);
wall_setter sockets_set_mode, sockets_set_device, sockets_set_names;
wall_part_setter sockets_set_address;
extern const char *const sockets_activations[]; /* by on_demand; ends with NULL */

/* Parses the address of a line; does not set its place. */
int sockets_parse(struct span value, enum plan_socket_kind kind, struct sockets_address *out,
	struct diag *d);
/* Whether the two cannot both be bound. */
bool sockets_collide(const struct sockets_address *a, const struct sockets_address *b);
bool sockets_is_internet(const struct sockets_address *a);
const char *sockets_directive(unsigned kind); /* "ListenStream" */

/* Writes the sockets, their names, SocketContext and the flags that belong to them. */
void sockets_encode(const struct service *s, struct plan_service *p, struct plan_writer *w);
