/* SPDX-License-Identifier: MIT
 * The elements of an array, which a pointer does not tell. */
#pragma once

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
