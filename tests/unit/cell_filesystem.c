// needs: plan base tests/unit/cell_box.c tests/unit/cell_mounts.c CONFIG_OLD_MOUNT CONFIG_ROOT_IMAGE
/* SPDX-License-Identifier: MIT
 * The view on kernels of different ages, from the real bulkhead-cell: a filter around it answers
 * ENOSYS to the mount API of 5.2 and 5.12 and to openat2 (5.6), and what comes out must be the same
 * mounts. Then links that a hostile process swaps while services start, in places where the view is
 * mounted from or upon.
 */
#include "base/errname.h"
#include "base/sys.h"
#include "unit/cell_box.h"
#include "unit/cell_mounts.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRATCH "/run/scratch"
#define HOSTILE (ID_BASE + 1000)
#define STARTS 60 /* of each kind of race */

/* ---- older kernels ---- */

static const long linux_5_10[BOX_MASKED] = {SYS_mount_setattr};
static const long linux_5_1[BOX_MASKED] = {SYS_mount_setattr, SYS_openat2, SYS_open_tree,
	SYS_move_mount, SYS_fsopen, SYS_fsconfig, SYS_fsmount};

static const struct {
	const char *name;
	const long *lacks;
} kernels[] = {
	{"without mount_setattr", linux_5_10},
	{"with mount(2) alone, without openat2", linux_5_1},
};

/* ---- views ---- */

static void add_rules(struct plan_in_work *t, const char *const (*list)[4], size_t n)
{
	struct filesystem_rule r[16];
	for (size_t i = 0; i < n; i++)
		r[i] = (struct filesystem_rule){.op = (uint16_t)atoi(list[i][0]),
			.source = plan_write_text(t->w, list[i][1]),
			.target = plan_write_text(t->w, list[i][2]),
			.options = plan_write_text(t->w, list[i][3])};
	t->filesystem.rules = plan_write_list(t->w, r, sizeof(*r), n);
}

#define STRING(x) #x
#define OP(x) STRING(x)
#define READ_ONLY "0"
#define READ_WRITE "1"
#define HIDDEN "2"
#define BIND "3"
#define BIND_READ_ONLY "4"
#define TMPFS "5"
#define EXEC "6"
#define NO_EXEC "7"
_Static_assert(FS_READ_ONLY == 0 && FS_BIND == 3 && FS_NO_EXEC == 7, "the numbers above");

static void add_directory(struct plan_in_work *t, const char *path)
{
	struct filesystem_directory d = {.mode = 0750, .uid = HOSTILE, .gid = HOSTILE, .writable = 1};
	d.path = plan_write_text(t->w, path);
	t->filesystem.directories = plan_write_list(t->w, &d, sizeof(d), 1);
}

static void many(struct plan_in_work *t)
{
	static const char *const rules[][4] = {
		{READ_WRITE, "", SCRATCH "/tree", ""},
		{BIND, SCRATCH "/tree", "/mnt", ""},
		{TMPFS, "", "/opt", "size=64k,mode=0700,ro"},
		{HIDDEN, "", "/etc/passwd", ""},
		{HIDDEN, "", "/home", ""},
		{NO_EXEC, "", "/usr/share", ""},
		{EXEC, "", "/usr/share/doc", ""},
		{READ_ONLY, "", SCRATCH "/tree/plain", ""},
		{BIND_READ_ONLY, SCRATCH "/tree", "/srv", ""},
	};
	add_rules(t, rules, COUNT(rules));
	add_directory(t, SCRATCH "/state/unit");
	t->filesystem.devices = box_one_text(t, "pts");
	t->filesystem.proc = 0;
	t->filesystem.tunables = VIEW_READ_ONLY;
	t->filesystem.sysfs = VIEW_READ_ONLY;
	t->service.type = TYPE_NOTIFY;
}

static void host_things(struct plan_in_work *t)
{
	t->filesystem.flags = FS_HOST_DEV;
	t->filesystem.sysfs = VIEW_HOST;
	t->filesystem.tunables = VIEW_HOST;
	t->filesystem.proc = 0;
}

static void own_root(struct plan_in_work *t)
{
	t->filesystem.root_directory = plan_write_text(t->w, SCRATCH "/root");
}

static void furnished_root(struct plan_in_work *t)
{
	static const char *const rules[][4] = {
		{READ_WRITE, "", "/var/inner", ""},
		{BIND, SCRATCH "/tree", "/mnt", ""},
		{HIDDEN, "", "/etc/inner", ""},
	};
	own_root(t);
	add_rules(t, rules, COUNT(rules));
	add_directory(t, SCRATCH "/state/unit");
	t->filesystem.flags = 0; /* the host's /tmp */
	t->filesystem.sysfs = VIEW_READ_ONLY;
	t->filesystem.devices = box_one_text(t, "kmsg");
	t->service.type = TYPE_NOTIFY;
}

