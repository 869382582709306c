/* SPDX-License-Identifier: MIT
 * A stand-in for inih as most distributions build it (releases 53 to 62): the part of its interface
 * that bulkhead uses, and the options of its build.
 */
#pragma once
#ifndef INI_HANDLER_LINENO
#define INI_HANDLER_LINENO 0
#endif
#ifndef INI_ALLOW_MULTILINE
#define INI_ALLOW_MULTILINE 1
#endif
#ifndef INI_ALLOW_INLINE_COMMENTS
#define INI_ALLOW_INLINE_COMMENTS 1
#endif
#ifndef INI_CALL_HANDLER_ON_NEW_SECTION
#define INI_CALL_HANDLER_ON_NEW_SECTION 0
#endif
#ifndef INI_MAX_LINE
#define INI_MAX_LINE 200
#endif

/* 0 means failure. */
typedef int (*ini_handler)(void *user, const char *section, const char *name, const char *value
#if INI_HANDLER_LINENO
	,
	int line
#endif
);
/* As fgets(3): at most `size` bytes with the NUL. */
typedef char *(*ini_reader)(char *buf, int size, void *stream);

/* 0, or the first bad line's number. */
int ini_parse_stream(ini_reader reader, void *stream, ini_handler handler, void *user);
