/* SPDX-License-Identifier: MIT
 * JSON on a stream: commas, escapes and indentation are seen to here. A key is NULL inside an array
 * and for the outermost value.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	unsigned depth;
	bool comma; /* something stands before, on this level */
	bool flat;  /* all on one line */
};

void json_open(struct json *j, const char *key, char bracket); /* '{' or '[' */
/* '}' or ']'; the outermost one ends the line */
void json_close(struct json *j, char bracket);
void json_text(struct json *j, const char *key, const char *text);
void json_bytes(struct json *j, const char *key, const char *p, size_t n);
void json_u64(struct json *j, const char *key, uint64_t v);
void json_i64(struct json *j, const char *key, int64_t v);
void json_bool(struct json *j, const char *key, bool v);
void json_null(struct json *j, const char *key);
