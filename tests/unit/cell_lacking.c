// needs: plan base tests/unit/cell_box.c CONFIG_LANDLOCK CONFIG_SELINUX
/* SPDX-License-Identifier: MIT
 * Kernels that lack a wall: bulkhead-cell as PID 1 runs it, on a kernel that a filter makes older
 * than it is; and Landlock, the wall that is lacking most. Needs root, and has a mount namespace
 * and a /run of its own.
 */
#include "base/errname.h"
#include "base/sys.h"
#include "unit/cell_box.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OPEN "/run/open" /* anybody may write there */

static void deny_uname(struct plan_in_work *t)
{
	const struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_uname, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	t->seccomp.filter = plan_write_list(t->w, f, sizeof(*f), COUNT(f));
}

static void optional_filter(struct plan_in_work *t)
{
	deny_uname(t);
	t->service.optional_walls = OPTIONAL_SECCOMP;
}

static void labelled(struct plan_in_work *t)
{
	t->selinux = (struct selinux_plan){.context = plan_write_text(t->w,
										   "system_u:system_r:unit_t:s0"),
		.flags = SELINUX_REQUIRED};
}

static void bad_optional_filter(struct plan_in_work *t)
{
	/* ends without a return */
	const struct sock_filter f[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};
	t->seccomp.filter = plan_write_list(t->w, f, sizeof(*f), COUNT(f));
	t->service.optional_walls = OPTIONAL_ALL;
}

static void cut_landlock(struct plan_in_work *t)
{
	t->service.wall[WALL_LANDLOCK] = plan_write_blob(t->w, "landlock", 8);
}

/* What the compiler derives for a service that opens nothing. */
static void landlock_as(struct plan_in_work *t, uint32_t flags, uint32_t of_root)
{
	const struct {
		const char *path;
		uint32_t may;
	} usual[] = {
		{"/", LANDLOCK_MAY_READ | of_root},
		{"/usr", LANDLOCK_MAY_READ | LANDLOCK_MAY_EXECUTE},
		{"/tmp", LANDLOCK_MAY_MODIFY | LANDLOCK_MAY_CREATE},
		{"/dev", LANDLOCK_MAY_MODIFY | LANDLOCK_MAY_CONTROL},
		{"/dev/shm", LANDLOCK_MAY_MODIFY | LANDLOCK_MAY_CREATE},
		{"/proc", LANDLOCK_MAY_MODIFY},
		{"/no/such/path", LANDLOCK_MAY_MODIFY},
	};
	struct landlock_rule rules[COUNT(usual)];
	struct landlock_plan l = {.flags = flags};
	for (size_t i = 0; i < COUNT(usual); i++)
		rules[i] = (struct landlock_rule){plan_write_text(t->w, usual[i].path), usual[i].may};
	l.rules = plan_write_list(t->w, rules, sizeof(*rules), COUNT(usual));
	t->service.wall[WALL_LANDLOCK] = plan_write_blob(t->w, &l, sizeof(l));
}

static void landlock(struct plan_in_work *t)
{
	struct filesystem_rule bind = {.op = FS_BIND,
		.source = plan_write_text(t->w, OPEN),
		.target = plan_write_text(t->w, "/mnt")};
	landlock_as(t, LANDLOCK_REQUIRED | LANDLOCK_SCOPED, LANDLOCK_MAY_EXECUTE);
	/* writable as far as the mounts go */
	t->filesystem.rules = plan_write_list(t->w, &bind, sizeof(bind), 1);
}

static void landlock_auto(struct plan_in_work *t)
{
	landlock_as(t, LANDLOCK_SCOPED, LANDLOCK_MAY_EXECUTE);
}

static void landlock_optional(struct plan_in_work *t)
{
	landlock(t);
	t->service.optional_walls = OPTIONAL_LANDLOCK;
}

static void landlock_without_execution(struct plan_in_work *t)
{
	landlock_as(t, LANDLOCK_REQUIRED, 0);
}

static void landlock_without_nnp(struct plan_in_work *t)
{
	landlock(t);
	t->capabilities.flags = 0;
}

#define LANDLOCK_CALL 444 /* landlock_create_ruleset, on all architectures */
#define STATUS "cat /proc/self/status; "
#define TRY(path) \
	"if (: >>" path ") 2>/dev/null; then echo WROTE-" path "; else echo closed-" path "; fi; "