static void root_with_host_dev(struct plan_in_work *t)
{
	own_root(t);
	t->filesystem.flags |= FS_HOST_DEV;
}

static void writable_root(struct plan_in_work *t)
{
	static const char *const rules[][4] = {{READ_WRITE, "", "/", ""}};
	own_root(t);
	add_rules(t, rules, COUNT(rules));
}

static void root_without_dev(struct plan_in_work *t)
{
	t->filesystem.root_directory = plan_write_text(t->w, SCRATCH "/tree");
}

static void no_root(struct plan_in_work *t)
{
	t->filesystem.root_directory = plan_write_text(t->w, SCRATCH "/absent");
}

static void root_is_a_file(struct plan_in_work *t)
{
	t->filesystem.root_directory = plan_write_text(t->w, SCRATCH "/noimage");
}

static void no_image(struct plan_in_work *t)
{
	t->filesystem.root_image = plan_write_text(t->w, SCRATCH "/noimage");
}

static void fifo_image(struct plan_in_work *t)
{
	t->filesystem.root_image = plan_write_text(t->w, SCRATCH "/fifo");
}

static void squashfs_root(struct plan_in_work *t)
{
	t->filesystem.root_image = plan_write_text(t->w, SCRATCH "/image.squashfs");
}

static void erofs_root(struct plan_in_work *t)
{
	t->filesystem.root_image = plan_write_text(t->w, SCRATCH "/image.erofs");
}

#define TRY(path) \
	"if (: >" path ") 2>/dev/null; then echo WROTE-" path "; else echo closed-" path "; fi; "
#define MOUNTS \
	"while read -r a b c root at how rest; do printf '%s\\n' \"MOUNT $a $b $root $at $how ${rest#*- }\"; done </proc/self/mountinfo; "

static const struct test views[] = {
	{.name = "the default view",
		.script = MOUNTS TRY("/etc/x") TRY("/tmp/x") TRY("/dev/shm/x"),
		.seen = {"closed-/etc/x", "WROTE-/tmp/x", "WROTE-/dev/shm/x"},
		.unseen = {"staging"}},
	{.name = "every kind of rule",
		.change = many,
		.script = MOUNTS TRY(SCRATCH "/tree/x") TRY(SCRATCH "/tree/sub/x")
			TRY(SCRATCH "/tree/closed/x") TRY(SCRATCH "/tree/plain/x") TRY("/mnt/sub/x")
				TRY("/srv/sub/x") TRY("/opt/x") TRY(SCRATCH
					"/state/unit/x") "cat /etc/passwd; cat '" SCRATCH
									 "/tree/with blank/x'; ls /mnt /usr/share/doc | head -1",
		.seen = {"WROTE-" SCRATCH "/tree/x", "WROTE-" SCRATCH "/tree/sub/x",
			"closed-" SCRATCH "/tree/closed/x", "closed-" SCRATCH "/tree/plain/x",
			"WROTE-/mnt/sub/x", "closed-/srv/sub/x", "closed-/opt/x",
			"WROTE-" SCRATCH "/state/unit/x", "ermission denied"},
		.unseen = {"root:", "staging"}},
	{.name = "the host's /dev and /sys",
		.change = host_things,
		.script = MOUNTS "ls /dev; : >/dev/null",
		.seen = {"kmsg"},
		.unseen = {"staging"}},
	{.name = "another root: nothing of the host",
		.change = own_root,
		.script = MOUNTS "ls / /run; cat /inside; ls -d /home /run/scratch; cd /../../..; ls; " TRY(
			"/x") TRY("/tmp/x") TRY("/run/x"),
		.seen = {"this is the inner root", "closed-/x", "WROTE-/tmp/x", "closed-/run/x",
			"cannot access '/home'"},
		.unseen = {"staging", "MOUNT / / rw", "passwd\n"}},
	{.name = "another root, furnished",
		.change = furnished_root,
		.script = MOUNTS "ls /dev; cat /mnt/file; cat /etc/inner; ls -l /run/bulkhead/notify; " TRY(
			"/var/inner/x") TRY("/etc/x") TRY(SCRATCH "/state/unit/x") "ls /sys",
		.seen = {"kmsg", "in the tree", "ermission denied", "/run/bulkhead/notify",
			"WROTE-/var/inner/x", "closed-/etc/x", "WROTE-" SCRATCH "/state/unit/x", "kernel"},
		.unseen = {"staging"}},
	{.name = "another root with the host's /dev",
		.change = root_with_host_dev,
		.script = MOUNTS "ls /dev; : >/dev/null || echo dead",
		.seen = {"kmsg"},
		.unseen = {"dead"}},
	{.name = "another root, writable",
		.change = writable_root,
		.script = MOUNTS TRY("/open/x") TRY("/usr/x"),
		.seen = {"WROTE-/open/x", "closed-/usr/x"}},
	{.name = "a root without /dev",
		.change = root_without_dev,
		.failed_step = "filesystem",
		.failed_errno = ENOENT,
		.failed_detail = "is not in the own root"},
	{.name = "a root that is not there",
		.change = no_root,
		.failed_step = "filesystem",
		.failed_errno = ENOENT,
		.failed_detail = "RootDirectory"},
	{.name = "a root that is a file",
		.change = root_is_a_file,
		.failed_step = "filesystem",
		.failed_errno = ENOTDIR,
		.failed_detail = "RootDirectory"},
	{.name = "an image that is none",
		.change = no_image,
		.failed_step = "filesystem",
		.failed_errno = EINVAL,
		.failed_detail = "neither squashfs nor erofs"},
	{.name = "an image that would keep the cell waiting",
		.change = fifo_image,
		.failed_step = "filesystem",
		.failed_errno = EINVAL,
		.failed_detail = "RootImage"},
};

