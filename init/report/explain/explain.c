/* SPDX-License-Identifier: MIT
 * `--explain`: each directive with its effective value and origin, then the walls as they will
 * stand. See explain.h.
 */
#include "report/explain/explain.h"
#include "compile/check/check.h"
#include "compile/read/directives.h"
#include "compile/read/load.h"
#include "print/json.h"
#include "report/inforce/inforce.h"
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMESPACES 8u

static const char *const namespace_names[NAMESPACES] = {"mount", "pid", "ipc", "uts", "cgroup",
	"user", "network", "time"}; /* by bit */

static void origin_text(const struct assignment *a, char *buf, size_t cap)
{
	static const char *const before[] = {
		[LAYER_DEFAULTS] = "[Defaults] ",
		[LAYER_PROFILE] = "profile ",
		[LAYER_FILE] = "",
		[LAYER_DROP_IN] = "drop-in ",
	};
	snprintf(buf, cap, "%s%s:%u", before[a->layer], a->place.file, a->place.line);
}

/* Whether the i-th line is among those that make the value: of a scalar the last, of a list
 * those behind the last reset. */
static bool effective(const struct service *s, size_t i)
{
	const struct directive *t = &directives[s->set[i].directive];
	if (!load_counts(s, &s->set[i]) || (t->kind & LIST && s->set[i].value.n == 0))
		return false;
	for (size_t k = i + 1; k < s->set_count; k++)
		if (s->set[k].directive == s->set[i].directive && load_counts(s, &s->set[k]) &&
			(!(t->kind & LIST) || s->set[k].value.n == 0))
			return false;
	return true;
}

static bool is_set(const struct service *s, int directive)
{
	for (size_t i = 0; i < s->set_count; i++)
		if (s->set[i].directive == directive)
			return true;
	return false;
}

/* Of what this build leaves out nothing is the default, and of a service without sockets nothing
 * is said about them. */
static const char *default_of(const struct service *s, int directive)
{
	bool none = strcmp(directives[directive].section, "Socket") == 0 && s->sockets.count == 0;
	return directives[directive].set && !none ? directives[directive].fallback : NULL;
}

/* ---- text ---- */

static void print_line(const struct service *s, int directive, struct span value,
	const char *origin)
{
	int n = printf("  %-24s = %.*s", directives[directive].key, SPAN_ARGS(value));
	if (inforce_wanted())
		n += printf("%*s  %s", n < 52 ? 52 - n : 0, "",
			inforce_of(s, directives[directive].section, directives[directive].key));
	if (inforce_wanted())
		n -= 12; /* two columns of values need the room */

	printf("%*s  %s\n", n < 72 ? 72 - n : 0, "", origin);
}

static void print_directives(const struct service *s)
{
	const char *section = "";
	char origin[300];
	if (inforce_wanted())
		printf("\n  %-24s   %-23s  %-18s  %s\n", "DIRECTIVE", "ASKED FOR", "IN FORCE", "FROM");

	for (int d = 0; directives[d].section; d++) {
		bool shown = is_set(s, d) || default_of(s, d);
		if (shown && strcmp(section, directives[d].section) != 0) {
			section = directives[d].section;
			printf("\n[%s]\n", section);
		}
		if (!is_set(s, d) && default_of(s, d))
			print_line(s, d, span_of(default_of(s, d)), "default");
		for (size_t i = 0; i < s->set_count; i++) {
			if (s->set[i].directive != d || !effective(s, i))
				continue;
			origin_text(&s->set[i], origin, sizeof(origin));
			print_line(s, d, s->set[i].value, origin);
		}
	}
}

static void print_network(const struct service *s)
{
	static const char *const modes[] = {"its own: loopback", "the host's", "of the service",
		"of the name"};
	const struct network_conf *n = &s->network;
	char veth[512];
	printf("\n  network         %s%s%.*s", modes[n->mode], n->name.n ? " " : "",
		SPAN_ARGS(n->name));
	for (size_t i = 0; i < n->interfaces; i++)
		printf(", %.*s", SPAN_ARGS(n->interface[i]));
	if (service_owns_network(s))
		printf("; its capabilities count over it");
	if (CONFIG_INTERFACES && *network_veth_text(n, s->name, veth, sizeof(veth)))
		printf("\n                  %s", veth);
}

