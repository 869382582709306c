/* SPDX-License-Identifier: MIT
 * A service's mounts as text that can be compared: see cell_mounts.h.
 */
#include "unit/cell_mounts.h"
#include "unit/cell_box.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct seen_mount {
	int id, parent;
	char at[256], text[1200];
};

static bool covers(const struct seen_mount *x, const struct seen_mount *m)
{
	size_t n = strlen(x->at);
	return x != m &&
		((x->parent == m->id && strcmp(x->at, m->at) == 0) ||
			(x->parent == m->parent && strncmp(m->at, x->at, n) == 0 && m->at[n] == '/'));
}

static bool is_covered(const struct seen_mount *all, size_t n, const struct seen_mount *m)
{
	for (size_t i = 0; i < n; i++)
		if (covers(&all[i], m) ||
			(all[i].id == m->parent && all[i].id != m->id && is_covered(all, n, &all[i])))
			return true;
	return false;
}

static size_t read_mounts(const char *output, struct seen_mount *all, size_t cap)
{
	static char text[65536];
	char *save = NULL;
	size_t n = 0;
	snprintf(text, sizeof(text), "%s", output);
	for (char *line = strtok_r(text, "\n", &save); line && n < cap;
		 line = strtok_r(NULL, "\n", &save)) {
		char root[256] = "", how[256] = "", type[64] = "", options[256] = "";
		if (sscanf(line, "MOUNT %d %d %255s %255s %255s %63s %*s %255s", &all[n].id, &all[n].parent,
				root, all[n].at, how, type, options) < 7)
			continue;
		snprintf(all[n].text, sizeof(all[n].text), "%s %s %s %s %s\n", root, all[n].at, how, type,
			options);
		n++;
	}
	return n;
}

void mounts_take(const char *output, char *into, size_t cap)
{
	static struct seen_mount all[256];
	char *lines[256];
	size_t n = read_mounts(output, all, COUNT(all)), shown = 0;
	into[0] = '\0';
	for (size_t i = 0; i < n; i++)
		if (!is_covered(all, n, &all[i]))
			lines[shown++] = all[i].text;
	qsort(lines, shown, sizeof(*lines), by_text);
	for (size_t i = 0; i < shown; i++)
		snprintf(into + strlen(into), cap - strlen(into), "%s", lines[i]);
}
