/* SPDX-License-Identifier: MIT
 * Writes a plan or text to a file or a descriptor.
 */
#pragma once
#include <stddef.h>
#include <sys/types.h>

/* 0 or -errno. */
int output_write(int fd, const unsigned char *p, size_t n);
/* Writes the whole file, or leaves an earlier one in place. 0 or -errno. */
int output_file(const char *path, const unsigned char *p, size_t n, mode_t mode);