static void print_namespaces(const struct service *s)
{
	printf("  namespaces      own:");
	for (unsigned i = 0; i < NAMESPACES; i++)
		printf("%s%s", s->namespaces.own >> i & 1 ? " " : "",
			s->namespaces.own >> i & 1 ? namespace_names[i] : "");
	/* of a joined one see below */
	uint32_t own = s->namespaces.own | (s->network.mode == NETWORK_HOST ? 0 : NS_NETWORK);
	if (own != NS_ALL)
		printf("; the host's:");
	for (unsigned i = 0; i < NAMESPACES; i++)
		printf("%s%s", own >> i & 1 ? "" : " ", own >> i & 1 ? "" : namespace_names[i]);
	print_network(s);
	printf("\n  identity        uid %u gid %u", s->ids.uid, s->ids.gid);
	if (s->ids.kernel_base)
		printf(" inside, %u and %u outside", s->ids.kernel_base + s->ids.uid,
			s->ids.kernel_base + s->ids.gid);
	for (size_t i = 0; i < s->ids.group_count; i++)
		printf("%s%u", i ? " " : "; groups ", s->ids.groups[i]);
	printf(", umask %04o\n", s->identity.umask);
}

static void print_root(const struct filesystem_conf *f)
{
	static const char *const views[] =
		{[VIEW_HIDDEN] = "hidden", [VIEW_READ_ONLY] = "read-only", [VIEW_HOST] = "the host's"};
	struct span own = f->root_image.n ? f->root_image : f->root_directory;
	if (own.n)
		printf("  file system     the root is %s%.*s, read-only, nosuid, nodev\n",
			f->root_image.n ? "the image " : "", SPAN_ARGS(own));
	else
		printf("  file system     the root read-only, nosuid, nodev\n");
	printf("                  /tmp and /var/tmp %s; /proc %s%s; /proc/sys %s; /sys %s\n",
		f->private_tmp ? "its own" : "the host's", f->proc_subset_pid ? "processes alone" : "whole",
		f->proc_invisible ? ", only its user's" : "", views[f->tunables], views[f->sysfs]);
}

static void print_own_directories(const struct filesystem_conf *f)
{
	static const char *const ends[] = {[RUNTIME_STAYS] = ", kept when it stops",
		[RUNTIME_EMPTIED] = ", emptied when it stops",
		[RUNTIME_EMPTIED_AT_STOP] = ", emptied when it stops, kept over a restart"};
	for (int kind = 0; kind < DIRECTORY_KINDS; kind++) {
		for (size_t i = 0; i < f->directory[kind].count; i++) {
			uint32_t kb, inodes;
			printf("                  own directory %s/%.*s, mode %04o",
				filesystem_directory_top((enum directory_kind)kind),
				SPAN_ARGS(f->directory[kind].name[i]), f->directory[kind].mode);
			if (kind == DIRECTORY_RUNTIME && filesystem_runtime_bounds(f, i, &kb, &inodes))
				printf(", at most %u kB and %u files", kb, inodes);
			if (kind == DIRECTORY_RUNTIME)
				printf("%s", ends[f->runtime_ends]);
			printf("\n");
		}
	}
}

static void print_filesystem(const struct service *s)
{
	const struct filesystem_conf_rule *sorted[FILESYSTEM_MAX_RULES];
	size_t n = filesystem_sorted(&s->filesystem, sorted);
	if (!(s->namespaces.own & NS_MOUNT)) {
		printf("  file system     the host's, with no wall\n");
		return;
	}
	print_root(&s->filesystem);
	for (size_t i = 0; i < n; i++) {
		const struct filesystem_conf_rule *r = sorted[i];
		printf("                  %s %.*s", filesystem_op_name(r->op), SPAN_ARGS(r->target));
		if (r->source.n && !span_same(r->source, r->target))
			printf(" from %.*s", SPAN_ARGS(r->source));
		if (r->options.n)
			printf(" (%.*s)", SPAN_ARGS(r->options));
		printf("%s\n", r->flags & FS_OPTIONAL ? ", if it is there" : "");
	}
	print_own_directories(&s->filesystem);
	printf("  devices         %s",
		s->filesystem.host_dev ? "all of the host's /dev" : "null zero full random urandom tty");
	for (size_t i = 0; i < s->filesystem.devices; i++)
		printf(" %.*s", SPAN_ARGS(s->filesystem.device[i]));
	printf("\n");
	if (!CONFIG_LANDLOCK)
		printf("  Landlock        none: " FEATURE_WITHOUT " CONFIG_LANDLOCK\n");
	else if (s->landlock.mode != LANDLOCK_MODE_OFF)
		printf(
			"                  where the kernel has Landlock: no POSIX message queues (mq_open: EACCES)\n");
}

static void print_cgroup(const struct service *s)
{
	const char *file, *value;
	printf("  cgroup          /sys/fs/cgroup/%.*s%s%s\n", SPAN_ARGS(s->cgroup.slice),
		s->cgroup.slice.n ? "/" : "", s->name);
	for (unsigned i = 0; cgroup_written(&s->cgroup, i, &file, &value); i++)
		printf("                  %s = %s\n", file, value);
}

