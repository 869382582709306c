/* SPDX-License-Identifier: MIT
 * What is known of a system call by its number.
 */
#pragma once
#include <stdbool.h>

/* It can't fail in any kernel, so nobody looks at its result; or for wrong arguments alone. */
bool call_never_fails(long number);
/* Of this machine's; "?" if there is none. */
void call_name(long number, char name[32]);
