/* SPDX-License-Identifier: MIT
 * JSON on a stream: commas, escapes and indentation are seen to here. A key is NULL inside an array
 * and for the outermost value. Strings may hold any bytes (print/escape.h).
 */
#pragma once
#include "base/span.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;      /* NULL: nothing is written */
	unsigned depth; /* at most 31 */
	unsigned indent;
	uint32_t lines; /* by depth, a bit each: its members stand on lines of their own */
	bool comma;     /* something stands before, on this level */
	bool beside;    /* the next member stays on the line of the one before */
	bool flat;      /* all on one line */
};

/* '{' or '[': its members stand on lines of their own; of json_row on one line */
void json_open(struct json *j, const char *key, char bracket);
void json_row(struct json *j, const char *key, char bracket);
/* '}' or ']'; the outermost one ends the line */
void json_close(struct json *j, char bracket);
void json_text(struct json *j, const char *key, const char *text);
void json_bytes(struct json *j, const char *key, const char *p, size_t n);
void json_span(struct json *j, const char *key, struct span s);
void json_words(struct json *j, const char *key, struct span words); /* as an array */
void json_u64(struct json *j, const char *key, uint64_t v);
void json_i64(struct json *j, const char *key, int64_t v);
void json_tenths(struct json *j, const char *key, unsigned v); /* 15: 1.5 */
void json_bool(struct json *j, const char *key, bool v);
void json_null(struct json *j, const char *key);
