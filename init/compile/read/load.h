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
/* Loads one service of the root, with its drop-ins; -ENOENT if nothing defines it. */
int load_named(struct set *set, const char *name);
/* Sets a drop-in to be read last of all by load_file() and load_named(); a path, or NULL. */
void load_add_drop_in(const char *path);
/* Adds a line of init.ini's [Defaults], to be applied to each service. */
void load_default(struct span key, struct span value, struct diag *d);
/* Sets the value of %H. Before that its use is an error. */
void load_hostname(struct span name);
/* Whether this line has an effect, or a later layer overrides it. */
bool load_counts(const struct service *s, const struct assignment *a);

/* strays.c: notes files with another system's names, and drop-ins without a service, when all
 * services are loaded. */
void strays_note(const struct set *set);

/* options.c, which options of Kconfig a service's lines need (base/feature.h). Sets needs and
 * absent, when all values are known. A line that needs an option which was left out is an error,
 * except for a wall that OptionalWalls allows to be missing. */
void options_apply(struct service *s);
struct options_asked { /* an option of the command line, and the option of Kconfig that it needs */
	bool asked;
	unsigned option;
};
/* False if one is asked for that was left out, which is reported on standard error. */
bool options_say_lacking(const struct options_asked *asked, size_t count);
