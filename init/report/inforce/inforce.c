/* SPDX-License-Identifier: MIT
 * The rows of what is in force: gathering and showing them. See inforce.h.
 */
#include "report/inforce/inforce.h"
#include "base/count.h"
#include "base/sys.h"
#include "plan/names.h"
#include "plan/plan.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS_MAX 512

static void (*const looks[])(struct look *) = {
	look_at_namespaces,
	look_at_ids,
	look_at_capabilities,
	look_at_filter,
	look_at_label,
	look_at_mounts,
	look_at_landlock,
	look_at_limits,
	look_at_cgroup,
};

static const char *const verdicts[] =
	{[IN_FORCE] = "in force", [MISSING] = "MISSING", [ABSENT] = "absent", [UNSEEN] = "unseen"};

static struct inforce_row rows[ROWS_MAX];
static size_t row_count;
static struct look now;
static bool wanted;

/* ---- for the looks ---- */

void look_row(struct look *l, const char *section, const char *directive, const char *item,
	enum verdict v, const char *asked, const char *found)
{
	struct inforce_row *r = &rows[row_count];
	(void)l;
	if (row_count == ROWS_MAX)
		return;
	*r = (struct inforce_row){.section = section, .directive = directive, .verdict = v};
	snprintf(r->item, sizeof(r->item), "%s", item);
	snprintf(r->asked, sizeof(r->asked), "%s", asked);
	snprintf(r->found, sizeof(r->found), "%s", found);
	row_count++;
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

enum verdict look_lacking(const struct look *l, uint32_t bit)
{
	return l->absent & bit ? ABSENT : MISSING;
}

/* ---- gathering ---- */

static char *read_whole(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	size_t n = 0, cap = 1 << 16;
	char *text = malloc(cap);
	ssize_t got;
	while (fd >= 0 && text && n < cap - 1 && (got = read(fd, text + n, cap - 1 - n)) > 0)
		n += (size_t)got;
	if (fd >= 0)
		close(fd);
	if (text)
		text[n] = '\0';
	return text;
}

/* The number may be another process's by now, or be one of another pid namespace than ours: its
 * cgroup has the service's name. */
static bool is_its_own(const struct look *l)
{
	char text[512];
	int n = look_file(l, "cgroup", text, sizeof(text));
	char *end = strchr(text, '\n');
	if (n <= 0 || !end)
		return false;
	*end = '\0';
	const char *slash = strrchr(text, '/');
	return slash && strcmp(slash + 1, l->s->name) == 0;
}

void inforce_read(const struct service *s, int pid, uint32_t absent)
{
	char path[32];
	wanted = true;
	now = (struct look){.s = s, .pid = pid, .dir = -1, .absent = absent};
	if (pid <= 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d", pid);
	now.dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (now.dir < 0 || !is_its_own(&now) ||
		look_file(&now, "status", now.status, sizeof(now.status)) < 0) {
		now.dir = -1;
		return;
	}
	now.mounts = read_whole(now.dir, "mountinfo");
	for (size_t i = 0; i < COUNT(looks); i++)
		looks[i](&now);
}

bool inforce_wanted(void)
{
	return wanted;
}

static unsigned count_verdict(enum verdict v)
{
	unsigned n = 0;
	for (size_t i = 0; i < row_count; i++)
		n += rows[i].verdict == v;
	return n;
}

unsigned inforce_missing(void)
{
	return count_verdict(MISSING);
}

/* ---- showing ---- */

static bool is_of(const struct inforce_row *r, const char *section, const char *directive)
{
	return strcmp(r->section, section) == 0 && strcmp(r->directive, directive) == 0;
}

/* The worst of a directive's rows: missing before absent before unseen before in force. */
static int weight(enum verdict v)
{
	static const int weights[] = {[IN_FORCE] = 0, [UNSEEN] = 1, [ABSENT] = 2, [MISSING] = 3};
	return weights[v];
}

const char *inforce_of(const struct service *s, const char *section, const char *directive)
{
	static char text[200];
	const struct inforce_row *worst = NULL;
	unsigned count = 0;
	(void)s;
	for (size_t i = 0; i < row_count; i++) {
		if (!is_of(&rows[i], section, directive))
			continue;
		count++;
		if (!worst || weight(rows[i].verdict) > weight(worst->verdict))
			worst = &rows[i];
	}
	if (!worst)
		return now.pid > 0 ? "" : "-";
	if (worst->verdict != IN_FORCE)
		snprintf(text, sizeof(text), "%s: %s", verdicts[worst->verdict], worst->found);
	else if (count > 1)
		snprintf(text, sizeof(text), "all %u in force", count);
	else
		snprintf(text, sizeof(text), "%s", worst->found);
	return text;
}

static const char *why_nothing(void)
{
	return now.pid > 0
		? "its process is not to be seen from here: ask from a shell in the machine's own PID namespace, as root"
		: "it does not run";
}

void inforce_text(void)
{
	printf("\nIn force");
	if (now.dir < 0) {
		printf(": nothing was looked at: %s\n", why_nothing());
		return;
	}
	printf(" (process %d)\n", now.pid);
	for (size_t i = 0; i < row_count; i++) {
		const struct inforce_row *r = &rows[i];
		if (r->item[0] || r->verdict != IN_FORCE)
			printf("  %-24s %-34s %-8s %s\n", r->item[0] ? r->item : r->directive, r->asked,
				verdicts[r->verdict], r->found);
	}
	printf(
		"  %u asked for and in force, %u missing, %u absent (of this kernel or build), %u not to be seen from here\n",
		count_verdict(IN_FORCE), count_verdict(MISSING), count_verdict(ABSENT),
		count_verdict(UNSEEN));
}

static void put_json(const char *key, const char *text, const char *end)
{
	printf("\"%s\": \"", key);
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text < ' ')
			printf("\\u%04x", (unsigned)*text);
		else
			putchar(*text);
	printf("\"%s", end);
}

void inforce_json(void)
{
	static const char *const words[] =
		{[IN_FORCE] = "in-force", [MISSING] = "missing", [ABSENT] = "absent", [UNSEEN] = "unseen"};
	printf("  \"running\": {\"pid\": ");
	if (now.pid > 0)
		printf("%d, \"looked_at\": %s", now.pid, now.dir < 0 ? "false" : "true");
	else
		printf("null, \"looked_at\": false");
	printf(", \"missing\": %u, \"absent\": [", count_verdict(MISSING));
	for (unsigned i = 0, n = 0; plan_optional_walls[i]; i++)
		if (now.absent >> i & 1)
			printf("%s\"%s\"", n++ ? ", " : "", plan_optional_walls[i]);
	printf("], \"rows\": [");
	for (size_t i = 0; i < row_count; i++) {
		printf("%s\n    {", i ? "," : "");
		put_json("section", rows[i].section, ", ");
		put_json("name", rows[i].directive, ", ");
		put_json("item", rows[i].item, ", ");
		put_json("asked", rows[i].asked, ", ");
		put_json("found", rows[i].found, ", ");
		put_json("verdict", words[rows[i].verdict], "}");
	}
	printf("\n  ]},\n");
}
