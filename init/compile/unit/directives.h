/* SPDX-License-Identifier: MIT
 * The tables of directives, one of service files and one of init.ini (compile/machine/machine.h):
 * parser, defaults, `--explain`, the manual page and "did you mean" are all made from them. What is
 * not in them does not exist.
 */
#pragma once
#include "base/feature.h"
#include "compile/unit/directive_id.h"
#include "compile/unit/service.h"

enum directive_kind { /* how a value is read, and what it is stored as */
	KIND_OWN,         /* by the setter of its room */
	KIND_PART,        /* the same, for several directives with one setter: it is told which one */
	KIND_BOOL,        /* yes or no: bool */
	KIND_TIME,        /* uint32_t, milliseconds; UINT32_MAX: infinity */
	KIND_MODE,        /* octal: uint32_t */
	KIND_NUMBER,      /* from min to max: uint32_t */
	KIND_CHOICE,      /* one of words: unsigned, its index */
	KIND_PATH,        /* absolute: struct span */
	KIND_TEXT,        /* as it is, at most max bytes (0: no bound): struct span */
};

enum directive_flags {
	LIST = 1,       /* a repeated line appends, an empty one resets */
	SPECIFIERS = 2, /* %i %n %H %% are replaced */
};

struct directive {
	const char *section, *key;
	const char *fallback; /* the default as one would write it; NULL: nothing is set */
	const char *doc;
	const char *same_as; /* another name of that directive of the same section, or NULL */
	union {
		wall_setter *set;           /* KIND_OWN */
		wall_part_setter *set_part; /* KIND_PART */
		const char *const *words;   /* KIND_CHOICE; ends with NULL */
	};
	uint32_t min, max;
	uint32_t at;    /* offset in the table's struct: of the member, or of the room's part */
	uint8_t kind;   /* enum directive_kind */
	uint8_t flags;  /* enum directive_flags */
	uint8_t option; /* enum feature: the option of Kconfig that it is of, or FEATURE_NONE */
	uint8_t part;   /* KIND_PART */
	bool left_out;  /* with that option */
};

/* Tables end with a section of NULL. */
extern const struct directive directives[]; /* of service files, by enum directive_id */

/* Reads the value into its member of `of`, the table's struct. 0, or an error that has been
 * reported. */
int directive_set(const struct directive *t, void *of, struct span value, struct diag *d);
/* Index, or -1. */
int directive_find(const struct directive *table, struct span section, struct span key);
bool directive_section_known(const struct directive *table, struct span section);
/* False once it has reported that there is no value, or that the line is one too many: `first` is
 * where the same was said before, 0 if nowhere. */
bool directive_line_counts(const struct directive *t, struct span value, unsigned first,
	struct diag *d);
/* Reports an unknown section or directive with the nearest name, or that a later version will
 * know it. */
void directive_unknown_section(struct span section, struct diag *d);
void directive_unknown_key(struct span section, struct span key, struct diag *d);
/* What to write here in place of another system's directive; NULL: not one that is known. */
const char *directive_instead_of(struct span key);
/* reports that this build does not have it */
void directive_left_out(const struct directive *t, struct diag *d);

/* directives_list.c: --list-directives */
void directive_list(const struct directive *table);
void directive_list_json(const struct directive *table);
void directive_list_mdoc(const struct directive *table);