static void print_capabilities(const struct service *s)
{
	char names[1024];
	printf("  capabilities    bounding set: %s\n",
		*capabilities_text(capabilities_bounding(&s->capabilities), names, sizeof(names)) ? names
																						  : "none");
	printf("                  from the start: %s\n",
		*capabilities_text(s->capabilities.ambient, names, sizeof(names)) ? names : "none");
	printf("                  no_new_privs: %s\n", s->capabilities.no_new_privs ? "yes" : "no");
	if (!CONFIG_SELINUX) {
		printf("  SELinux         none: " FEATURE_WITHOUT " CONFIG_SELINUX\n");
		return;
	}
	printf("  SELinux         %.*s%s\n",
		SPAN_ARGS(s->selinux.context.n ? s->selinux.context
									   : span_of("what the policy says about its program")),
		s->selinux.required ? ", required" : "");
}

static void print_seccomp(const struct service *s)
{
	static struct sock_filter insn[BPF_MAXINSNS];
	struct seccomp_call call;
	unsigned count = 0;
	int column = 999;
	while (seccomp_allowed(&s->seccomp, count, &call))
		count++;
	printf("  system calls    %u allowed, filter of %zu instructions\n", count,
		seccomp_program(&s->seccomp, insn));
	for (unsigned i = 0; seccomp_allowed(&s->seccomp, i, &call); i++) {
		if (call.rule.n > 0 || call.logged)
			continue;
		if (column + (int)strlen(call.name) > 120)
			column = printf("%s                 ", i ? "\n" : "") - 1;
		column += printf(" %s", call.name);
	}
	printf("\n");
	for (unsigned i = 0; seccomp_allowed(&s->seccomp, i, &call); i++)
		if (call.rule.n > 0)
			printf("                  %s%s only if %.*s\n", call.name,
				call.logged ? ", logged," : "", SPAN_ARGS(call.rule));
		else if (call.logged)
			printf("                  %s, logged\n", call.name);
	if (seccomp_no_exec_gain(&s->seccomp))
		printf(
			"  memory          what is written is never run: PR_SET_MDWE too, where the kernel has it\n");
}

void explain_text(const struct service *s)
{
	printf("%s: %.*s\n%s\n", s->name,
		SPAN_ARGS(s->unit.description.n ? s->unit.description : span_of("(no description)")),
		s->file);
	if (s->diag.errors > 0)
		printf("REFUSED: %s\n", s->diag.first);
	print_directives(s);
	if (s->unit.type == TYPE_GROUP)
		return;
	printf("\nWalls\n");
	print_namespaces(s);
	if (CONFIG_SOCKETS)
		sockets_text(s);
	print_filesystem(s);
	print_cgroup(s);
	print_capabilities(s);
	print_seccomp(s);
	if (inforce_wanted())
		inforce_text();
}

/* ---- JSON ---- */

static void json_directive(const struct service *s, bool *first, int directive, struct span value,
	const char *kind, const struct place *place)
{
	printf("%s\n    {\"section\": \"%s\", \"name\": \"%s\", \"value\": ", *first ? "" : ",",
		directives[directive].section, directives[directive].key);
	*first = false;
	json_span(value);
	if (inforce_wanted()) {
		printf(", \"in_force\": ");
		json_text(inforce_of(s, directives[directive].section, directives[directive].key));
	}
	printf(", \"origin\": \"%s\"", kind);
	if (place) {
		printf(", \"file\": ");
		json_text(place->file);
		printf(", \"line\": %u", place->line);
	}
	printf("}");
}

static void json_directives(const struct service *s)
{
	static const char *const kinds[] = {[LAYER_DEFAULTS] = "defaults",
		[LAYER_PROFILE] = "profile",
		[LAYER_FILE] = "file",
		[LAYER_DROP_IN] = "drop-in"};
	bool first = true;
	printf("  \"directives\": [");
	for (int d = 0; directives[d].section; d++) {
		if (!is_set(s, d) && default_of(s, d))
			json_directive(s, &first, d, span_of(default_of(s, d)), "default", NULL);
		for (size_t i = 0; i < s->set_count; i++) {
			if (s->set[i].directive == d && effective(s, i))
				json_directive(s, &first, d, s->set[i].value, kinds[s->set[i].layer],
					&s->set[i].place);
		}
	}
	printf("\n  ],\n");
}

static void json_words(const char *name, const char *words)
{
	struct span rest = span_of(words), word;
	bool first = true;
	printf("    \"%s\": [", name);
	while (span_word(&rest, &word)) {
		printf("%s", first ? "" : ", ");
		json_span(word);
		first = false;
	}
	printf("],\n");
}

