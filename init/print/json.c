/* SPDX-License-Identifier: MIT
 * JSON on a stream, see json.h.
 */
#include "print/json.h"
#include "base/config.h"
#include "print/escape.h"
#include <inttypes.h>
#include <string.h>

#define PART 512 /* bytes escaped at a time; each gives at most six */

static void new_line(const struct json *j)
{
	fputc('\n', j->out);
	for (unsigned i = 0; i < j->indent; i++)
		fputs("  ", j->out);
}

static void write_bytes(const struct json *j, const char *p, size_t n)
{
	char buf[PART * 6 + 3];
	struct fmt f;
	fputc('"', j->out);
	while (n) {
		size_t part = n < PART ? n : PART;
		/* not through the middle of a character */
		while (part < n && part > PART - 4 && ((unsigned char)p[part] & 0xc0) == 0x80)
			part--;
		fmt_init(&f, buf, sizeof(buf));
		text_json(&f, p, part);
		fwrite(buf + 1, 1, f.len - 2, j->out);
		p += part;
		n -= part;
	}
	fputc('"', j->out);
}

static bool on_lines(const struct json *j)
{
	return j->lines >> j->depth & 1;
}

/* What stands before a value; false: nothing is written at all. */
static bool begin_value(struct json *j, const char *key)
{
	if (!CONFIG_JSON || !j->out)
		return false;
	bool line = on_lines(j) && !j->beside;
	if (j->comma)
		fputs(line ? "," : ", ", j->out);
	if (line)
		new_line(j);
	j->comma = true;
	j->beside = false;
	if (!key)
		return true;
	write_bytes(j, key, strlen(key));
	fputs(": ", j->out);
	return true;
}

static void open_bracket(struct json *j, const char *key, char bracket, bool lines)
{
	if (!begin_value(j, key))
		return;
	fputc(bracket, j->out);
	j->depth++;
	j->lines &= ~(UINT32_C(1) << j->depth);
	j->lines |= (uint32_t)lines << j->depth;
	j->indent += lines;
	j->comma = false;
}

void json_open(struct json *j, const char *key, char bracket)
{
	open_bracket(j, key, bracket, !j->flat);
}

void json_row(struct json *j, const char *key, char bracket)
{
	open_bracket(j, key, bracket, false);
}

void json_close(struct json *j, char bracket)
{
	if (!CONFIG_JSON || !j->out)
		return;
	j->indent -= on_lines(j);
	if (j->comma && on_lines(j))
		new_line(j);
	fputc(bracket, j->out);
	j->depth--;
	j->comma = j->depth > 0;
	if (!j->depth)
		fputc('\n', j->out);
}

void json_bytes(struct json *j, const char *key, const char *p, size_t n)
{
	if (begin_value(j, key))
		write_bytes(j, p, n);
}

void json_text(struct json *j, const char *key, const char *text)
{
	json_bytes(j, key, text, strlen(text));
}

void json_span(struct json *j, const char *key, struct span s)
{
	json_bytes(j, key, s.p, s.n);
}

void json_words(struct json *j, const char *key, struct span words)
{
	struct span word;
	json_row(j, key, '[');
	while (span_word(&words, &word))
		json_span(j, NULL, word);
	json_close(j, ']');
}

void json_u64(struct json *j, const char *key, uint64_t v)
{
	if (begin_value(j, key))
		fprintf(j->out, "%" PRIu64, v);
}

void json_i64(struct json *j, const char *key, int64_t v)
{
	if (begin_value(j, key))
		fprintf(j->out, "%" PRId64, v);
}

void json_tenths(struct json *j, const char *key, unsigned v)
{
	if (begin_value(j, key))
		fprintf(j->out, "%u.%u", v / 10, v % 10);
}

void json_bool(struct json *j, const char *key, bool v)
{
	if (begin_value(j, key))
		fputs(v ? "true" : "false", j->out);
}

void json_null(struct json *j, const char *key)
{
	if (begin_value(j, key))
		fputs("null", j->out);
}
