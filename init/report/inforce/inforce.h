/* SPDX-License-Identifier: MIT
 * Asked for and in force: what the kernel says of a running service's main process, read back from
 * outside and held against what its file asks for.
 *
 * To add a row: write `static void look_at_X(struct look *l)` in the inforce_*.c of its wall, read
 * what the kernel shows (look_file, look_field), and call look_row(l, section, directive, item,
 * verdict, asked, found) once for each thing asked for; then add the function to the table `looks`
 * in inforce.c. A directive's line shows what its rows found; rows with an item (a path, a file, a
 * limit) are listed one by one as well. What a process may do to itself (give up a capability,
 * lower a limit, change to another user) is no difference: a verdict is about walls that are weaker
 * than asked for.
 */
#pragma once
#include "compile/unit/service.h"

enum verdict {
	IN_FORCE,
	MISSING, /* asked for, and not there */
	ABSENT,  /* asked for, and missing from this kernel, which the file lets pass */
	UNSEEN   /* not to be seen from here */
};

struct inforce_row {
	const char *section, *directive;
	char item[128]; /* "" = the directive's value as a whole */
	enum verdict verdict;
	char asked[160], found[160];
};

struct look {
	const struct service *s;
	int pid, dir;    /* dir: its directory in /proc, or -1 */
	uint32_t absent; /* enum plan_optional, as PID 1 tells */
	char status[8192];
	char *mounts; /* mountinfo */
};

#if CONFIG_IN_FORCE
/* Reads all of it, once. pid 0: it does not run. */
void inforce_read(const struct service *s, int pid, uint32_t absent);
bool inforce_wanted(void); /* whether inforce_read was called */
/* The column of one directive: "", "-" (does not run), or what was found; at most 159 bytes. */
const char *inforce_of(const struct service *s, const char *section, const char *directive);
void inforce_text(void); /* the rows one by one, and the sum */
void inforce_json(void); /* "running": {...}, with a comma at its end */
unsigned inforce_missing(void);
#else
static inline void inforce_read(const struct service *s, int pid, uint32_t absent)
{
	(void)s, (void)pid, (void)absent;
}
static inline bool inforce_wanted(void)
{
	return false;
}
static inline const char *inforce_of(const struct service *s, const char *section,
	const char *directive)
{
	(void)s, (void)section, (void)directive;
	return "";
}
static inline void inforce_text(void)
{
}
static inline void inforce_json(void)
{
}
static inline unsigned inforce_missing(void)
{
	return 0;
}
#endif

/* For the looks. */
void look_row(struct look *l, const char *section, const char *directive, const char *item,
	enum verdict v, const char *asked, const char *found);
/* A file of the process's directory, or anywhere; what was read (cut to cap), "" with errno's
 * negative in return. */
int look_file(const struct look *l, const char *name, char *buf, size_t cap);
/* The value of "Name:\tvalue" in status; "" if it is not there. */
const char *look_field(const struct look *l, const char *name, char *buf, size_t cap);
uint64_t look_hex(const struct look *l, const char *name);
/* What an unreadable thing is called: absent if the kernel lacks `bit` and that is let pass,
 * else missing. */
enum verdict look_lacking(const struct look *l, uint32_t bit);

bool look_has_word(const char *list, struct span word); /* of a list with commas */

/* What the kernel tells of a file system in memory; inforce_memory.c. */
struct look_memory {
	const char *options, *super;  /* of the mount and of the file system, as in mountinfo */
	uint64_t bytes, block, files; /* statfs(2): 0 = no bound */
	uint64_t total;               /* of the machine's memory */
};
/* The first of these options of mount(8) that the file system does not have; empty: it has all. */
struct span look_memory_amiss(const struct look_memory *m, struct span options);

void look_at_namespaces(struct look *l); /* inforce_process.c */
void look_at_ids(struct look *l);
void look_at_capabilities(struct look *l);
void look_at_filter(struct look *l);
void look_at_label(struct look *l);
void look_at_landlock(struct look *l);
void look_at_mounts(struct look *l); /* inforce_mounts.c */
void look_at_limits(struct look *l); /* inforce_limits.c */
void look_at_cgroup(struct look *l);
