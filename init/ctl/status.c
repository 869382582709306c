/* SPDX-License-Identifier: MIT
 * `bulkctl status`: every service in a tree with aligned columns, or as JSON.
 */
#include "core/core.h"
#include "ctl/ctl.h"
#include "print/json.h"
#include "ctl/text.h"
#include "ctl/tree.h"
#include "print/escape.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COL_NAME, COL_STATE, COL_PID, COL_SINCE, COL_MEMORY, COL_RESTARTS, COL_WHY, COL_COUNT };

struct line {
	uint32_t state;
	char cell[COL_COUNT][256];
};

static const char *const titles[COL_COUNT] = {"SERVICE", "STATE", "PID", "SINCE", "MEMORY",
	"RESTARTS", ""};
static const bool right[COL_COUNT] = {[COL_PID] = true, [COL_MEMORY] = true, [COL_RESTARTS] = true};

/* The branches before a name, from the outermost one. */
static void put_branches(const struct ctl *c, struct fmt *f, const struct tree *t, uint32_t row)
{
	static const char *const ascii[] = {"|  ", "   ", "|- ", "`- "};
	static const char *const unicode[] = {"│  ", "   ", "├─ ", "└─ "};
	const char *const *piece = c->unicode ? unicode : ascii;
	uint16_t depth = t->row[row].depth;
	for (uint16_t level = 1; level <= depth; level++) {
		uint32_t at = row;
		while (t->row[at].depth > level)
			at = (uint32_t)t->row[at].parent;
		fmt_str(f, piece[(level == depth ? 2 : 0) + t->row[at].last]);
	}
}

static void put_positive(struct fmt *f, int64_t v)
{
	if (v > 0)
		fmt_i64(f, v);
	else
		fmt_char(f, '-');
}

/* The last column: what PID 1 says of it, else how the last life ended. */
static void put_why(struct fmt *f, const struct proto_service *s)
{
	if (s->why[0])
		text_printable(f, s->why, strlen(s->why));
	else if (s->last_status > 0 && s->state != SVC_UP)
		text_wait_status(f, s->last_status);
	if (s->absent && s->state == SVC_UP) {
		fmt_str(f, f->len ? "; without " : "without ");
		ctl_put_absent(f, s);
	}
}

static void fill_line(const struct ctl *c, const struct ctl_world *w, const struct tree *t,
	uint32_t row, struct line *line)
{
	const struct proto_service *s = ctl_world_find(w, t->row[row].service);
	struct fmt f[COL_COUNT];
	for (int i = 0; i < COL_COUNT; i++)
		fmt_init(&f[i], line->cell[i], sizeof(line->cell[i]));
	line->state = SVC_STATE_COUNT;
	put_branches(c, &f[COL_NAME], t, row);
	if (!s) {
		fmt_char(&f[COL_NAME], '?');
		return;
	}
	line->state = s->state;
	text_printable(&f[COL_NAME], s->name, strlen(s->name));
	fmt_str(&f[COL_STATE], core_state_name((enum core_state)s->state));
	put_positive(&f[COL_PID], s->pid);
	if (s->since_ms && s->since_ms <= w->now_ms)
		text_duration(&f[COL_SINCE], w->now_ms - s->since_ms);
	else
		fmt_char(&f[COL_SINCE], '-');
	text_size(&f[COL_MEMORY], s->memory);
	put_positive(&f[COL_RESTARTS], s->restarts);
	put_why(&f[COL_WHY], s);
}

static void pad(size_t n)
{
	printf("%*s", (int)n, "");
}

static void print_line(const struct ctl *c, const char cell[COL_COUNT][256], const size_t *width,
	uint32_t state)
{
	for (int i = 0; i < COL_COUNT; i++) {
		size_t gap = width[i] - text_columns(cell[i]);
		bool coloured = i == COL_STATE && state < SVC_STATE_COUNT;
		if (i == COL_WHY && !cell[i][0])
			break;
		if (i)
			pad(2);
		if (right[i])
			pad(gap);
		printf("%s%s%s", coloured ? ctl_colour(c, state) : "", cell[i],
			coloured ? ctl_colour_end(c) : "");
		if (!right[i] && i != COL_WHY)
			pad(gap);
	}
	putchar('\n');
}

