/* SPDX-License-Identifier: MIT
 * The list of walls. From it follow their numbers and names in the plan, their parts of struct
 * service, how these are initialised and encoded, the cell's pointers to them, and their reports. A
 * new wall needs a room walls/NAME, a line here, its header in walls/walls.h, its rows in
 * compile/unit/rows.def, and its place in the order of confinement (cell/steps.c).
 *
 * The numbers are part of the plan's layout: new walls go to the end of the list.
 */
#pragma once

/* WALL(NAME in enumerators, name of the room and in identifiers) */
#define PLAN_WALLS(WALL) \
	WALL(NAMESPACES, namespaces) \
	WALL(FILESYSTEM, filesystem) \
	WALL(NETWORK, network) \
	WALL(CGROUP, cgroup) \
	WALL(SECCOMP, seccomp) \
	WALL(CAPABILITIES, capabilities) \
	WALL(SELINUX, selinux) \
	WALL(LANDLOCK, landlock) \
	WALL(IDENTITY, identity) \
	WALL(LIMITS, limits)

#define PLAN_WALL_NUMBER(NAME, name) WALL_##NAME,
enum plan_wall { PLAN_WALLS(PLAN_WALL_NUMBER) WALL_COUNT };

/* Bits of enum plan_wall: walls that are off if the plan has no part for them. A service without
 * the part of any other wall is not started. */
#define PLAN_WALLS_MAY_BE_OFF (1u << WALL_LANDLOCK)