static void json_filesystem(const struct service *s)
{
	const struct filesystem_conf_rule *sorted[FILESYSTEM_MAX_RULES];
	size_t n = filesystem_sorted(&s->filesystem, sorted);
	const struct filesystem_conf *f = &s->filesystem;
	printf("    \"root_directory\": ");
	json_span(f->root_directory);
	printf(", \"root_image\": ");
	json_span(f->root_image);
	printf(", \"private_tmp\": %s,\n    \"mounts\": [", f->private_tmp ? "true" : "false");
	for (size_t i = 0; i < n; i++) {
		printf("%s{\"target\": ", i ? ", " : "");
		json_span(sorted[i]->target);
		printf(", \"source\": ");
		json_span(sorted[i]->source);
		printf(", \"how\": \"%s\"}", filesystem_op_name(sorted[i]->op));
	}
	printf("],\n    \"devices\": [");
	for (size_t i = 0; i < s->filesystem.devices; i++) {
		printf("%s", i ? ", " : "");
		json_span(s->filesystem.device[i]);
	}
	printf("],\n");
}

static void json_seccomp(const struct service *s)
{
	struct seccomp_call call;
	bool first = true;
	printf("    \"system_calls\": {");
	for (unsigned i = 0; seccomp_allowed(&s->seccomp, i, &call); i++) {
		printf("%s\"%s\": ", i ? ", " : "", call.name);
		if (call.rule.n > 0)
			json_span(call.rule);
		else
			printf("true");
	}
	printf("},\n    \"logged_calls\": [");
	for (unsigned i = 0; seccomp_allowed(&s->seccomp, i, &call); i++) {
		if (call.logged)
			printf("%s\"%s\"", first ? "" : ", ", call.name);
		first = first && !call.logged;
	}
	printf("]\n");
}

static void json_network(const struct service *s)
{
	static const char *const modes[] = {"private", "host", "join", "netns"};
	const struct network_conf *n = &s->network;
	char veth[512];
	printf("    \"network\": {\"mode\": \"%s\", \"of\": ", modes[n->mode]);
	json_span(n->name);
	printf(", \"interfaces\": [");
	for (size_t i = 0; i < n->interfaces; i++) {
		printf("%s", i ? ", " : "");
		json_span(n->interface[i]);
	}
	printf("], \"virtual_ethernet\": ");
	json_text(CONFIG_INTERFACES ? network_veth_text(n, s->name, veth, sizeof(veth)) : "");
	printf(", \"owned\": %s},\n", service_owns_network(s) ? "true" : "false");
}

static void json_walls(const struct service *s)
{
	char names[1024];
	const char *file, *value;
	printf("  \"walls\": {\n    \"own_namespaces\": [");
	for (unsigned i = 0, n = 0; i < NAMESPACES; i++)
		if (s->namespaces.own >> i & 1)
			printf("%s\"%s\"", n++ ? ", " : "", namespace_names[i]);
	printf("],\n");
	json_network(s);
	if (CONFIG_SOCKETS)
		sockets_json(s);
	printf("    \"uid\": %u, \"gid\": %u, \"kernel_uid\": %u, \"kernel_gid\": %u,\n", s->ids.uid,
		s->ids.gid, s->ids.kernel_base + s->ids.uid, s->ids.kernel_base + s->ids.gid);
	json_filesystem(s);
	printf("    \"cgroup\": {");
	for (unsigned i = 0; cgroup_written(&s->cgroup, i, &file, &value); i++)
		printf("%s\"%s\": \"%s\"", i ? ", " : "", file, value);
	printf("},\n");
	json_words("bounding_set",
		capabilities_text(capabilities_bounding(&s->capabilities), names, sizeof(names)));
	json_words("ambient_set", capabilities_text(s->capabilities.ambient, names, sizeof(names)));
	printf("    \"no_new_privs\": %s,\n    \"selinux_context\": ",
		s->capabilities.no_new_privs ? "true" : "false");
	json_span(s->selinux.context);
	printf(",\n");
	json_seccomp(s);
	printf("  }\n");
}

void explain_json(const struct service *s)
{
	printf("{\n  \"service\": ");
	json_text(s->name);
	printf(",\n  \"file\": ");
	json_text(s->file);
	printf(",\n  \"refused\": ");
	if (s->diag.errors > 0)
		json_text(s->diag.first);
	else
		printf("null");
	printf(",\n");
	json_directives(s);
	if (inforce_wanted())
		inforce_json();
	json_walls(s);
	printf("}\n");
}
