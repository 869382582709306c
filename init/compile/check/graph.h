/* SPDX-License-Identifier: MIT
 * Dependencies between services: names into indices, cycles, and what a refused service takes with
 * it.
 */
#pragma once
#include "compile/unit/service.h"

void graph_resolve(struct set *set);
