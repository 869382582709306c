/* SPDX-License-Identifier: MIT
 * What is in force: what the kernel shows of a running service's main process, read from outside
 * and compared with what its file asks for. The rows are the walls' (walls/report.h).
 */
#pragma once
#include "compile/unit/service.h"
#include "print/json.h"
#include "walls/report.h"

#define INFORCE_MAX_ROWS 512

struct inforce_row {
	enum directive_id directive;
	char item[128]; /* "" = the directive's value as a whole */
	enum verdict verdict;
	char asked[160], found[160];
};

struct inforce {
	struct look now;
	struct inforce_row row[INFORCE_MAX_ROWS];
	size_t count;
	char text[200]; /* of inforce_of */
};

/* Reads everything once. pid 0: it does not run. The result lives as long as the program; NULL: no
 * memory. */
struct inforce *inforce_read(const struct service *s, int pid, uint32_t absent);
/* Whether something of a directive is asked for and not in force. */
bool inforce_lacks(const struct inforce *f, enum directive_id directive);
/* The column of one directive: "", "-" (does not run), or the result; at most 199 bytes, valid
 * until the next call. */
const char *inforce_of(struct inforce *f, enum directive_id directive);
void inforce_text(const struct inforce *f);                 /* the rows one by one, and the sum */
void inforce_json(const struct inforce *f, struct json *j); /* "running": {...} */
unsigned inforce_missing(const struct inforce *f);
