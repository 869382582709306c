/* SPDX-License-Identifier: MIT
 * The tables of directives, one for service files and one for init.ini (compile/machine/machine.h).
 * Parser, defaults, `--explain`, the manual page and "did you mean" are all made from them.
 */
#pragma once
#include "base/feature.h"
#include "compile/unit/directive_id.h"
#include "compile/unit/service.h"

enum directive_kind { /* how a value is read, and what it is stored as */
	KIND_OWN,         /* by the setter of its room */
	KIND_PART,        /* by a setter that several directives share; it gets `part` */
	KIND_BOOL,        /* yes or no: bool */
	KIND_TIME,        /* uint32_t, milliseconds; UINT32_MAX: infinity, or by its rule */
	KIND_MODE,        /* octal: uint32_t */
	KIND_NUMBER,      /* from min to max: uint32_t */
	KIND_CHOICE,      /* one of words: unsigned, its index */
	KIND_PATH,        /* absolute: struct span */
	KIND_TEXT,        /* unchanged, at most max bytes (0: no limit): struct span */
};

enum directive_flags {
	LIST = 1,       /* a repeated line appends, an empty one resets */
	SPECIFIERS = 2, /* %i %n %H %% are replaced */
	PROSE = 4,      /* for people: typographic characters are right */
	QUOTES = 8,     /* quotation marks hold blanks, and are taken off */
};

struct time_rule {               /* of a time that not every value makes sense for */
	const char *infinity, *zero; /* why it is refused; NULL: there is no limit then */
	uint32_t never;              /* what no limit is stored as, and 0, unless min is more */
	const char *range;           /* what is said of another one that is not from min to max ms */
};

struct directive {
	const char *section, *key;
	const char *fallback; /* the default as it is written; NULL: none */
	const char *doc;
	union {
		wall_setter *set;             /* KIND_OWN */
		wall_part_setter *set_part;   /* KIND_PART */
		const char *const *words;     /* KIND_CHOICE; ends with NULL */
		const struct time_rule *rule; /* KIND_TIME; NULL: all are taken as they are */
	};
	uint32_t min, max;
	uint32_t at; /* offset in the table's struct, of the member or of the room's part */
	uint16_t
		same_as;    /* enum directive_id: what it is an alias of; 0, the first one, is no alias's */
	uint8_t kind;   /* enum directive_kind */
	uint8_t flags;  /* enum directive_flags */
	uint8_t option; /* enum feature: the option of Kconfig that it needs, or FEATURE_NONE */
	uint8_t part;   /* KIND_PART */
	bool left_out;  /* that option is off */
};

/* Tables end with a section of NULL. */
extern const struct directive directives[]; /* of service files, by enum directive_id */

/* Parses the value into its member of `of`, the table's struct. 0, or an error that has been
 * reported. */
int directive_set(const struct directive *t, void *of, struct span value, struct diag *d);
/* Index, or -1. */
int directive_find(const struct directive *table, struct span section, struct span key);
bool directive_section_known(const struct directive *table, struct span section);
/* False if there is no value or the line is a repetition, which has been reported. `first`: line
 * that set it before, 0 = none. */
bool directive_line_counts(const struct directive *t, struct span value, unsigned first,
	struct diag *d);
/* Report an unknown section or directive, with the nearest name, or that a later version will
 * support it. */
void directive_unknown_section(struct span section, struct diag *d);
void directive_unknown_key(struct span section, struct span key, struct diag *d);
/* The same by the names of a table alone. */
void directive_unknown_in(const struct directive *table, struct span section, struct span key,
	struct diag *d);
/* What to write in place of another system's directive; NULL: not known. */
const char *directive_instead_of(struct span key);
/* Reports that this build does not have it. */
void directive_left_out(const struct directive *t, struct diag *d);

/* directives_list.c: --list-directives */
void directive_list(const struct directive *table);
void directive_list_json(const struct directive *table);
void directive_list_mdoc(const struct directive *table);
