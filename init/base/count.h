/* SPDX-License-Identifier: MIT
 * The number of elements of an array. Not for a pointer.
 */
#pragma once

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
