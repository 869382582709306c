/* SPDX-License-Identifier: MIT
 * Strings as JSON on standard output.
 */
#pragma once
#include "base/span.h"

/* Files were checked to be UTF-8 without control characters, tabs excepted. */
void json_span(struct span s);
void json_text(const char *text);
