/* SPDX-License-Identifier: MIT
 * What a service will run with, and where each value came from.
 */
#pragma once
#include "compile/service.h"

void explain_text(const struct service *s);
void explain_json(const struct service *s);