static const struct test images[] = {
	{.name = "an image: squashfs",
		.change = squashfs_root,
		.script = MOUNTS "cat /inside; " TRY("/open/x"),
		.seen = {"this is the inner root", "closed-/open/x", "/ / ro,nosuid,nodev", "squashfs"}},
	{.name = "an image: erofs",
		.change = erofs_root,
		.script = MOUNTS "cat /inside; " TRY("/open/x"),
		.seen = {"this is the inner root", "closed-/open/x", "/ / ro,nosuid,nodev", "erofs"}},
};

/* ---- comparing ---- */

static bool show(bool good, const char *name, const char *where)
{
	printf("%sok %u - %s, %s\n", good ? "" : "not ", box_number(), name, where);
	return good;
}

static unsigned compare(const struct test *test, const char *mounts, size_t kernel)
{
	static struct result r;
	static char others[65536];
	struct test older = *test;
	memcpy(older.masked, kernels[kernel].lacks, sizeof(older.masked));
	if (box_run(&older) != 0)
		return 1;
	if (test->failed_step)
		return 0;
	box_cell(&older, &r);
	mounts_take(r.output, others, sizeof(others));
	bool good = mounts[0] && strcmp(mounts, others) == 0;
	if (!good)
		printf("# mounts were:\n%s# and are:\n%s", mounts, others);
	return !show(good, test->name, kernels[kernel].name);
}

static unsigned run_view(const struct test *test)
{
	static struct result r;
	static char mounts[65536];
	unsigned failures = box_run(test);
	if (failures)
		return failures;
	box_cell(test, &r);
	mounts_take(r.output, mounts, sizeof(mounts));
	for (size_t k = 0; k < COUNT(kernels); k++)
		failures += compare(test, mounts, k);
	return failures;
}

/* ---- links that are swapped ---- */

static void bind_from_race(struct plan_in_work *t)
{
	static const char *const rules[][4] = {{BIND, SCRATCH "/race/x/in", "/mnt", ""}};
	add_rules(t, rules, COUNT(rules));
}

static void mount_upon_race(struct plan_in_work *t)
{
	static const char *const rules[][4] = {{TMPFS, "", SCRATCH "/race/x/in", ""}};
	add_rules(t, rules, COUNT(rules));
}

static void make_in_race(struct plan_in_work *t)
{
	add_directory(t, SCRATCH "/race/x/made");
}

static void root_from_race(struct plan_in_work *t)
{
	t->filesystem.root_directory = plan_write_text(t->w, SCRATCH "/race/x/in");
}

/* Each says OUTSIDE if it came where the link points to, or if that place is not what it was. */
static const struct test races[] = {
	{.name = "the source of a bind",
		.change = bind_from_race,
		.script = "test ! -e /mnt/secret || echo OUTSIDE; echo ran"},
	{.name = "the place of a mount",
		.change = mount_upon_race,
		.script = "test -e " SCRATCH "/outside/in/secret || echo OUTSIDE; echo ran"},
	{.name = "a directory that is made",
		.change = make_in_race,
		.script = "test ! -e " SCRATCH "/outside/made || echo OUTSIDE; echo ran"},
	{.name = "a root",
		.change = root_from_race,
		.script = "test ! -e /secret || echo OUTSIDE; echo ran"},
};

