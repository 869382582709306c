/* SPDX-License-Identifier: MIT
 * The compile half of a wall. The compile program passes a room the values of one directive, one at
 * a time, in the order defaults, profile, file, drop-ins. The room turns them into its own struct,
 * and that into bytes of the plan.
 *
 *   int NAME_set_DIRECTIVE(void *conf, struct span value, struct diag *d);   0, or diag_error(...)
 *   int NAME_set_WHAT(void *conf, unsigned part, struct span value, struct diag *d);   the same
 *   void NAME_init(struct NAME_conf *conf);                                  before the first value
 *   struct plan_blob NAME_encode(const struct NAME_conf *conf, ..., struct plan_writer *w);
 *
 * An empty value resets a list; other directives never get one. A conf is a plain bounded struct.
 * Its spans may point into the values, which live until the compile program ends. Compile halves
 * may use stdio and malloc.
 */
#pragma once
#include "base/diag.h"
#include "base/nearest.h"
#include "base/span.h"
#include "plan/write.h"
#include "walls/context.h"
#include <stdint.h>

typedef int wall_setter(void *conf, struct span value, struct diag *d);
/* The same for directives that differ in a number of the room's own. */
typedef int wall_part_setter(void *conf, unsigned part, struct span value, struct diag *d);

/* A span as arguments for "%.*s". */
#define SPAN_ARGS(s) (int)(s).n, (s).n ? (s).p : ""

/* Parsers of values that many directives share. Each returns 0, or the value of diag_error() with
 * *out unchanged. */
int value_bool(struct span v, bool *out, struct diag *d);
int value_time_ms(struct span v, uint32_t *out, struct diag *d); /* infinity gives UINT32_MAX */
int value_size(struct span v, uint64_t *out, struct diag *d);    /* infinity gives NUM_INFINITY */
int value_number(struct span v, uint64_t min, uint64_t max, uint64_t *out, struct diag *d);
int value_signed(struct span v, int64_t min, int64_t max, int64_t *out, struct diag *d);
int value_mode(struct span v, uint32_t *out, struct diag *d);
/* One of `names`, which ends with NULL: *out is its index. */
int value_choice(struct span v, const char *const *names, unsigned *out, struct diag *d);
/* An absolute path without "..", "//" or a trailing slash. */
int value_path(struct span v, struct diag *d);
/* A path below /dev, the only place where PID 1 looks for devices. */
int value_node(struct span v, struct diag *d);
/* CPU numbers "0-2,4 6" as bits of cpus[2] (0..127), added to the bits that are set. */
int value_cpus(struct span v, uint64_t cpus[2], struct diag *d);
/* The same for other numbers; `what` names them. */
int value_bits(struct span v, uint64_t bits[2], const char *what, struct diag *d);
/* A ~ before a list inverts all of it, as in systemd: removes it from *list and sets *without. A ~
 * inside the list or before an empty list is an error. */
int value_list(struct span *list, bool *without, struct diag *d);
/* Takes the next word off *rest like span_word(), but "…" and '…' quote blanks. The word is a copy
 * without the quotes, with \", \\, \n, \t and \s replaced. 1; 0 if none is left; or the value of
 * diag_error(). */
int value_quoted_word(struct span *rest, struct span *word, struct diag *d);
