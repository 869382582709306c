/* SPDX-License-Identifier: MIT
 * The lines of a service's files in their layers: [Defaults], profile, file, drop-ins.
 */
#pragma once
#include "compile/unit/service.h"

struct lines { /* what a service's files say, in order */
	struct assignment *list;
	size_t count;
};

void lines_add(struct lines *lines, struct assignment a);
/* The last line that says this directive, or NULL. */
const struct assignment *lines_last(const struct lines *lines, enum directive_id directive);
/* These append; what is wrong is said through d. */
void layers_text(struct span text, const char *file, enum layer layer, struct lines *lines,
	struct diag *d);
/* anywhere: not below the root, but as the caller's working directory has it. -ENOENT if there is
 * no such file. */
int layers_file(const char *path, bool anywhere, enum layer layer, struct lines *lines,
	struct diag *d);
void layers_drop_ins(const char *of, struct lines *lines, struct diag *d); /* NAME of NAME.d */
/* The drop-in of load_add_drop_in, if there is one. */
void layers_further(struct lines *lines, struct diag *d);
/* Puts the lines of the profile that own or [Defaults] names before the own ones. */
void layers_profile(struct lines *own, struct diag *d);
/* The lines of [Defaults]; *secret: not everybody may read init.ini. */
const struct lines *layers_defaults(bool *secret);
struct span layers_hostname(void); /* empty if the device has no name */
