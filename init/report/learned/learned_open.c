/* SPDX-License-Identifier: MIT
 * A record's facts into directives that open a wall: directories, the network, and, only when they
 * are granted, capabilities and the kernel's files.
 */
#include "compile/files/files.h"
#include "base/count.h"
#include "compile/unit/directives.h"
#include "report/learned/learned.h"
#include <stdlib.h>
#include <string.h>

struct opening {
	enum directive_id directive;
	const char *reason;
	char value[256];
	bool asked;       /* only asked for: a comment unless it is granted */
	const char *told; /* a comment in any case: its text, or NULL */
};

struct openings {
	struct opening list[128];
	size_t count;
};

static void open_wall(struct openings *o, enum directive_id directive, struct span value,
	const char *reason, bool asked)
{
	struct opening new = {.directive = directive, .reason = reason, .asked = asked};
	if (span_copy(value, new.value, sizeof(new.value)) < 0 || o->count == COUNT(o->list))
		return;
	for (size_t i = 0; i < o->count; i++) {
		struct opening *old = &o->list[i];
		if (!old->told && old->directive == directive && strcmp(old->value, new.value) == 0) {
			old->asked = old->asked && asked;
			return;
		}
	}
	o->list[o->count++] = new;
}

/* Each path by itself: what is said of one is said of another too. */
static void tell_path(struct openings *o, const char *text, const char *reason)
{
	if (o->count == COUNT(o->list))
		return;
	for (size_t i = 0; i < o->count; i++)
		if (o->list[i].told && strcmp(o->list[i].reason, reason) == 0)
			return;
	o->list[o->count++] = (struct opening){.directive = D_Filesystem_ReadWritePaths,
		.reason = reason,
		.asked = true,
		.told = text};
}

/* ---- files ---- */

static bool is_directory(const char *path)
{
	struct stat st;
	return files_stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static const struct {
	const char *top;
	enum directive_id directive;
} kinds[] = {{"/var/lib/", D_Service_StateDirectory}, {"/run/", D_Service_RuntimeDirectory},
	{"/var/run/", D_Service_RuntimeDirectory}, {"/var/cache/", D_Service_CacheDirectory},
	{"/var/log/", D_Service_LogsDirectory}};

/* A directory that holds those of all services. */
static bool is_others(struct span path)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (path.n + 1 == strlen(kinds[i].top) && memcmp(path.p, kinds[i].top, path.n) == 0)
			return true;
	return false;
}

/* The service's own directories, by where they lie. */
static bool own_directory(struct openings *o, const char *path, bool directory)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		size_t top = strlen(kinds[i].top),
			   n = strcspn(path + (strlen(path) < top ? strlen(path) : top), "/");
		if (strncmp(path, kinds[i].top, top) != 0 || n == 0)
			continue;
		/* A file there belongs in a directory of the service's own: one of its name is none. */
		if (!path[top + n] && !directory && !is_directory(path))
			return false;
		open_wall(o, kinds[i].directive, (struct span){path + top, n}, path, false);
		return true;
	}
	return false;
}

static unsigned depth(struct span path)
{
	unsigned n = 0;
	for (size_t i = 0; i + 1 < path.n; i++)
		n += path.p[i] == '/';
	return n;
}

/* Those that every service has are on a read-only /dev too, which does not matter to them. */
static void will_open(struct openings *o, const char *path)
{
	struct span rest = span_of(FILESYSTEM_NODES), name = span_of(path + strlen("/dev/")), node;
	while (span_word(&rest, &node))
		if (span_same(node, name))
			return;
	open_wall(o, D_Filesystem_Devices, name, path, true);
}

