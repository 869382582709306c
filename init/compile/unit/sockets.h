/* SPDX-License-Identifier: MIT
 * [Socket]: sockets that PID 1 opens and hands over. sockets_address.c reads what a line says,
 * sockets.c are the setters, sockets_check.c says what contradicts the rest of the file or another
 * service, and writes the plan.
 */
#pragma once
#include "plan/format.h"
#include "walls/compile.h"
#include "walls/diagnose.h"

#define SOCKETS_MAX_PATH 107 /* sun_path has 108 bytes, and a NUL before or behind */
#define SOCKETS_MAX_MODE 0777u

struct service;
struct set;

struct sockets_address {
	uint8_t kind;   /* enum plan_socket_kind */
	uint8_t family; /* enum plan_socket_family */
	uint16_t port;
	bool any;         /* a port alone */
	struct span text; /* as it was written */
	struct span path; /* or the abstract name, without its @ */
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
	uint32_t uid, gid; /* of user and group, once they are looked up */
	bool free_bind, reuse_port;
	unsigned on_demand; /* Activate */
};

void sockets_init(struct sockets_conf *conf);
wall_setter sockets_set_mode, sockets_set_device, sockets_set_names;
wall_part_setter sockets_set_address;
extern const char *const sockets_activations[]; /* by on_demand; ends with NULL */

/* The address that a line says, but for where it stands. */
int sockets_parse(struct span value, enum plan_socket_kind kind, struct sockets_address *out,
	struct diag *d);
/* Whether two of them cannot both be bound. */
bool sockets_collide(const struct sockets_address *a, const struct sockets_address *b);
bool sockets_is_internet(const struct sockets_address *a);
const char *sockets_directive(unsigned kind); /* "ListenStream" */

/* Its sockets, their names, SocketContext and the flags that go with them. */
void sockets_encode(const struct service *s, struct plan_service *p, struct plan_writer *w);