static pid_t start_swapping(void)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	if (setgid(HOSTILE) < 0 || setuid(HOSTILE) < 0)
		_exit(1);
	for (;;)
		syscall(SYS_renameat2, AT_FDCWD, SCRATCH "/race/x", AT_FDCWD, SCRATCH "/race/y",
			2 /* RENAME_EXCHANGE */);
}

static unsigned race(const struct test *plain, const long *lacks, const char *where)
{
	static struct result r;
	struct test test = *plain;
	unsigned ran = 0, refused = 0, outside = 0, odd = 0;
	if (lacks)
		memcpy(test.masked, lacks, sizeof(test.masked));
	pid_t pid = start_swapping();
	for (unsigned n = 0; n < STARTS; n++) {
		int err = box_cell(&test, &r);
		bool failed = r.reports > 0 && r.report[0].kind == REPORT_FAILED;
		outside += strstr(r.output, "OUTSIDE") != NULL ||
			access(SCRATCH "/outside/made", F_OK) == 0;
		ran += strstr(r.output, "ran\n") != NULL;
		/* ENOENT: there, and then not, between two looks; a root without a program in the last. */
		refused += failed && (r.report[0].value == ELOOP || r.report[0].value == ENOENT);
		odd += err < 0 || (failed && r.report[0].value != ELOOP && r.report[0].value != ENOENT);
		rmdir(SCRATCH "/race/x/made");
		rmdir(SCRATCH "/race/y/made");
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* Both must have happened, or nothing was raced. The root in the race has no program, so
	 * none is ever run. */
	bool good = outside == 0 && odd == 0 && refused > 0 &&
		(ran > 0 || test.change == root_from_race);
	printf("%sok %u - swapped links, %s, %s: %u starts, %u ran, %u refused, %u outside\n",
		good ? "" : "not ", box_number(), test.name, where, STARTS, ran, refused, outside);
	return !good;
}

/* What the races look for is found where the link is root's. */
static unsigned check_control(void)
{
	static const struct test trusted = {.name = "a link of root's is followed, and seen to be",
		.change = bind_from_race,
		.script = races[0].script,
		.seen = {"OUTSIDE"}};
	unsigned failures;
	symlink(SCRATCH "/outside", SCRATCH "/race/x");
	failures = box_run(&trusted);
	unlink(SCRATCH "/race/x");
	return failures;
}

static bool prepare_race(void)
{
	return mkdir(SCRATCH "/race/x", 0755) == 0 && mkdir(SCRATCH "/race/x/in", 0755) == 0 &&
		chown(SCRATCH "/race", HOSTILE, HOSTILE) == 0 &&
		chown(SCRATCH "/race/x", HOSTILE, HOSTILE) == 0 &&
		symlink(SCRATCH "/outside", SCRATCH "/race/y") == 0 &&
		lchown(SCRATCH "/race/y", HOSTILE, HOSTILE) == 0;
}

/* ---- surroundings ---- */

static bool tree(void)
{
	/* A directory with mounts below it: one writable, one not, one with a blank in its name and
	 * one that another covers. */
	return system(
			   "set -e; cd " SCRATCH
			   "; mkdir -p tree/sub tree/closed tree/plain 'tree/with blank' tree/covered state race outside/in; umask 0;"
			   "echo secret >outside/in/secret; echo in the tree >tree/file; chmod 777 tree tree/plain;"
			   "mount -t tmpfs -o mode=777 sub tree/sub; mount -t tmpfs -o mode=777,ro closed tree/closed; mount -t tmpfs blank 'tree/with blank';"
			   "echo found >'tree/with blank/x'; mkdir tree/covered/deep; mount -t tmpfs under tree/covered/deep; mount -t tmpfs over tree/covered;"
			   "echo text >noimage; mkfifo fifo") == 0;
}

static bool inner_root(void)
{
	/* Links with more ".." than there are directories: they end at the root, whichever it is. */
	return system(
			   "set -e; cd " SCRATCH
			   "; mkdir -p root; cd root; umask 022; mkdir -p usr proc dev sys tmp run var/tmp var/inner etc mnt open"
			   " run/scratch/state/unit/; chmod 777 var/inner open tmp; echo this is the inner root >inside; echo inner >etc/inner;"
			   "for d in bin sbin lib lib64; do ln -s ../../../usr/$d $d; done; mount --bind /usr usr;"
			   "mkdir -p " SCRATCH "/state/unit") == 0;
}

/* A small root of its own for the images: the shell and what it is linked with. */
static bool make_images(void)
{
	return system(
			   "set -e; cd " SCRATCH
			   "; mkdir small; cd small; mkdir -p bin proc dev run tmp open etc; chmod 777 open; echo this is the inner root >inside;"
			   "for p in /bin/sh /bin/cat; do cp $p bin/; ldd $p | grep -o '/[^ )]*' | while read l; do mkdir -p .${l%/*}; cp -L $l .$l; done; done; cd ..;"
			   "mksquashfs small image.squashfs -quiet -no-progress >/dev/null; mkfs.erofs image.erofs small >/dev/null 2>&1") ==
		0;
}

static bool prepare(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		mount("tmpfs", "/run", "tmpfs", 0, "mode=755") == 0 && mkdir("/run/bulkhead", 0755) == 0 &&
		mkdir("/run/log", 0755) == 0 && mkdir("/run/bulkhead/notify.d", 0711) == 0 &&
		mknod("/run/bulkhead/notify.d/unit", S_IFREG | 0666, 0) == 0 && mkdir(SCRATCH, 0755) == 0 &&
		tree() && inner_root();
}

/* ---- an initramfs ---- */

/* The root becomes a tmpfs, as an initramfs may be, and pivot_root(2) fails as it does there. */
static bool enter_ram(void)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pivot_root, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	if (system(
			"set -e; mkdir " SCRATCH "/ram; mount -t tmpfs ram " SCRATCH "/ram; cd " SCRATCH
			"/ram; for d in bin sbin lib lib64; do ln -s usr/$d $d; done;"
			"echo host >of-the-host; for d in usr etc proc dev sys tmp run/bulkhead run/log run/scratch/root run/scratch/state \"$CELL_DIRECTORY\"; do"
			" mkdir -p ./$d; mount --rbind /$d ./$d; done; mkdir -p var/tmp home") != 0)
		return false;
	return chdir(SCRATCH "/ram") == 0 && sys_pivot_root(".", ".") == 0 &&
		umount2(".", MNT_DETACH) == 0 && chdir("/") == 0 && sys_seccomp_filter(f, COUNT(f), 0) == 0;
}

