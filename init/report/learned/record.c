/* SPDX-License-Identifier: MIT
 * Reading a record, and what it says: see learned.h.
 */
#include "report/learned/learned.h"
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

static bool next_number(char **at, int base, uint64_t *out)
{
	char *end;
	*out = strtoull(*at, &end, base);
	if (end == *at || (*end && *end != ' '))
		return false;
	*at = end;
	return true;
}

void learned_add_value(struct learned_values *v, uint64_t value)
{
	for (unsigned i = 0; i < v->count; i++)
		if (v->value[i] == value)
			return;
	if (v->count == LEARNED_VALUES)
		v->many = true;
	else
		v->value[v->count++] = value;
}

static bool read_call(struct learned *l, char *rest)
{
	uint64_t nr;
	if (!next_number(&rest, 10, &nr) || nr >= LEARNED_CALLS)
		return false;
	l->made[nr]++;
	return true;
}

static bool read_argument(struct learned *l, char *rest)
{
	uint64_t nr, index, value;
	if (!next_number(&rest, 10, &nr) || !next_number(&rest, 10, &index) || nr >= LEARNED_CALLS ||
		index >= LEARNED_ARGUMENTS)
		return false;
	struct learned_values *v = &l->values[nr][index];
	v->given++;
	while (*rest && next_number(&rest, 16, &value))
		learned_add_value(v, value);
	return *rest == '\0';
}

static bool read_peak(uint64_t *most, char *rest)
{
	uint64_t value;
	if (!next_number(&rest, 10, &value))
		return false;
	if (value > *most)
		*most = value;
	return true;
}

static bool read_note(struct learned *l, const char *kind, const char *text)
{
	static const char *const kinds[] = {"write", "hidden", "bind", "connect", "own", "local", "low",
		"raw", "end", NULL};
	for (size_t i = 0; i < l->notes; i++)
		if (strcmp(l->note[i].kind, kind) == 0 && strcmp(l->note[i].text, text) == 0)
			return true;
	if (span_index(span_of(kind), kinds) < 0 || !*text)
		return false;
	l->note = diag_realloc(l->note, (l->notes + 1) * sizeof(*l->note));
	l->note[l->notes++] = (struct learned_note){kind, text};
	return true;
}

static bool read_entry(struct learned *l, char *line)
{
	char *rest = strchr(line, ' ');
	if (!rest)
		return false;
	*rest++ = '\0';
	if (strcmp(line, "call") == 0)
		return read_call(l, rest);
	if (strcmp(line, "arg") == 0)
		return read_argument(l, rest);
	if (strcmp(line, "memory") == 0)
		return read_peak(&l->memory, rest);
	if (strcmp(line, "tasks") == 0)
		return read_peak(&l->tasks, rest);
	return read_note(l, line, rest);
}

bool learned_read(struct learned *l, char *text, unsigned *line)
{
	char *save = NULL;
	*line = 0;
	for (char *at = strtok_r(text, "\n", &save); at; at = strtok_r(NULL, "\n", &save)) {
		++*line;
		if (!read_entry(l, at))
			return false;
	}
	/* An argument that one run could not list has no list. */
	for (unsigned nr = 0; nr < LEARNED_CALLS; nr++)
		for (unsigned i = 0; i < LEARNED_ARGUMENTS; i++)
			l->values[nr][i].many = l->values[nr][i].many || l->values[nr][i].given < l->made[nr];
	return true;
}

/* ---- what a record says ---- */

static int call_number(const struct learned *l, const char *call)
{
	for (int nr = 0; nr < LEARNED_CALLS; nr++) {
		const char *name = l->made[nr] ? seccomp_call_name((unsigned)nr) : NULL;
		if (name && strcmp(name, call) == 0)
			return nr;
	}
	return -1;
}

const struct learned_values *learned_argument(const struct learned *l, const char *call,
	unsigned index)
{
	int nr = call_number(l, call);
	return nr < 0 ? NULL : &l->values[nr][index];
}
