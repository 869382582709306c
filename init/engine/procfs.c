/* SPDX-License-Identifier: MIT
 * What /proc knows of a process: see procfs.h. */
#include "engine/procfs.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/span.h"
#include "base/sys.h"
#include <fcntl.h>
#include <string.h>

#define OWN_HIERARCHY "0::/" /* of version 2, and before the path in it */

static void proc_path(char *buf, size_t cap, int pid, const char *file)
{
	struct fmt f;
	fmt_init(&f, buf, cap);
	fmt_str(&f, "/proc/");
	fmt_i64(&f, pid);
	fmt_strs(&f, "/", file, NULL);
}

/* The next name of the path: the service of that name, or -1. */
static int next_service(const struct plan *p, const char **at)
{
	char name[CONFIG_MAX_NAME];
	size_t n = strcspn(*at, "/\n");
	if (span_copy((struct span){*at, n}, name, sizeof(name)) < 0)
		return -1;
	*at += n + ((*at)[n] == '/');
	return plan_find(p, name);
}

/* A service's group lies in the root, or in that of its Slice; what lies below it is its own
 * affair (Delegate). */
int procfs_group_service(const struct plan *p, const char *text)
{
	const char *at = span_behind(text, OWN_HIERARCHY);
	if (!at)
		return PROCFS_NONE;
	int first = next_service(p, &at);
	if (first < 0 || plan_service(p, (uint32_t)first)->type != TYPE_GROUP)
		return first;
	int member = next_service(p, &at);
	return member < 0 ? first : member;
}

static int read_group(int pid, char *text, size_t cap)
{
	char path[48];
	proc_path(path, sizeof(path), pid, "cgroup");
	return sys_read_file(AT_FDCWD, path, text, cap);
}

int procfs_service(const struct plan *p, int pid)
{
	char text[512];
	int n = read_group(pid, text, sizeof(text));
	return n < 0 ? n : procfs_group_service(p, text);
}

bool procfs_group_is(const char *text, const char *name)
{
	const char *at = span_behind(text, OWN_HIERARCHY);
	struct span rest = {at, at ? strcspn(at, "\n") : 0}, one;
	while (span_part(&rest, '/', &one))
		if (span_is(one, name))
			return true;
	return false;
}

int procfs_in_group(int pid, const char *name)
{
	char text[4096]; /* a group below those of others has a longer path */
	int n = read_group(pid, text, sizeof(text));
	return n < 0 ? n : procfs_group_is(text, name);
}

/* The line's value begins behind its name and a tab. */
static const char *status_line(const char *text, const char *name)
{
	const char *at = span_behind(text, name);
	return at ? at : "";
}

/* A mask of signals in hexadecimal, in which SIGKILL's is the ninth bit. */
static bool has_kill(const char *mask)
{
	size_t n = strspn(mask, "0123456789abcdef");
	return n > 2 && strchr("13579bdf", mask[n - 3]);
}

enum procfs_end procfs_end(int pid)
{
	char path[48], text[4096];
	proc_path(path, sizeof(path), pid, "status");
	if (sys_read_file(AT_FDCWD, path, text, sizeof(text)) < 0)
		return PROCFS_LIVES;
	if (has_kill(status_line(text, "\nSigPnd:\t")) || has_kill(status_line(text, "\nShdPnd:\t")))
		return PROCFS_DIES;
	return *status_line(text, "\nState:\t") == 'Z' ? PROCFS_LED_BY_NONE : PROCFS_LIVES;
}

/* The fourth field of /proc/PID/stat, after a name in brackets that may hold anything. */
int procfs_parent(int pid)
{
	char path[48], text[512];
	uint64_t parent = 0;
	proc_path(path, sizeof(path), pid, "stat");
	int n = sys_read_file(AT_FDCWD, path, text, sizeof(text));
	if (n < 0)
		return n;
	const char *at = strrchr(text, ')');
	if (!at || strlen(at) < 5)
		return 0;
	at += 4; /* ") S " */
	return num_u64((struct span){at, strcspn(at, " ")}, INT32_MAX, &parent) == 0 ? (int)parent : 0;
}