/* A slash behind the path: of a directory. */
static void will_write(struct openings *o, const char *text)
{
	size_t n = strlen(text);
	bool directory = n > 1 && text[n - 1] == '/';
	char *path = diag_text("%.*s", (int)(directory ? n - 1 : n), text);
	if (strncmp(path, "/dev/", 5) == 0) {
		will_open(o, path);
		return;
	}
	if (strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/sys/", 5) == 0) {
		tell_path(o, "it would change the kernel's settings, and is denied it", path);
		return;
	}
	if (own_directory(o, path, directory))
		return;
	struct span place = span_of(path);
	if (!is_directory(path))
		place.n = (size_t)(strrchr(path, '/') - path);
	/* Never a whole top directory, one that others have theirs in, or anything of the system. */
	if (depth(place) < 2 || is_others(place) || strncmp(path, "/usr/", 5) == 0 ||
		strstr(path, ".."))
		tell_path(o, "it would write into a directory of the system: give it one of its own", path);
	else
		open_wall(o, D_Filesystem_ReadWritePaths, place, path, false);
}

static void will_read(struct openings *o, const char *path)
{
	if (strncmp(path, "/dev/", 5) == 0)
		will_open(o, path);
	else if (strncmp(path, "/sys/", 5) == 0)
		open_wall(o, D_Filesystem_Sysfs, span_of("read-only"), path, true);
	else if (strncmp(path, "/proc/sys/", 10) == 0)
		open_wall(o, D_Filesystem_KernelTunables, span_of("read-only"), path, true);
	else if (strncmp(path, "/proc/", 6) == 0)
		open_wall(o, D_Filesystem_ProcSubset, span_of("all"), path, true);
	else
		open_wall(o, D_Filesystem_BindReadOnlyPaths, span_of(path), path, true);
}

/* ---- capabilities ---- */

static bool any_value(const struct learned_values *v, bool (*is)(uint64_t))
{
	for (unsigned i = 0; v && i < v->count; i++)
		if (is(v->value[i]))
			return true;
	return v && v->many;
}

static bool is_negative(uint64_t value)
{
	return (int32_t)(uint32_t)value < 0;
}

static bool is_real_time(uint64_t policy)
{
	return (policy & 0xff) == 1 || (policy & 0xff) == 2;
}

/* Calls that want power whatever their arguments, or with those of which the kernel asks for it. */
static const struct {
	const char *call, *capability;
	unsigned index;
	bool (*is)(uint64_t);
} powers[] = {
	{"setuid", "CAP_SETUID", 0, NULL},
	{"setresuid", "CAP_SETUID", 0, NULL},
	{"setreuid", "CAP_SETUID", 0, NULL},
	{"setgid", "CAP_SETGID", 0, NULL},
	{"setresgid", "CAP_SETGID", 0, NULL},
	{"setregid", "CAP_SETGID", 0, NULL},
	{"setgroups", "CAP_SETGID", 0, NULL},
	{"chown", "CAP_CHOWN", 0, NULL},
	{"fchown", "CAP_CHOWN", 0, NULL},
	{"lchown", "CAP_CHOWN", 0, NULL},
	{"fchownat", "CAP_CHOWN", 0, NULL},
	{"chroot", "CAP_SYS_CHROOT", 0, NULL},
	{"clock_settime", "CAP_SYS_TIME", 0, NULL},
	{"settimeofday", "CAP_SYS_TIME", 0, NULL},
	{"sethostname", "CAP_SYS_ADMIN", 0, NULL},
	{"mount", "CAP_SYS_ADMIN", 0, NULL},
	{"umount2", "CAP_SYS_ADMIN", 0, NULL},
	{"setpriority", "CAP_SYS_NICE", 2, is_negative},
	{"sched_setscheduler", "CAP_SYS_NICE", 1, is_real_time},
	{"mlockall", "CAP_IPC_LOCK", 0, NULL},
	{"syslog", "CAP_SYSLOG", 0, NULL},
	{"reboot", "CAP_SYS_BOOT", 0, NULL},
};

static void ask_power(struct openings *o, const char *capability, const char *reason, bool asked)
{
	open_wall(o, D_Capabilities_AmbientCapabilities, span_of(capability), reason, asked);
}

static void look_at_powers(const struct learned *l, struct openings *o)
{
	for (size_t i = 0; i < COUNT(powers); i++) {
		const struct learned_values *v = learned_argument(l, powers[i].call, powers[i].index);
		if (v && (!powers[i].is || any_value(v, powers[i].is)))
			ask_power(o, powers[i].capability, powers[i].call, true);
	}
}

