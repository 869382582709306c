/* SPDX-License-Identifier: MIT
 * The one table of directives: parser, defaults, `--explain`, the manual page and "did you mean" are all made from it. What is not in it does not exist.
 */
#pragma once
#include "compile/service.h"

enum directive_kind {
	LIST = 1,       /* a repeated line appends, an empty one resets */
	SPECIFIERS = 2, /* %i %n %H %% are replaced */
};

struct directive {
	const char *section, *key;
	wall_setter *set;
	uint16_t conf; /* offset of the room's part in struct service */
	uint8_t kind;
	const char *fallback; /* the default as one would write it; NULL: nothing is set */
	const char *doc;
	const char *same_as; /* another name of that directive of the same section, or NULL */
};

extern const struct directive directives[]; /* ends with a section of NULL */

/* Index, or -1. */
int directive_find(struct span section, struct span key);
bool directive_section_known(struct span section);
/* Reports an unknown section or directive with the nearest name, or that a later version will know it. */
void directive_unknown_section(struct span section, struct diag *d);
void directive_unknown_key(struct span section, struct span key, struct diag *d);
void directive_list(void); /* --list-directives */
void directive_list_json(void);
void directive_list_mdoc(void);
