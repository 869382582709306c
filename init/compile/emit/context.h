/* SPDX-License-Identifier: MIT
 * Makes the context of each wall (walls/context.h) from the checked values.
 */
#pragma once
#include "compile/unit/service.h"

/* For a service that is neither refused nor a group. Valid until the next call. */
const struct wall_context *context_of(const struct service *s);
