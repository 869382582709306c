/* SPDX-License-Identifier: MIT
 * What every wall's compile half looks like. The compile program hands a room the values of one
 * directive, one at a time, in the order defaults, profile, file, drop-ins; a room turns them into
 * its own struct, and that into bytes of the plan.
 *
 *   int NAME_set_DIRECTIVE(void *conf, struct span value, struct diag *d);   0, or diag_error(...)
 *   int NAME_set_WHAT(void *conf, unsigned part, struct span value, struct diag *d);   the same
 *   void NAME_init(struct NAME_conf *conf);                                  before the first value
 *   struct plan_blob NAME_encode(const struct NAME_conf *conf, ..., struct plan_writer *w);
 *
 * An empty value resets a list (only list directives ever see one). A conf is a plain struct of the
 * room, bounded, no pointers into the values (they live until the compile program ends, so spans
 * may be kept). Compile halves may use stdio and malloc.
 */
#pragma once
#include "base/diag.h"
#include "base/nearest.h"
#include "base/span.h"
#include "plan/write.h"
#include "walls/context.h"
#include <stdint.h>

typedef int wall_setter(void *conf, struct span value, struct diag *d);
/* The same for directives that differ in one number of the room's own. */
typedef int wall_part_setter(void *conf, unsigned part, struct span value, struct diag *d);

/* A span for "%.*s". */
#define SPAN_ARGS(s) (int)(s).n, (s).n ? (s).p : ""

/* Values that many directives share. Each returns 0 or what diag_error returned, and then leaves
 * *out alone. */
int value_bool(struct span v, bool *out, struct diag *d);
int value_time_ms(struct span v, uint32_t *out, struct diag *d); /* infinity gives UINT32_MAX */
int value_size(struct span v, uint64_t *out, struct diag *d);    /* infinity gives NUM_INFINITY */
int value_number(struct span v, uint64_t min, uint64_t max, uint64_t *out, struct diag *d);
int value_signed(struct span v, int64_t min, int64_t max, int64_t *out, struct diag *d);
int value_mode(struct span v, uint32_t *out, struct diag *d);
/* One of `names` (ends with NULL): *out is its index. */
int value_choice(struct span v, const char *const *names, unsigned *out, struct diag *d);
/* An absolute path without "..", "//" or a slash at its end. */
int value_path(struct span v, struct diag *d);
/* below /dev: PID 1 looks at no other disk than that */
int value_node(struct span v, struct diag *d);
/* The next CPU numbers "0-2,4 6" as bits of cpus[2] (0..127), added to what is there. */
int value_cpus(struct span v, uint64_t cpus[2], struct diag *d);
/* the same for numbers of other things */
int value_bits(struct span v, uint64_t bits[2], const char *what, struct diag *d);
/* A ~ before a list inverts all of it, as with systemd: takes it off *list, and *without says that
 * it was there. Inside the list, and before nothing, it is refused. */
int value_list(struct span *list, bool *without, struct diag *d);
/* Takes the next word off *rest like span_word, but "…" and '…' hold a word together; the word is a
 * copy without the quotes, with \", \\, \n, \t, \s undone. 1, 0 when none is left, or what
 * diag_error returned. */
int value_quoted_word(struct span *rest, struct span *word, struct diag *d);
/* Whether `path` is `top` or below it. */
bool path_below(struct span path, struct span top);
bool span_same(struct span a, struct span b);
