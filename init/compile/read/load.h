/* SPDX-License-Identifier: MIT
 * Finding service files, and reading them in layers: [Defaults], profile, file, drop-ins.
 */
#pragma once
#include "compile/unit/service.h"

/* Loads all services of the root and the built-in one, sorted by name. Services in `set` already
 * (from files named by the user) stay. log_ring_kb: [Log] Size of init.ini. */
void load_root(struct set *set, bool extra, uint32_t log_ring_kb);
/* Loads one file, anywhere; the service is named after it. */
void load_file(struct set *set, const char *path);
/* Whether a word of the command line names a service's file, and not a service. */
bool load_is_file(const char *word);
/* Loads it if it does, as if it were installed; the word is the service's name then. False: there
 * is no such file, or it makes no service, which has been said. */
bool load_word(struct set *set, const char **word);
/* Loads one service of the root, with its drop-ins; -ENOENT if nothing defines it. */
int load_named(struct set *set, const char *name);
/* Sets a drop-in to be read last of all by load_file() and load_named(); a path, or NULL. */
void load_add_drop_in(const char *path);
/* Adds a line of init.ini's [Defaults], to be applied to each service. */
void load_default(struct span key, struct span value, struct diag *d);
/* Sets the value of %H. */
void load_hostname(struct span name);
/* Whether this line has an effect, or a later layer overrides it. */
bool load_counts(const struct service *s, const struct assignment *a);

/* strays.c: notes files with another system's names, and drop-ins without a service, when all
 * services are loaded. */
void strays_note(const struct set *set);
