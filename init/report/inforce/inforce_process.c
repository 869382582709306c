/* SPDX-License-Identifier: MIT
 * What the kernel shows of a process by itself: namespaces, ids, capabilities, filter, label, and
 * whether Landlock can have been put on.
 */
#include "report/inforce/inforce.h"
#include "base/count.h"
#include "compile/emit/landlock_rules.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- namespaces ---- */

static ssize_t read_link(int dir, const char *path, char *buf, size_t cap)
{
	ssize_t n = readlinkat(dir, path, buf, cap - 1);
	buf[n > 0 ? n : 0] = '\0';
	return n;
}

/* By its name: the file of `ip netns`, which is the namespace itself. */
static enum verdict is_named(const struct look *l, const char *own)
{
	char path[300];
	struct stat st;
	snprintf(path, sizeof(path), "/run/netns/%.*s", SPAN_ARGS(l->s->network.name));
	if (stat(path, &st) < 0)
		return UNSEEN;
	return strtoull(own + strcspn(own, "0123456789"), NULL, 10) == st.st_ino ? IN_FORCE : MISSING;
}

void look_at_namespaces(struct look *l)
{
	static const struct {
		const char *directive, *link;
		uint32_t bit, optional;
	} table[] = {
		{"Mount", "ns/mnt", NS_MOUNT, 0},
		{"PID", "ns/pid", NS_PID, 0},
		{"IPC", "ns/ipc", NS_IPC, 0},
		{"UTS", "ns/uts", NS_UTS, 0},
		{"Cgroup", "ns/cgroup", NS_CGROUP, 0},
		{"User", "ns/user", NS_USER, OPTIONAL_USER},
		{"Network", "ns/net", NS_NETWORK, 0},
		{"Time", "ns/time", NS_TIME, OPTIONAL_TIME},
	};
	/* enum network_mode */
	static const char *const modes[] = {"private", "host", "joined", "named"};
	const enum network_mode mode = l->s->network.mode;
	char own[64], host[64], path[64];
	for (size_t i = 0; i < COUNT(table); i++) {
		bool network = table[i].bit == NS_NETWORK; /* a joined one is not the host's either */
		bool asked = l->s->namespaces.own & table[i].bit || (network && mode == NETWORK_JOIN);
		snprintf(path, sizeof(path), "/proc/1/%s", table[i].link);
		bool seen = read_link(l->dir, table[i].link, own, sizeof(own)) > 0 &&
			read_link(AT_FDCWD, path, host, sizeof(host)) > 0;
		/* Of a kind that this kernel does not have, everybody is in the only one there is. */
		seen |= !seen && faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
			errno == ENOENT;
		bool private = strcmp(own, host) != 0;
		/* A service that is let into the host's may have left it by itself. */
		enum verdict v = !seen  ? UNSEEN
			: !asked || private ? IN_FORCE
								: look_lacking(l, table[i].optional);
		bool joined = network && mode == NETWORK_JOIN && v == IN_FORCE;
		if (network && mode == NETWORK_NAMED && seen)
			v = is_named(l, own);
		if (joined) /* nothing here says whose it is */
			v = UNSEEN;
		look_row(l, "Namespaces", table[i].directive, "", v,
			network     ? modes[mode]
				: asked ? "private"
						: "host",
			!seen         ? ""
				: joined  ? "not the host's"
				: private ? "private"
						  : "host");
	}
}

/* ---- ids ---- */

static bool all_equal(const char *fields, uint32_t id)
{
	char *end;
	unsigned long n;
	if (!*fields)
		return false;
	for (; *fields; fields = end + strspn(end, " \t")) {
		n = strtoul(fields, &end, 10);
		if (end == fields || n != id)
			return false;
	}
	return true;
}

static void look_at_id(struct look *l, const char *directive, const char *field, uint32_t inside)
{
	uint32_t id = l->s->ids.kernel_base + inside;
	/* Whoever may change its ids does: nginx, dnsmasq, login. */
	bool may_change = capabilities_bounding(&l->s->capabilities) &
		(strcmp(field, "Uid") == 0 ? 1ull << 7 : 1ull << 6);
	char asked[32], found[96], ids[64];
	look_field(l, field, ids, sizeof(ids));
	snprintf(asked, sizeof(asked), "%u outside", id);
	if (all_equal(ids, id))
		snprintf(found, sizeof(found), "%u", id);
	else
		snprintf(found, sizeof(found), "%s%s", ids, may_change ? ", changed by itself" : "");
	/* Which of them it was, its start or its own call, nobody can tell. */
	look_row(l, "Service", directive, "",
		all_equal(ids, id)          ? IN_FORCE
			: may_change || !ids[0] ? UNSEEN
									: MISSING,
		asked, found);
}

static void look_at_map(struct look *l, const char *file)
{
	char text[256], asked[64], found[64];
	unsigned inside = 0, outside = 0, count = 0;
	if (!(l->s->namespaces.own & NS_USER) || l->absent & OPTIONAL_USER)
		return;
	snprintf(asked, sizeof(asked), "0 is %u, %u ids", l->s->id_base, PLAN_ID_RANGE);
	if (look_file(l, file, text, sizeof(text)) <= 0 ||
		sscanf(text, "%u %u %u", &inside, &outside, &count) != 3) {
		look_row(l, "Namespaces", "User", file, UNSEEN, asked, "");
		return;
	}
	snprintf(found, sizeof(found), "%u is %u, %u ids", inside, outside, count);
	bool good = inside == 0 && outside == l->s->id_base && count == PLAN_ID_RANGE &&
		strchr(text, '\n') == strrchr(text, '\n');
	look_row(l, "Namespaces", "User", file, good ? IN_FORCE : MISSING, asked, found);
}

