/* SPDX-License-Identifier: MIT
 * Dependencies between services: resolves names to indices, finds cycles, and refuses what requires
 * a refused service.
 */
#pragma once
#include "compile/unit/service.h"

void graph_resolve(struct set *set);
