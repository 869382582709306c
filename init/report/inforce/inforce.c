/* SPDX-License-Identifier: MIT
 * The rows of what is in force: gathering and showing them. See inforce.h.
 */
#include "report/inforce/inforce.h"
#include "base/count.h"
#include "base/sys.h"
#include "compile/emit/context.h"
#include "compile/unit/directives.h"
#include "plan/names.h"
#include "plan/plan.h"
#include "walls/report.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const verdicts[] =
	{[IN_FORCE] = "in force", [MISSING] = "MISSING", [ABSENT] = "absent", [UNSEEN] = "unseen"};

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
static bool is_its_own(const struct look *l, const char *service)
{
	char text[512];
	int n = look_file(l, "cgroup", text, sizeof(text));
	char *end = strchr(text, '\n');
	if (n <= 0 || !end)
		return false;
	*end = '\0';
	const char *slash = strrchr(text, '/');
	return slash && strcmp(slash + 1, service) == 0;
}

static void look_at_walls(struct look *l, const struct service *s)
{
	l->context = context_of(s);
#define LOOK(NAME, name) \
	l->conf = &s->name; \
	name##_look(l);
	PLAN_WALLS(LOOK)
	l->context = NULL;
	l->conf = NULL;
}

struct inforce *inforce_read(const struct service *s, int pid, uint32_t absent)
{
	char path[32];
	struct inforce *f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	struct look *l = &f->now;
	*l = (struct look){.pid = pid, .dir = -1, .absent = absent, .rows = f};
	if (pid <= 0)
		return f;
	snprintf(path, sizeof(path), "/proc/%d", pid);
	l->dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l->dir < 0 || !is_its_own(l, s->name) ||
		look_file(l, "status", l->status, sizeof(l->status)) < 0) {
		l->dir = -1;
		return f;
	}
	l->mounts = read_whole(l->dir, "mountinfo");
	look_at_walls(l, s);
	return f;
}

static unsigned count_verdict(const struct inforce *f, enum verdict v)
{
	unsigned n = 0;
	for (size_t i = 0; i < f->count; i++)
		n += f->row[i].verdict == v;
	return n;
}

unsigned inforce_missing(const struct inforce *f)
{
	return count_verdict(f, MISSING);
}

/* ---- showing ---- */

/* Only the view of files has rows that are no directive's. */
static const char *section_of(const struct inforce_row *r)
{
	return r->directive == DIRECTIVES ? "Filesystem" : directives[r->directive].section;
}

static const char *key_of(const struct inforce_row *r)
{
	return r->directive == DIRECTIVES ? "" : directives[r->directive].key;
}

/* The worst of a directive's rows: missing before absent before unseen before in force. */
static int weight(enum verdict v)
{
	static const int weights[] = {[IN_FORCE] = 0, [UNSEEN] = 1, [ABSENT] = 2, [MISSING] = 3};
	return weights[v];
}

bool inforce_lacks(const struct inforce *f, enum directive_id directive)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->row[i].directive == directive &&
			(f->row[i].verdict == MISSING || f->row[i].verdict == ABSENT))
			return true;
	return false;
}

const char *inforce_of(struct inforce *f, enum directive_id directive)
{
	const struct inforce_row *worst = NULL;
	unsigned count = 0;
	for (size_t i = 0; i < f->count; i++) {
		if (f->row[i].directive != directive)
			continue;
		count++;
		if (!worst || weight(f->row[i].verdict) > weight(worst->verdict))
			worst = &f->row[i];
	}
	if (!worst)
		return f->now.pid > 0 ? "" : "-";
	if (worst->verdict != IN_FORCE)
		snprintf(f->text, sizeof(f->text), "%s: %s", verdicts[worst->verdict], worst->found);
	else if (count > 1)
		snprintf(f->text, sizeof(f->text), "all %u in force", count);
	else
		snprintf(f->text, sizeof(f->text), "%s", worst->found);
	return f->text;
}

static const char *why_nothing(const struct inforce *f)
{
	return f->now.pid > 0
		? "its process is not visible from here: run this as root in the machine's own PID namespace"
		: "it does not run";
}

void inforce_text(const struct inforce *f)
{
	printf("\nIn force");
	if (f->now.dir < 0) {
		printf(": nothing was checked: %s\n", why_nothing(f));
		return;
	}
	printf(" (process %d)\n", f->now.pid);
	for (size_t i = 0; i < f->count; i++) {
		const struct inforce_row *r = &f->row[i];
		if (r->item[0] || r->verdict != IN_FORCE)
			printf("  %-24s %-34s %-8s %s\n", r->item[0] ? r->item : key_of(r), r->asked,
				verdicts[r->verdict], r->found);
	}
	printf(
		"  %u asked for and in force, %u missing, %u absent (of this kernel or build), %u not visible from here\n",
		count_verdict(f, IN_FORCE), count_verdict(f, MISSING), count_verdict(f, ABSENT),
		count_verdict(f, UNSEEN));
}

void inforce_json(const struct inforce *f, struct json *j)
{
	static const char *const words[] =
		{[IN_FORCE] = "in-force", [MISSING] = "missing", [ABSENT] = "absent", [UNSEEN] = "unseen"};
	json_row(j, "running", '{');
	if (f->now.pid > 0)
		json_i64(j, "pid", f->now.pid);
	else
		json_null(j, "pid");
	json_bool(j, "looked_at", f->now.dir >= 0);
	json_u64(j, "missing", count_verdict(f, MISSING));
	json_row(j, "absent", '[');
	for (unsigned i = 0; plan_optional_walls[i]; i++)
		if (f->now.absent >> i & 1)
			json_text(j, NULL, plan_optional_walls[i]);
	json_close(j, ']');
	json_open(j, "rows", '[');
	for (size_t i = 0; i < f->count; i++) {
		const struct inforce_row *r = &f->row[i];
		json_row(j, NULL, '{');
		json_text(j, "section", section_of(r));
		json_text(j, "name", key_of(r));
		json_text(j, "item", r->item);
		json_text(j, "asked", r->asked);
		json_text(j, "found", r->found);
		json_text(j, "verdict", words[r->verdict]);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}