static unsigned run_in_ram(void)
{
	static const struct test ram = {.name = "another root over an initramfs",
		.change = own_root,
		.script = MOUNTS "ls / /../..; cat /inside; cat /of-the-host; ls -d /home; true",
		.seen = {"this is the inner root", "cannot access '/home'"},
		.unseen = {"host\n", "staging"}};
	char path[4096] = "";
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash = n > 0 ? strrchr(path, '/') : NULL;
	if (slash)
		*slash = '\0'; /* O/unit; the cell is above */
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	setenv("CELL_DIRECTORY", path + 1, 1);
	if (!enter_ram())
		return !show(false, ram.name, err_name(errno));
	return run_view(&ram);
}

static bool has_loops(void)
{
	return access("/dev/loop-control", R_OK | W_OK) == 0 &&
		system("grep -q squashfs /proc/filesystems && grep -q erofs /proc/filesystems") == 0;
}

static unsigned run_images(void)
{
	unsigned failures = 0;
	if (!has_loops() || !make_images()) {
		printf(
			"ok %u - images # SKIP no loop device, squashfs or erofs here, or no mksquashfs and mkfs.erofs\n",
			box_number());
		return 0;
	}
	for (size_t i = 0; i < COUNT(images); i++)
		failures += run_view(&images[i]);
	return failures;
}

int main(int argc, char *argv[])
{
	unsigned failures = 0;
	const char *only = argc > 1 ? argv[1] : "";
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (geteuid() != 0 || !box_find_cell()) {
		printf("1..1\nok 1 - views # SKIP %s\n",
			geteuid() ? "needs root" : "bulkhead-cell is not built yet: make all");
		return 0;
	}
	if (!prepare()) {
		printf("1..1\nnot ok 1 - a mount namespace with a /run of its own: %s\n", err_name(errno));
		return 1;
	}
	for (size_t i = 0; i < COUNT(views); i++)
		if (strstr(views[i].name, only))
			failures += run_view(&views[i]);
	failures += run_images() + check_control();
	if (!prepare_race()) {
		printf("1..1\nnot ok 1 - a place for races: %s\n", err_name(errno));
		return 1;
	}
	for (size_t i = 0; i < COUNT(races); i++) {
		failures += race(&races[i], NULL, "this kernel");
		failures += race(&races[i], kernels[1].lacks, kernels[1].name);
	}
	if (!*only)
		failures += run_in_ram(); /* no way back */
	printf("1..%u\n", box_number() - 1);
	return failures != 0;
}
