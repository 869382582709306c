/* SPDX-License-Identifier: MIT
 * The list of walls, in the order in which reports show them. From it follow their numbers and
 * names in the plan, their parts of struct service, how these are initialised and encoded, the
 * cell's pointers to them, their reports, and with their count the plan's version. A new wall needs
 * a room walls/NAME, a line here, two in compile/unit/rooms.def (its conf.h and rows.def), and its
 * place in the order of confinement (cell/steps.c).
 */
#pragma once

/* WALL(NAME in enumerators, name of the room and in identifiers) */
#define PLAN_WALLS(WALL) \
	WALL(NAMESPACES, namespaces) \
	WALL(NETWORK, network) \
	WALL(IDENTITY, identity) \
	WALL(FILESYSTEM, filesystem) \
	WALL(LANDLOCK, landlock) \
	WALL(CGROUP, cgroup) \
	WALL(CAPABILITIES, capabilities) \
	WALL(SELINUX, selinux) \
	WALL(SECCOMP, seccomp) \
	WALL(LIMITS, limits)

#define PLAN_WALL_NUMBER(NAME, name) WALL_##NAME,
enum plan_wall { PLAN_WALLS(PLAN_WALL_NUMBER) WALL_COUNT };

/* Bits of enum plan_wall: walls that are off if the plan has no part for them. A service without
 * the part of any other wall is not started. */
#define PLAN_WALLS_MAY_BE_OFF (1u << WALL_LANDLOCK)
