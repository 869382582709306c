/* SPDX-License-Identifier: MIT
 * The one table of directives: parser, defaults, `--explain`, the manual page and "did you mean"
 * are all made from it. What is not in it does not exist.
 */
#pragma once
#include "base/feature.h"
#include "compile/unit/service.h"

enum directive_kind {
	LIST = 1,       /* a repeated line appends, an empty one resets */
	SPECIFIERS = 2, /* %i %n %H %% are replaced */
};
/* beside them: left out with this option of Kconfig */
#define OPTION(option) (FEATURE_##option << 8)

struct directive {
	const char *section, *key;
	wall_setter *set;     /* NULL: left out */
	uint16_t conf;        /* offset of the room's part in struct service */
	uint16_t kind;        /* enum directive_kind, OPTION() */
	const char *fallback; /* the default as one would write it; NULL: nothing is set */
	const char *doc;
	const char *same_as; /* another name of that directive of the same section, or NULL */
};

extern const struct directive directives[]; /* ends with a section of NULL */

/* The option that it is left out with, FEATURE_NONE if with none. */
static inline unsigned directive_option(const struct directive *t)
{
	return t->kind >> 8;
}

/* Index, or -1. */
int directive_find(struct span section, struct span key);
bool directive_section_known(struct span section);
/* Reports an unknown section or directive with the nearest name, or that a later version will
 * know it. */
void directive_unknown_section(struct span section, struct diag *d);
void directive_unknown_key(struct span section, struct span key, struct diag *d);
/* What to write here in place of another system's directive; NULL: not one that is known. */
const char *directive_instead_of(struct span key);
/* reports that this build does not have it */
void directive_left_out(const struct directive *t, struct diag *d);

/* directives_list.c */
void directive_list(void); /* --list-directives */
void directive_list_json(void);
void directive_list_mdoc(void);
