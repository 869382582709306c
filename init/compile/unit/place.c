/* SPDX-License-Identifier: MIT
 * The lines of a service's files that set a directive: see service.h.
 */
#include "compile/unit/directives.h"
#include <string.h>

void directive_place(struct diag *d, const struct place *at, enum directive_id directive)
{
	diag_place(d, at->file, at->line, directives[directive].section, directives[directive].key);
}

struct diag *service_at(struct service *s, enum directive_id directive)
{
	directive_place(&s->diag, &(struct place){s->file, 0}, directive);
	for (size_t i = s->set_count; i-- > 0;)
		if (s->set[i].directive == directive && s->diag.line == 0)
			directive_place(&s->diag, &s->set[i].place, directive);
	return &s->diag;
}

/* Whether a line has this word; a list's words stand between blanks, and paths also behind a - and
 * beside a colon. */
static bool has_word(struct span line, struct span word)
{
	const char *end = line.p + line.n;
	for (const char *p = line.p; word.n > 0 && (p = memmem(p, (size_t)(end - p), word.p, word.n));
		 p++) {
		bool begins = p == line.p || strchr(" \t:-\"'", p[-1]),
			 ends = p + word.n == end || strchr(" \t:\"'", p[word.n]);
		if (begins && ends)
			return true;
	}
	return false;
}

struct diag *service_at_word(struct service *s, enum directive_id directive, struct span word)
{
	for (size_t i = s->set_count; i-- > 0;) {
		if (s->set[i].directive == directive && has_word(s->set[i].value, word)) {
			directive_place(&s->diag, &s->set[i].place, directive);
			return &s->diag;
		}
	}
	return service_at(s, directive);
}

const struct assignment *service_line(const struct service *s, enum directive_id directive)
{
	for (size_t i = s->set_count; i-- > 0;)
		if (s->set[i].directive == directive)
			return s->set[i].layer >= LAYER_FILE ? &s->set[i] : NULL;
	return NULL;
}