void look_at_ids(struct look *l)
{
	look_at_id(l, "User", "Uid", l->s->ids.uid);
	look_at_id(l, "Group", "Gid", l->s->ids.gid);
	look_at_map(l, "uid_map");
	look_at_map(l, "gid_map");
}

/* ---- capabilities ---- */

static void look_at_set(struct look *l, const char *directive, const char *field, const char *item,
	uint64_t asked)
{
	uint64_t found = look_hex(l, field);
	char names[2][1024];
	bool seen = *look_field(l, field, names[0], sizeof(names[0]));
	const char *want = capabilities_text(asked, names[0], sizeof(names[0])),
			   *is = capabilities_text(found, names[1], sizeof(names[1]));
	/* What it has given up is its own affair. */
	look_row(l, "Capabilities", directive, item,
		!seen                ? UNSEEN
			: found & ~asked ? MISSING
							 : IN_FORCE,
		*want ? want : "none", *is ? is : "none");
}

void look_at_capabilities(struct look *l)
{
	uint64_t bounding = capabilities_bounding(&l->s->capabilities);
	/* Uid 0, and a program with capabilities of its own, gain what the bounding set has. */
	bool gains = l->s->ids.uid == 0 || !l->s->capabilities.no_new_privs;
	uint64_t most = gains ? bounding : l->s->capabilities.ambient;
	char nnp[16];
	look_at_set(l, "CapabilityBoundingSet", "CapBnd", "bounding set", bounding);
	look_at_set(l, "AmbientCapabilities", "CapAmb", "ambient set", l->s->capabilities.ambient);
	look_at_set(l, "AmbientCapabilities", "CapPrm", "permitted set", most);
	look_at_set(l, "AmbientCapabilities", "CapEff", "effective set", most);
	look_at_set(l, "AmbientCapabilities", "CapInh", "inheritable set", most);
	bool is = strcmp(look_field(l, "NoNewPrivs", nnp, sizeof(nnp)), "1") == 0;
	look_row(l, "Capabilities", "NoNewPrivileges", "",
		is || !l->s->capabilities.no_new_privs ? IN_FORCE : MISSING,
		l->s->capabilities.no_new_privs ? "yes" : "no", is ? "yes" : "no");
}

/* ---- filter, label, Landlock ---- */

void look_at_filter(struct look *l)
{
	static struct sock_filter insn[BPF_MAXINSNS];
	char mode[16], count[16], found[96];
	size_t n = seccomp_program(&l->s->seccomp, insn);
	if (n == 0)
		return;
	look_field(l, "Seccomp", mode, sizeof(mode));
	look_field(l, "Seccomp_filters", count, sizeof(count)); /* 5.9 */
	bool is = strcmp(mode, "2") == 0;
	/* It may have put more on by itself, and what they are is told only to who stops it
	 * (ptrace). */
	snprintf(found, sizeof(found),
		is ? "filters: %s; nothing shows what they let pass" : "not filtered",
		count[0] ? count : "some");
	if (seccomp_no_exec_gain(&l->s->seccomp)) /* PR_GET_MDWE answers for the caller alone */
		look_row(l, "Seccomp", "MemoryDenyWriteExecute", "PR_SET_MDWE", UNSEEN,
			"where the kernel has it", "nothing shows it");
	look_row(l, "Seccomp", "SystemCallFilter", "", is ? UNSEEN : look_lacking(l, OPTIONAL_SECCOMP),
		"a filter", found);
}

void look_at_label(struct look *l)
{
	char asked[300], found[300];
	int n;
	n = look_file(l, "attr/current", found, sizeof(found));
	found[strcspn(found, "\n")] = '\0';
	if (l->s->selinux.context.n == 0) {
		if (strchr(found, ':'))
			look_row(l, "SELinux", "SELinuxContext", "", UNSEEN, "none: the policy's",
				strncat(found, ": what its rules refuse is not compared",
					sizeof(found) - strlen(found) - 1));
		return;
	}
	if (span_copy(l->s->selinux.context, asked, sizeof(asked)) < 0)
		return;
	if (n > 0 && strcmp(asked, found) == 0)
		look_row(l, "SELinux", "SELinuxContext", "", IN_FORCE, asked, found);
	else if (l->absent & OPTIONAL_SELINUX)
		look_row(l, "SELinux", "SELinuxContext", "", ABSENT, asked, "SELinux is not on");
	else if (n <= 0)
		look_row(l, "SELinux", "SELinuxContext", "", UNSEEN, asked, "");
	else
		look_row(l, "SELinux", "SELinuxContext", "", l->s->selinux.required ? MISSING : ABSENT,
			asked, found);
}

void look_at_landlock(struct look *l)
{
	static struct landlock_conf_rule rules[LANDLOCK_MAX_RULES];
	size_t n = CONFIG_LANDLOCK ? landlock_rules(l->s, rules) : 0;
	char asked[40];
	if (!CONFIG_LANDLOCK && l->s->namespaces.own & NS_MOUNT)
		look_row(l, "Filesystem", "Landlock", "", ABSENT, "by default", "left out of this build");
	if (n == 0)
		return;
	snprintf(asked, sizeof(asked), "%zu rules", n);
	/* The kernel shows a process's Landlock to nobody; the cell has told what it could not put
	 * on. */
	if (l->absent & OPTIONAL_LANDLOCK)
		look_row(l, "Filesystem", "Landlock", "", ABSENT, asked, "not in this kernel");
	else
		look_row(l, "Filesystem", "Landlock", "", UNSEEN, asked,
			"put on by the cell; nothing shows it");
}
