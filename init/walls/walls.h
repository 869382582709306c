/* SPDX-License-Identifier: MIT
 * The compile halves of all walls (plan/walls.h), for code that goes through that list. Each room
 * has in its conf.h, under these names:
 *
 *   struct NAME_conf                             the values of its directives
 *   NAME_conf_init(conf)                         the defaults
 *   NAME_encode(conf, context, writer)           its part of the plan
 */
#pragma once
#include "plan/walls.h"
#include "walls/capabilities/conf.h"
#include "walls/cgroup/conf.h"
#include "walls/filesystem/conf.h"
#include "walls/identity/conf.h"
#include "walls/landlock/conf.h"
#include "walls/limits/conf.h"
#include "walls/namespaces/conf.h"
#include "walls/network/conf.h"
#include "walls/seccomp/conf.h"
#include "walls/selinux/conf.h"

/* The same walls, in the order in which reports show them. */
#define WALLS_SHOWN(WALL) \
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

#define WALLS_SHOWN_PLACE(NAME, name) SHOWN_##NAME,
enum walls_shown { WALLS_SHOWN(WALLS_SHOWN_PLACE) SHOWN_COUNT };
_Static_assert((int)SHOWN_COUNT == (int)WALL_COUNT, "each wall is shown, once");
