/* SPDX-License-Identifier: MIT
 * Finding service files and reading them in layers: [Defaults], profile, file, drop-ins.
 */
#pragma once
#include "compile/unit/service.h"

/* All services of the root, the built-in one too; sorted by name. Those in `set` already (from
 * files named by the user) stay. log_ring_kb: [Log] Size of init.ini. */
void load_root(struct set *set, bool extra, uint32_t log_ring_kb);
/* One file, wherever it is; the service's name is the file's. */
void load_file(struct set *set, const char *path);
/* The one service NAME of the root, with its drop-ins; -ENOENT if nothing defines it. */
int load_named(struct set *set, const char *name);
/* A further drop-in of what load_file and load_named read, the last one of all; a path, or NULL. */
void load_add_drop_in(const char *path);
void load_sort(struct set *set);
/* The lines of init.ini's [Defaults], to be applied to each service; read with the rest of
 * init.ini (machine.c). */
void load_default(struct span key, struct span value, struct diag *d);
/* What %H stands for; until it is set, it is an error to use it. */
void load_hostname(struct span name);
/* Whether this line counts, or a later layer silences it. */
bool load_counts(const struct service *s, const struct assignment *a);
