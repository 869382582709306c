/* SPDX-License-Identifier: MIT
 * Limits are told by their directives alone.
 */
#include "walls/report.h"

const struct wall_explain limits_explain = {NULL, NULL};
