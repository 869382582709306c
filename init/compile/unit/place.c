/* SPDX-License-Identifier: MIT
 * Where a service's files say something: see service.h.
 */
#include "compile/unit/directives.h"
#include <string.h>

struct diag *service_at(struct service *s, enum directive_id directive)
{
	const struct directive *t = &directives[directive];
	diag_place(&s->diag, s->file, 0, t->section, t->key);
	for (size_t i = s->set_count; i-- > 0;)
		if (s->set[i].directive == directive && s->diag.line == 0)
			diag_place(&s->diag, s->set[i].place.file, s->set[i].place.line, t->section, t->key);
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
	const struct directive *t = &directives[directive];
	for (size_t i = s->set_count; i-- > 0;) {
		if (s->set[i].directive == directive && has_word(s->set[i].value, word)) {
			diag_place(&s->diag, s->set[i].place.file, s->set[i].place.line, t->section, t->key);
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
