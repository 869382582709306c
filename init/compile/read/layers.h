/* SPDX-License-Identifier: MIT
 * The lines of a service's files by layer: [Defaults], profile, file, drop-ins.
 */
#pragma once
#include "compile/unit/service.h"

struct lines { /* the lines of a service's files, in order */
	struct assignment *list;
	size_t count;
};

void lines_add(struct lines *lines, struct assignment a);
/* The last line with this directive, or NULL. */
const struct assignment *lines_last(const struct lines *lines, enum directive_id directive);
/* The next four append lines and report errors through d. */
void layers_text(struct span text, const char *file, enum layer layer, struct lines *lines,
	struct diag *d);
/* anywhere: relative to the working directory, not below the root. -ENOENT: there is no such
 * file. */
int layers_file(const char *path, bool anywhere, enum layer layer, struct lines *lines,
	struct diag *d);
void layers_drop_ins(const char *of, struct lines *lines, struct diag *d); /* NAME of NAME.d */
/* The drop-in set by load_add_drop_in(), if any. */
void layers_further(struct lines *lines, struct diag *d);
/* Inserts the lines of the profile that `own` or [Defaults] names before those of `own`. */
void layers_profile(struct lines *own, struct diag *d);
/* The lines of [Defaults]. *secret: init.ini is not readable by everybody. */
const struct lines *layers_defaults(bool *secret);
struct span layers_hostname(void); /* empty if the device has no name */
