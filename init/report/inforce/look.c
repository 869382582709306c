/* SPDX-License-Identifier: MIT
 * For the walls' looks: what the kernel shows, and the rows of it. See walls/report.h.
 */
#include "base/sys.h"
#include "report/inforce/inforce.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void look_row(struct look *l, enum directive_id directive, const char *item, enum verdict v,
	const char *asked, const char *found)
{
	struct inforce *f = l->rows;
	struct inforce_row *r = &f->row[f->count];
	if (f->count == INFORCE_MAX_ROWS)
		return;
	*r = (struct inforce_row){.directive = directive, .verdict = v};
	snprintf(r->item, sizeof(r->item), "%s", item);
	snprintf(r->asked, sizeof(r->asked), "%s", asked);
	snprintf(r->found, sizeof(r->found), "%s", found);
	f->count++;
}

int look_file(const struct look *l, const char *name, char *buf, size_t cap)
{
	int n = sys_read_file(l->dir, name, buf, cap);
	if (n < 0)
		buf[0] = '\0';
	return n;
}

const char *look_field(const struct look *l, const char *name, char *buf, size_t cap)
{
	size_t n = strlen(name);
	buf[0] = '\0';
	for (const char *line = l->status; *line;
		 line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n')) {
		if (strncmp(line, name, n) != 0 || line[n] != ':')
			continue;
		line += n + 1;
		line += strspn(line, " \t");
		snprintf(buf, cap, "%.*s", (int)strcspn(line, "\n"), line);
		return buf;
	}
	return buf;
}

uint64_t look_hex(const struct look *l, const char *name)
{
	char text[40];
	return strtoull(look_field(l, name, text, sizeof(text)), NULL, 16);
}

static ssize_t read_link(int dir, const char *path, char *buf, size_t cap)
{
	ssize_t n = readlinkat(dir, path, buf, cap - 1);
	buf[n > 0 ? n : 0] = '\0';
	return n;
}

enum verdict look_lacking(const struct look *l, uint32_t bit)
{
	return l->absent & bit ? ABSENT : MISSING;
}

bool look_at_namespace(const struct look *l, const char *link, char own[static LOOK_LINK],
	bool *private)
{
	char host[LOOK_LINK], path[64];
	snprintf(path, sizeof(path), "/proc/1/%s", link);
	bool seen = read_link(l->dir, link, own, LOOK_LINK) > 0 &&
		read_link(AT_FDCWD, path, host, sizeof(host)) > 0;
	/* Of a kind that this kernel does not have, everybody is in the only one there is. */
	seen |= !seen && faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
	*private = strcmp(own, host) != 0;
	return seen;
}