static void print_summary(const struct ctl *c, const struct ctl_world *w)
{
	static const char *const words[] = {[MOOD_QUIET] = "not running",
		[MOOD_GOOD] = "well",
		[MOOD_BUSY] = "on the way",
		[MOOD_BAD] = "failed"};
	uint32_t counts[4] = {0};
	for (uint32_t i = 0; i < w->count; i++)
		counts[ctl_mood_of(w->services[i].state)]++;
	printf("\n%u service%s", (unsigned)w->count, w->count == 1 ? "" : "s");
	for (int i = MOOD_GOOD; i <= MOOD_BAD; i++)
		if (counts[i])
			printf(", %u %s", (unsigned)counts[i], words[i]);
	if (counts[MOOD_QUIET])
		printf(", %u %s", (unsigned)counts[MOOD_QUIET], words[MOOD_QUIET]);
	putchar('\n');
	if (counts[MOOD_BAD])
		printf("%sbulkctl status SERVICE and bulkctl logs SERVICE say more%s\n",
			c->colour ? "\033[2m" : "", ctl_colour_end(c));
}

static int print_tree(const struct ctl *c, const struct ctl_world *w)
{
	static struct tree tree;
	static char header[COL_COUNT][256];
	size_t width[COL_COUNT] = {0};
	struct line *lines;
	if (w->plan.base)
		tree_build(&tree, &w->plan);
	else
		tree_flat(&tree, w->count);
	lines = calloc(tree.count + 1, sizeof(*lines));
	if (!lines)
		return ctl_complain(c, NULL, -ENOMEM, "");
	for (int i = 0; i < COL_COUNT; i++) {
		memcpy(header[i], titles[i], strlen(titles[i]) + 1);
		width[i] = text_columns(titles[i]);
	}
	for (uint32_t r = 0; r < tree.count; r++) {
		fill_line(c, w, &tree, r, &lines[r]);
		for (int i = 0; i < COL_COUNT; i++) {
			size_t columns = text_columns(lines[r].cell[i]);
			if (columns > width[i])
				width[i] = columns;
		}
	}
	print_line(c, header, width, SVC_STATE_COUNT);
	for (uint32_t r = 0; r < tree.count; r++)
		print_line(c, lines[r].cell, width, lines[r].state);
	print_summary(c, w);
	free(lines);
	return CTL_OK;
}

static const struct proto_service *find_name(const struct ctl_world *w, const char *name)
{
	for (uint32_t i = 0; i < w->count; i++)
		if (strcmp(w->services[i].name, name) == 0)
			return &w->services[i];
	return NULL;
}

/* An element for each name that was asked for. */
static int show_unknown(const struct ctl *c, const char *name, struct json *j)
{
	if (ctl_json(c)) {
		json_open(j, NULL, '{');
		json_text(j, "service", name);
		json_text(j, "error", "no such service");
		json_close(j, '}');
	}
	return ctl_no_service(c, name);
}

static int show_named(const struct ctl *c, const struct ctl_world *w)
{
	struct json j = {.out = stdout};
	bool list = ctl_json(c) && c->count > 1;
	int result = CTL_OK;
	if (list)
		json_open(&j, NULL, '[');
	for (int i = 0; i < c->count; i++) {
		const struct proto_service *s = find_name(w, c->names[i]);
		int status;
		if (i && !ctl_json(c))
			putchar('\n');
		status = s ? ctl_show(c, w, s, &j) : show_unknown(c, c->names[i], &j);
		if (status && result != CTL_FAILED)
			result = status;
	}
	if (list)
		json_close(&j, ']');
	return result;
}

int ctl_status(const struct ctl *c)
{
	struct ctl_world w;
	int err = ctl_world_get(c, &w);
	struct json j = {.out = stdout};
	if (err)
		return err;
	if (c->count)
		return show_named(c, &w);
	if (!ctl_json(c))
		return print_tree(c, &w);
	json_open(&j, NULL, '[');
	for (uint32_t i = 0; i < w.count; i++)
		ctl_show_json(&w, &w.services[i], &j);
	json_close(&j, ']');
	return CTL_OK;
}