/* ---- all of it ---- */

/* It speaks to itself, which it may anywhere. */
static bool is_own_port(const struct learned *l, const char *port)
{
	for (size_t i = 0; i < l->notes; i++)
		if ((strcmp(l->note[i].kind, "own") == 0 || strcmp(l->note[i].kind, "bind") == 0) &&
			strcmp(l->note[i].text, port) == 0)
			return true;
	return false;
}

static void will_speak(const struct learned *l, const struct service *s, struct openings *o,
	const char *kind, const char *port)
{
	static char reason[64][48];
	static size_t reasons;
	bool local = strcmp(kind, "local") == 0, listens = !local && strcmp(kind, "connect") != 0;
	if (reasons == COUNT(reason) || (local && is_own_port(l, port)))
		return;
	char *text = reason[reasons++];
	snprintf(text, sizeof(reason[0]), "%s port %.8s%s", listens ? "listens on" : "speaks to", port,
		local ? " of this machine" : "");
	if (s->namespaces.own & NS_NETWORK)
		open_wall(o, D_Namespaces_Network, span_of("host"), text, false);
	if (strcmp(kind, "low") == 0)
		ask_power(o, "CAP_NET_BIND_SERVICE", text, false);
}

static void look_at_notes(const struct learned *l, const struct service *s, struct openings *o)
{
	/* the best reason first */
	static const char *const internet[] = {"low", "bind", "connect", "local"};
	for (size_t k = 0; k < COUNT(internet); k++)
		for (size_t i = 0; i < l->notes; i++)
			if (strcmp(l->note[i].kind, internet[k]) == 0)
				will_speak(l, s, o, internet[k], l->note[i].text);
	for (size_t i = 0; i < l->notes; i++) {
		const char *kind = l->note[i].kind, *text = l->note[i].text;
		if (strcmp(kind, "write") == 0)
			will_write(o, text);
		else if (strcmp(kind, "hidden") == 0)
			will_read(o, text);
		else if (strcmp(kind, "raw") == 0)
			ask_power(o, "CAP_NET_RAW", "a raw socket", true);
	}
}

/* Power over the host's things counts in the host's user namespace alone. */
static void open_user(const struct service *s, struct openings *o, bool grant)
{
	for (size_t i = 0; i < o->count; i++) {
		const struct opening *c = &o->list[i];
		if (c->directive == D_Capabilities_AmbientCapabilities && (grant || !c->asked) &&
			s->namespaces.own & NS_USER) {
			open_wall(o, D_Namespaces_User, span_of("host"), "a capability over what is the host's",
				false);
			return;
		}
	}
}

static void print_section(const struct openings *o, const char *section, bool grant, FILE *out)
{
	bool headed = false;
	for (size_t i = 0; i < o->count; i++) {
		const struct opening *a = &o->list[i];
		const char *key = directives[a->directive].key;
		bool active = !a->told && (grant || !a->asked);
		if (strcmp(directives[a->directive].section, section) != 0)
			continue;
		if (!headed)
			fprintf(out, "\n[%s]\n", section);
		headed = true;
		if (a->told)
			fprintf(out, "; %s: %s\n", a->reason, a->told);
		else if (active)
			fprintf(out, "; %s\n%s = %s\n", a->reason, key, a->value);
		else
			fprintf(out, "; asked for by %s, and done without: %s = %s\n", a->reason, key,
				a->value);
	}
}

void learned_openings(const struct learned *l, const struct service *s, bool grant, FILE *out)
{
	static const char *const sections[] = {"Service", "Namespaces", "Filesystem", "Capabilities"};
	static struct openings o;
	o.count = 0;
	look_at_notes(l, s, &o);
	look_at_powers(l, &o);
	open_user(s, &o, grant);
	for (size_t i = 0; i < COUNT(sections); i++)
		print_section(&o, sections[i], grant, out);
}
