/* SPDX-License-Identifier: MIT
 * Features that the file asks for and this kernel lacks, reported beforehand, one line each. The
 * walls themselves refuse, or are left out if the file or --optional allows it.
 */
#include "base/count.h"
#include "base/fmt.h"
#include "base/span.h"
#include "base/sys.h"
#include "plan/names.h"
#include "try/try.h"
#include "walls/cgroup/cgroup.h"
#include "walls/namespaces/namespaces.h"
#include "walls/seccomp/seccomp.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

uint32_t try_wall_bits(struct span name)
{
	if (span_is(name, "cgroup"))
		return OPTIONAL_MEMORY | OPTIONAL_CPU | OPTIONAL_CPUSET | OPTIONAL_IO | OPTIONAL_PIDS |
			OPTIONAL_DEVICES | OPTIONAL_IP;
	for (uint32_t i = 0; plan_optional_walls[i]; i++)
		if (span_is(name, plan_optional_walls[i]))
			return 1u << i;
	return 0;
}

/* What may be missing is said when it turns out to be. */
static void lack(const struct trial *t, const char *what, uint32_t optional)
{
	if (t->service->optional_walls & optional)
		return;
	try_say("%s: not supported by this kernel, the service will be refused%s", what,
		optional ? " (OptionalWalls or --optional lets it be missing)" : "");
}

static void look_at_namespaces(const struct trial *t)
{
	static const struct {
		const char *file, *what;
		uint32_t bit, optional;
	} all[] = {
		{"/proc/self/ns/mnt", "mount namespaces", NS_MOUNT, 0},
		{"/proc/self/ns/pid", "pid namespaces", NS_PID, 0},
		{"/proc/self/ns/ipc", "IPC namespaces", NS_IPC, 0},
		{"/proc/self/ns/uts", "UTS namespaces", NS_UTS, 0},
		{"/proc/self/ns/cgroup", "cgroup namespaces", NS_CGROUP, 0},
		{"/proc/self/ns/user", "user namespaces", NS_USER, OPTIONAL_USER},
		{"/proc/self/ns/net", "network namespaces", NS_NETWORK, 0},
	};
	const struct namespaces_plan *n = plan_wall(&t->plan, t->service, WALL_NAMESPACES, sizeof(*n));
	char text[16];
	for (size_t i = 0; n && i < COUNT(all); i++)
		if (n->own & all[i].bit && access(all[i].file, F_OK) < 0)
			lack(t, all[i].what, all[i].optional);
	if (n && n->own & NS_USER &&
		sys_read_file(AT_FDCWD, "/proc/sys/user/max_user_namespaces", text, sizeof(text)) > 0 &&
		strcmp(text, "0\n") == 0)
		try_say("/proc/sys/user/max_user_namespaces is 0: no user namespace can be made");
}

static void look_at_cgroup(const struct trial *t)
{
	static const struct {
		const char *name;
		uint32_t bit, optional;
	} all[] = {
		{"cpu", CG_CPU, OPTIONAL_CPU},
		{"memory", CG_MEMORY, OPTIONAL_MEMORY},
		{"pids", CG_PIDS, OPTIONAL_PIDS},
		{"io", CG_IO, OPTIONAL_IO},
		{"cpuset", CG_CPUSET, OPTIONAL_CPUSET},
	};
	const struct cgroup_plan *c = plan_wall(&t->plan, t->service, WALL_CGROUP, sizeof(*c));
	char have[256];
	if (!c || sys_read_file(t->cgroup_root, "cgroup.controllers", have, sizeof(have)) < 0)
		return;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct span rest = {have, strcspn(have, "\n")}, word;
		char what[80];
		struct fmt f;
		bool found = !(c->controllers & all[i].bit);
		while (!found && span_word(&rest, &word))
			found = span_is(word, all[i].name);
		fmt_init(&f, what, sizeof(what));
		fmt_strs(&f, "the ", all[i].name, " controller of cgroup v2 (or it is bound to version 1)",
			NULL);
		if (!found)
			lack(t, what, all[i].optional);
	}
}

static void look_at_rest(const struct trial *t)
{
	const struct seccomp_plan *s = plan_wall(&t->plan, t->service, WALL_SECCOMP, sizeof(*s));
	if (s && s->filter.count && access("/proc/sys/kernel/seccomp/actions_avail", F_OK) < 0)
		lack(t, "seccomp filters", OPTIONAL_SECCOMP);
	if (t->service->wall[WALL_LANDLOCK].size &&
		syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 0 &&
		(errno == ENOSYS || errno == EOPNOTSUPP))
		lack(t, "Landlock", OPTIONAL_LANDLOCK);
}

void report_unsupported(const struct trial *t)
{
	look_at_namespaces(t);
	look_at_cgroup(t);
	look_at_rest(t);
}
