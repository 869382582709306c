/* SPDX-License-Identifier: MIT
 * Strict parsers for the numbers of service files. Pure. They return 0, -EINVAL (wrong form) or
 * -ERANGE (beyond max or 64 bits), and set *out only if 0. A sign, blanks and trailing text are not
 * accepted, and a leading zero does not mean octal.
 */
#pragma once
#include "base/span.h"
#include <stdint.h>

#define NUM_INFINITY UINT64_MAX

int num_u64(struct span s, uint64_t max, uint64_t *out); /* decimal */
/* decimal, one leading '-' allowed */
int num_i64(struct span s, int64_t min, int64_t max, int64_t *out);
/* decimal, 0x hexadecimal or 0o octal */
int num_int(struct span s, uint64_t max, uint64_t *out);
/* octal file mode, up to 07777 */
int num_mode(struct span s, uint32_t *out);
/* bytes: 512, 64K, 16M, 1G (powers of 1024), infinity */
int num_size(struct span s, uint64_t *out);
/* 500ms, 5s, 2min, 1h, 1.5s, 90 s, a bare number of seconds, infinity; sums "1min 30s". -EDOM: it
 * is finer than a millisecond. Units as in systemd.time(7) up to weeks. */
int num_time_ms(struct span s, uint64_t *out);
int num_bool(struct span s, bool *out);        /* yes no true false on off 1 0 */
int num_percent(struct span s, uint32_t *out); /* 20% -> 20 */
