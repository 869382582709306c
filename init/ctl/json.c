/* SPDX-License-Identifier: MIT
 * JSON on a stream, see json.h.
 */
#include "ctl/json.h"
#include "ctl/text.h"
#include <inttypes.h>
#include <string.h>

#define PART 512 /* bytes escaped at a time; each gives at most six */

static void new_line(struct json *j)
{
	if (j->flat || !j->depth)
		return;
	fputc('\n', j->out);
	for (unsigned i = 0; i < j->depth; i++)
		fputs("  ", j->out);
}

static void write_bytes(struct json *j, const char *p, size_t n)
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

static void begin(struct json *j, const char *key)
{
	if (j->comma)
		fputs(j->flat ? ", " : ",", j->out);
	new_line(j);
	j->comma = true;
	if (!key)
		return;
	write_bytes(j, key, strlen(key));
	fputs(": ", j->out);
}

void json_open(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	fputc(bracket, j->out);
	j->depth++;
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	bool filled = j->comma;
	j->depth--;
	if (filled && !j->depth && !j->flat)
		fputc('\n', j->out);
	else if (filled)
		new_line(j);
	fputc(bracket, j->out);
	j->comma = j->depth > 0;
	if (!j->depth)
		fputc('\n', j->out);
}

void json_bytes(struct json *j, const char *key, const char *p, size_t n)
{
	begin(j, key);
	write_bytes(j, p, n);
}

void json_text(struct json *j, const char *key, const char *text)
{
	json_bytes(j, key, text, strlen(text));
}

void json_u64(struct json *j, const char *key, uint64_t v)
{
	begin(j, key);
	fprintf(j->out, "%" PRIu64, v);
}

void json_i64(struct json *j, const char *key, int64_t v)
{
	begin(j, key);
	fprintf(j->out, "%" PRId64, v);
}

void json_bool(struct json *j, const char *key, bool v)
{
	begin(j, key);
	fputs(v ? "true" : "false", j->out);
}

void json_null(struct json *j, const char *key)
{
	begin(j, key);
	fputs("null", j->out);
}
