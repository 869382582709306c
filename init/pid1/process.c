/* SPDX-License-Identifier: MIT
 * What /proc knows of a process: see process.h. */
#include "pid1/process.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/span.h"
#include "base/sys.h"
#include <fcntl.h>
#include <string.h>

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
	if (span_copy((struct span){*at, n}, name, sizeof name) < 0)
		return -1;
	*at += n + ((*at)[n] == '/');
	return plan_find(p, name);
}

/* A service's group lies in the root, or in that of its Slice; what lies below it is its own
 * affair (Delegate). */
int process_group_service(const struct plan *p, const char *text)
{
	const char *at = strstr(text, "0::/");
	if (!at)
		return PROCESS_OF_NONE;
	at += 4;
	int first = next_service(p, &at);
	if (first < 0 || plan_service(p, (uint32_t)first)->type != TYPE_GROUP)
		return first;
	int member = next_service(p, &at);
	return member < 0 ? first : member;
}

int process_service(const struct plan *p, int pid)
{
	char path[48], text[512];
	proc_path(path, sizeof path, pid, "cgroup");
	int n = sys_read_file(AT_FDCWD, path, text, sizeof text);
	return n < 0 ? n : process_group_service(p, text);
}

/* The fourth field of /proc/PID/stat, after a name in brackets that may hold anything. */
int process_parent(int pid)
{
	char path[48], text[512];
	uint64_t parent = 0;
	proc_path(path, sizeof path, pid, "stat");
	if (sys_read_file(AT_FDCWD, path, text, sizeof text) < 0)
		return 0;
	const char *at = strrchr(text, ')');
	if (!at || strlen(at) < 5)
		return 0;
	at += 4; /* ") S " */
	return num_u64((struct span){at, strcspn(at, " ")}, INT32_MAX, &parent) == 0 ? (int)parent : 0;
}
