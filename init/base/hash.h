/* SPDX-License-Identifier: MIT
 * FNV-1a, 64 bits, to tell files and plans apart. It guards against accidents and stale files, not
 * against an attacker: whoever can write the plan or the service files is root. Pure.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define HASH_INIT 0xcbf29ce484222325ull
uint64_t hash_bytes(uint64_t h, const void *p, size_t n);
