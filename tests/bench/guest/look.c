/* SPDX-License-Identifier: MIT
 * What the monitor reads in /proc: memory, processes, and the walls of the services as they are
 * seen from outside.
 */
#include "board.h"
#include "monitor.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMESPACES 7

static const char *const namespaces[NAMESPACES] = {"cgroup", "ipc", "mnt", "net", "pid", "user",
	"uts"};

long slurp(const char *path, char *buf, size_t cap)
{
	size_t len = 0;
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while (len < cap - 1 && (n = read(fd, buf + len, cap - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	buf[len] = '\0';
	return n < 0 ? -1 : (long)len;
}

static uint64_t number_after(const char *text, const char *key)
{
	const char *p = strstr(text, key);
	return p ? strtoull(p + strlen(key), NULL, 10) : 0;
}

/* MemFree leaves out the pages that wait on the CPU's own lists. */
uint64_t memory_free_kb(void)
{
	static char text[65536];
	uint64_t kb = slurp("/proc/meminfo", text, sizeof(text)) < 0 ? 0
																 : number_after(text, "MemFree:");
	if (slurp("/proc/zoneinfo", text, sizeof(text)) < 0)
		return kb;
	for (const char *p = text; (p = strstr(p, " count:")); p += 7)
		kb += 4 * strtoull(p + 7, NULL, 10);
	return kb;
}

/* ---- processes ---- */

static long proc_file(int pid, const char *name, char *buf, size_t cap)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return slurp(path, buf, cap);
}

/* The slot if the process is "/bench/svc SLOT", else 0. */
static int slot_of(int pid)
{
	char command[64] = "";
	if (proc_file(pid, "cmdline", command, sizeof(command)) <= 0 || strcmp(command, "/bench/svc"))
		return 0;
	return atoi(command + sizeof("/bench/svc"));
}

static int next_process(DIR *dir)
{
	struct dirent *entry;
	while (dir && (entry = readdir(dir)))
		if (atoi(entry->d_name) > 0)
			return atoi(entry->d_name);
	return 0;
}

int find_service(int slot)
{
	DIR *dir = opendir("/proc");
	int pid, found = 0;
	while (!found && (pid = next_process(dir)))
		if (slot_of(pid) == slot)
			found = pid;
	if (dir)
		closedir(dir);
	return found;
}

/* Every process but kernel threads (they have no memory) and this one. The host adds them up by
 * name. */
void report_processes(void)
{
	static char text[4096];
	char name[64];
	DIR *dir = opendir("/proc");
	for (int pid; (pid = next_process(dir));) {
		if (pid == getpid() || proc_file(pid, "smaps_rollup", text, sizeof(text)) <= 0)
			continue;
		if (proc_file(pid, "comm", name, sizeof(name)) < 0)
			continue;
		name[strcspn(name, "\n")] = '\0';
		say("process %d %llu %llu %llu %s", pid, (unsigned long long)number_after(text, "Rss:"),
			(unsigned long long)number_after(text, "\nPss:"),
			(unsigned long long)number_after(text, "Pss_Anon:"), name);
	}
	if (dir)
		closedir(dir);
}

/* ---- walls ---- */

static void namespace_id(int pid, const char *name, char *id, size_t cap)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
	ssize_t n = readlink(path, id, cap - 1);
	id[n > 0 ? n : 0] = '\0';
}

/* Those of the service's namespaces that are neither PID 1's nor another service's. */
static void own_namespaces(int pid, int slot, int services, char *own, size_t cap)
{
	static char seen[NAMESPACES][BOARD_SLOTS][32];
	char host[32];
	own[0] = '\0';
	for (int k = 0; k < NAMESPACES; k++) {
		namespace_id(1, namespaces[k], host, sizeof(host));
		namespace_id(pid, namespaces[k], seen[k][slot], sizeof(seen[k][slot]));
		int alone = strcmp(host, seen[k][slot]) != 0;
		for (int i = 1; i < slot && i <= services; i++)
			alone = alone && strcmp(seen[k][i], seen[k][slot]) != 0;
		if (alone)
			snprintf(own + strlen(own), cap - strlen(own), "%s%s", own[0] ? "," : "",
				namespaces[k]);
	}
}

static void copy_line(const char *text, const char *key, char *out, size_t cap)
{
	const char *p = strstr(text, key);
	p = p ? p + strlen(key) : "?";
	p += strspn(p, "\t ");
	snprintf(out, cap, "%.*s", (int)strcspn(p, "\n\t "), p);
}

static void one_line(const char *path, char *out, size_t cap)
{
	if (slurp(path, out, cap) < 0)
		snprintf(out, cap, "absent");
	out[strcspn(out, "\n")] = '\0';
	for (char *p = out; *p; p++)
		*p = *p == ' ' || *p == '\t' ? '_' : *p;
}

static void report_cgroup(int pid, int slot)
{
	static const char *const files[] = {"memory.max", "pids.max", "cpu.weight"};
	char text[512] = "", path[768], value[3][128];
	proc_file(pid, "cgroup", text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	const char *group = strncmp(text, "0::", 3) ? "/" : text + 3;
	for (int k = 0; k < 3; k++) {
		snprintf(path, sizeof(path), "/sys/fs/cgroup%s/%s", group, files[k]);
		one_line(path, value[k], sizeof(value[k]));
	}
	say("cgroup %d %s memory.max=%s pids.max=%s cpu.weight=%s", slot, group, value[0], value[1],
		value[2]);
}

static void report_root(int pid, int slot)
{
	static char text[16384];
	if (proc_file(pid, "mountinfo", text, sizeof(text)) < 0)
		return;
	for (char *rest = text, *entry; (entry = strsep(&rest, "\n"));) {
		char where[256], options[256];
		if (sscanf(entry, "%*s %*s %*s %*s %255s %255s", where, options) == 2)
			say("mount %d %s %s", slot, where, options);
	}
}

static void report_service(int pid, int slot, int services)
{
	static char status[8192];
	static const char *const keys[] = {"Uid:", "CapEff:", "CapPrm:", "CapInh:", "CapAmb:",
		"CapBnd:", "NoNewPrivs:", "Seccomp:", "Seccomp_filters:"};
	char own[64], value[64], text[512] = "";
	if (proc_file(pid, "status", status, sizeof(status)) < 0)
		return;
	own_namespaces(pid, slot, services, own, sizeof(own));
	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
		copy_line(status, keys[k], value, sizeof(value));
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s%s", keys[k], value);
	}
	say("walls %d namespaces=%s%s", slot, own, text);
}

void report_walls(int services)
{
	char text[256], path[64];
	for (int slot = 1; slot <= services; slot++) {
		int pid = find_service(slot);
		if (!pid)
			continue;
		report_service(pid, slot, services);
		if (slot > 1)
			continue;
		report_cgroup(pid, slot);
		report_root(pid, slot);
		snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
		one_line(path, text, sizeof(text));
		say("uid_map %d %s", slot, text);
	}
}
