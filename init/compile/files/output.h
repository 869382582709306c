/* SPDX-License-Identifier: MIT
 * A plan, or text, into a file or a descriptor.
 */
#pragma once
#include <stddef.h>
#include <sys/types.h>

/* 0 or -errno. */
int output_write(int fd, const unsigned char *p, size_t n);
/* Whole or not at all. */
int output_file(const char *path, const unsigned char *p, size_t n, mode_t mode);