/* clang-format off */
static const struct test tests[] = {
	{.name = "no filters in this kernel", .change = deny_uname, .masked = {SYS_seccomp}, .failed_step = "seccomp", .failed_errno = ENOSYS,
		.failed_detail = "seccomp filter is not in this kernel"},
	{.name = "no filters in this kernel, and that may be", .change = optional_filter, .masked = {SYS_seccomp}, .absent = OPTIONAL_SECCOMP,
		.script = STATUS "uname; " TRY("/etc/x"), .seen = {"Linux", "closed-/etc/x", "CapEff:\t0000000000000000", "NoNewPrivs:\t1"}},
	{.name = "a wrong filter is not an absent one", .change = bad_optional_filter, .failed_step = "seccomp", .failed_errno = EINVAL},
	{.name = "a context where there is no SELinux", .change = labelled, .script = "echo up", .seen = {"up"}, .absent = OPTIONAL_SELINUX},
	{.name = "a Landlock that is too short", .change = cut_landlock, .failed_step = "plan", .failed_errno = EINVAL, .failed_detail = "a wall is missing"},
	{.name = "Landlock: what the view can write and no rule names is closed; what is named works [landlock]", .change = landlock,
		.script = TRY("/mnt/x") TRY("/tmp/x") TRY("/etc/x") TRY("/dev/shm/x") "mkdir -p /tmp/a/b && mv /tmp/x /tmp/a/b/y && rm /tmp/a/b/y && echo moved; mkdir /mnt/d;"
			"grep -m1 ' /mnt ' /proc/self/mountinfo; echo out >/dev/stdout; echo x >/dev/null && echo null; " TRY("/proc/self/comm"),
		.seen = {"closed-/mnt/x", "WROTE-/tmp/x", "closed-/etc/x", "WROTE-/dev/shm/x", "moved", "/mnt rw,", "out\n", "null\n", "closed-/proc/self/comm"}},
	{.name = "Landlock without no_new_privs [landlock]", .change = landlock_without_nnp, .script = STATUS TRY("/mnt/x") TRY("/tmp/x"),
		.seen = {"NoNewPrivs:\t0", "closed-/mnt/x", "WROTE-/tmp/x"}},
	{.name = "Landlock: no programs but those below /usr [landlock]", .change = landlock_without_execution,
		.script = "cp /usr/bin/true /tmp/true && /usr/bin/true && echo below; /tmp/true || echo not", .seen = {"below", "not", "ermission denied"}},
	{.name = "Landlock: no signal leads to the reaper [landlock scopes]", .change = landlock, .script = "kill -0 1 || echo shut; sleep 1 & kill $! && echo own",
		.seen = {"shut", "own", "ermi"}},
	/* Once the reaper has the service's uid, which it takes after the execve; before, the signal
	 * fails for that reason. */
	{.name = "a signal may reach the reaper where nothing is scoped [landlock]", .change = landlock_without_execution, .script = "for n in $(seq 50); do kill -0 1 && echo open && break; sleep 0.1; done",
		.seen = {"open"}},
	{.name = "no Landlock in this kernel", .change = landlock, .masked = {LANDLOCK_CALL}, .failed_step = "landlock", .failed_errno = ENOSYS,
		.failed_detail = "Landlock is not in this kernel"},
	{.name = "no Landlock in this kernel, and it is optional", .change = landlock_optional, .masked = {LANDLOCK_CALL}, .script = TRY("/mnt/x") TRY("/etc/x"),
		.absent = OPTIONAL_LANDLOCK, .seen = {"WROTE-/mnt/x", "closed-/etc/x"}},
	{.name = "no Landlock in this kernel, with Landlock = auto", .change = landlock_auto, .masked = {LANDLOCK_CALL}, .script = "echo up",
		.absent = OPTIONAL_LANDLOCK, .seen = {"up"}},
};
/* clang-format on */

static int prepare(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("tmpfs", "/run", "tmpfs", 0, "mode=755") < 0 || mkdir("/run/bulkhead", 0755) < 0 ||
		mkdir("/run/log", 0755) < 0)
		return -1;
	return mkdir(OPEN, 0777) < 0 ? -1 : chmod(OPEN, 0777);
}

/* Whether a test is about what this machine's kernel does not have. */
static bool lacks(const char *name)
{
	int abi = sys_landlock_create_ruleset(NULL, 0, 1);
	return (strstr(name, "[landlock") && abi < 2) || (strstr(name, "scopes]") && abi < 6);
}

int main(int argc, char *argv[])
{
	unsigned failures = 0;
	const char *only = argc > 1 ? argv[1] : "";
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (geteuid() != 0 || !box_find_cell()) {
		printf("1..1\nok 1 - bulkhead-cell # SKIP %s\n",
			geteuid() ? "needs root" : "it is not built yet: make all");
		return 0;
	}
	if (prepare() < 0) {
		printf("1..1\nnot ok 1 - a mount namespace with a /run of its own: %s\n", err_name(errno));
		return 1;
	}
	for (size_t i = 0; i < COUNT(tests); i++)
		if (strstr(tests[i].name, only))
			failures += lacks(tests[i].name) ? box_skip(&tests[i], "not in this machine's kernel")
											 : box_run(&tests[i]);
	printf("1..%u\n", box_number() - 1);
	return failures != 0;
}
