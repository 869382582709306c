// needs: plan base tests/unit/cell_box.c
/* SPDX-License-Identifier: MIT
 * Files of a state directory that follow their service when its ids change, and directories below
 * /run that are emptied, by the real bulkhead-cell: all of the service's own, and nothing of
 * anybody else's.
 */
#include "base/errname.h"
#include "unit/cell_box.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRATCH "/run/scratch"

static bool show(bool good, const char *name, const char *where)
{
	printf("%sok %u - %s, %s\n", good ? "" : "not ", box_number(), name, where);
	return good;
}

#define MOVED SCRATCH "/moved"
#define OLD 0x20000000u /* ranges of private services */
#define NEW 0x30000000u
#define ACCOUNT 77u

static uint32_t owner_of_state;

static void keep_state(struct plan_in_work *t)
{
	struct filesystem_directory d = {.mode = 0750,
		.uid = owner_of_state,
		.gid = owner_of_state,
		.writable = 1};
	d.path = plan_write_text(t->w, MOVED "/top");
	t->filesystem.directories = plan_write_list(t->w, &d, sizeof(d), 1);
}

/* What is the service's, of two ids; what is not: links to files of others, others' directories,
 * other mounts. */
static bool make_state(void)
{
	return system(
			   "set -e; mkdir -p " MOVED "/other; cd " MOVED
			   "; mkdir -p top/sub/deep top/strange top/mounted top/bound; cd top; umask 077;"
			   "touch key sub/deep/inner strange/x ../other/theirs ../other/x ../other/roots; mkfifo sub/pipe;"
			   "ln -s ../other/theirs link; ln ../other/theirs theirs; ln ../other/roots roots;"
			   "mount -t tmpfs m mounted; touch mounted/x; mount --bind ../other bound;"
			   "chown -h 536871912:536871912 . key link sub sub/pipe mounted mounted/x ../other ../other/x;"
			   "chown 536870912:536870917 sub/deep/inner sub/deep;"
			   "chown 1073741829:1073741829 ../other/theirs strange; chown 536871912:536871912 strange/x") ==
		0;
}

static unsigned check_state(const char *name, uint32_t owner, const char *expected)
{
	const struct test start = {.name = name,
		.change = keep_state,
		.script = "echo ran",
		.seen = {"ran"}};
	char command[2048];
	owner_of_state = owner;
	unsigned failures = box_run(&start);
	snprintf(command, sizeof(command),
		"cd " MOVED
		"; find top ! -path 'top/bound*' -printf '%%p %%U %%G\n' | sort >found; stat -c '%%n %%u' other/x >>found;"
		"printf '%%s\n' %s >expected; diff expected found | sed 's/^/# /' >&2; cmp -s expected found",
		expected);
	return failures + !show(system(command) == 0, name, "who owns what");
}

#define NOT_ITS_OWN \
	"'top/mounted 536871912 536871912' 'top/mounted/x 536871912 536871912' 'top/roots 0 0' "

/* Directories in each other, which no path reaches: all of this owner, with a file in every one. */
static bool make_deep(const char *top, unsigned depth, uint32_t owner)
{
	int fd = open(top, O_PATH | O_DIRECTORY);
	for (unsigned i = 0; fd >= 0 && i < depth; i++) {
		bool good = mkdirat(fd, "d", 0700) == 0 && mknodat(fd, "f", S_IFREG | 0600, 0) == 0;
		int below = good ? openat(fd, "d", O_PATH | O_DIRECTORY) : -1;
		good = good && fchownat(fd, "d", owner, owner, 0) == 0 &&
			fchownat(fd, "f", owner, owner, 0) == 0;
		close(fd);
		fd = good ? below : -1;
	}
	return fd >= 0 && close(fd) == 0;
}

/* How many directories and files lie in each other that this owner has. */
static unsigned count_deep(const char *top, uint32_t owner)
{
	int fd = open(top, O_PATH | O_DIRECTORY);
	struct stat st;
	unsigned n = 0;
	while (fd >= 0) {
		int below = openat(fd, "d", O_PATH | O_DIRECTORY);
		n += fstatat(fd, "d", &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_uid == owner &&
			st.st_gid == owner;
		n += fstatat(fd, "f", &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_uid == owner &&
			st.st_gid == owner;
		close(fd);
		fd = below;
	}
	return n;
}

#define DEEP 5000 /* a path holds some two thousand */

/* Beside the deep one others, which are to be found after the way back from it. */
static unsigned run_deep_state(void)
{
	const struct test start = {.name = "a deep tree",
		.change = keep_state,
		.script = "echo ran",
		.seen = {"ran"}};
	static const char *const tops[] = {MOVED "/top/a", MOVED "/top/b", MOVED "/top/c/c"};
	bool good = system("cd " MOVED
					   "/top && mkdir -p a b c/c && chown 536871912:536871912 a b c c/c") == 0;
	unsigned failures = 0;
	for (size_t i = 0; i < COUNT(tops); i++)
		good = good && make_deep(tops[i], i == 1 ? 200 : DEEP, OLD + 1000);
	failures += !show(good, "a deep tree", "made");
	owner_of_state = NEW + 1000;
	failures += box_run(&start);
	for (size_t i = 0; i < COUNT(tops); i++)
		failures += !show(count_deep(tops[i], owner_of_state) == 2 * (i == 1 ? 200 : DEEP),
			"a deep tree follows", tops[i]);
	return failures;
}

static unsigned run_state(void)
{
	unsigned failures = !make_state();
	failures += check_state("another range: files follow, each id in its place", NEW + 1000,
		"'top 805307368 805307368' 'top/key 805307368 805307368' 'top/link 805307368 805307368' " NOT_ITS_OWN
		"'top/strange 1073741829 1073741829' 'top/strange/x 536871912 536871912' 'top/sub 805307368 805307368'"
		" 'top/sub/deep 805306368 805306373' 'top/sub/deep/inner 805306368 805306373' 'top/sub/pipe 805307368 805307368'"
		" 'top/theirs 1073741829 1073741829' 'other/x 536871912'");
	failures += check_state("an account of the host's: files follow", ACCOUNT,
		"'top 77 77' 'top/key 77 77' 'top/link 77 77' " NOT_ITS_OWN
		"'top/strange 1073741829 1073741829' 'top/strange/x 536871912 536871912' 'top/sub 77 77'"
		" 'top/sub/deep 77 77' 'top/sub/deep/inner 77 77' 'top/sub/pipe 77 77'"
		" 'top/theirs 1073741829 1073741829' 'other/x 536871912'");
	failures += check_state("private again: files follow, each id in its place", OLD + 1000,
		"'top 536871912 536871912' 'top/key 536871912 536871912' 'top/link 536871912 536871912' " NOT_ITS_OWN
		"'top/strange 1073741829 1073741829' 'top/strange/x 536871912 536871912' 'top/sub 536871912 536871912'"
		" 'top/sub/deep 536870912 536870917' 'top/sub/deep/inner 536870912 536870917' 'top/sub/pipe 536871912 536871912'"
		" 'top/theirs 1073741829 1073741829' 'other/x 536871912'");
	return failures + run_deep_state();
}

/* ---- bounds ---- */

#define BOUND SCRATCH "/bound"

static void bound(struct plan_in_work *t)
{
	struct filesystem_directory d = {.mode = 0750,
		.uid = ACCOUNT,
		.gid = ACCOUNT,
		.writable = 1,
		.bound_kb = 250,
		.inodes = 50};
	d.path = plan_write_text(t->w, BOUND);
	t->filesystem.directories = plan_write_list(t->w, &d, sizeof(d), 1);
}

/* The directory's own file system, or none, made by `command`. */
static unsigned check_bounds(const char *name, const char *command, bool stands)
{
	struct test t = {.name = name, .change = bound};
	if (stands) {
		t.script = "echo ran";
		t.seen[0] = "ran";
	} else {
		t.failed_step = "directories";
		t.failed_errno = EXDEV;
		t.failed_detail = BOUND;
	}
	return !show(system(command) == 0, name, "made") + box_run(&t);
}

static unsigned run_bounds(void)
{
	unsigned failures = check_bounds("a directory that should be bounded and is none",
		"mkdir " BOUND, false);
	failures += check_bounds("one with its bounds",
		"mount -t tmpfs -o size=250k,nr_inodes=50 m " BOUND, true);
	failures += check_bounds("one with more room", "mount -o remount,size=260k,nr_inodes=50 " BOUND,
		false);
	failures += check_bounds("one with more names",
		"mount -o remount,size=250k,nr_inodes=51 " BOUND, false);
	failures += check_bounds("one without bounds",
		"umount " BOUND " && mount -t tmpfs -o size=0,nr_inodes=0 m " BOUND, false);
	return failures +
		check_bounds("one with less",
			"umount " BOUND " && mount -t tmpfs -o size=100k,nr_inodes=9 m " BOUND, true);
}

/* ---- cleaning ---- */

#define LEFT SCRATCH "/left"

static void littered(struct plan_in_work *t)
{
	static const struct {
		const char *path;
		uint32_t ends;
	} all[] = {{LEFT "/absent", RUNTIME_EMPTIED}, {LEFT "/no", RUNTIME_EMPTIED},
		{LEFT "/restart", RUNTIME_EMPTIED_AT_STOP}, {LEFT "/yes", RUNTIME_STAYS}};
	struct filesystem_directory d[COUNT(all)] = {0};
	for (size_t i = 0; i < COUNT(all); i++) {
		d[i] = (struct filesystem_directory){.mode = 0755,
			.uid = ACCOUNT,
			.gid = ACCOUNT,
			.writable = 1,
			.runtime = all[i].ends};
		d[i].path = plan_write_text(t->w, all[i].path);
	}
	t->filesystem.directories = plan_write_list(t->w, d, sizeof(*d), COUNT(d));
}

/* What is left of what `command` has made, and the exit status. */
static unsigned check_clean(const char *name, const char *command, int err, const char *expected)
{
	const struct test t = {.name = name, .change = littered, .clean = true};
	static struct result r;
	char look[1024];
	bool good = system(command) == 0 && box_cell(&t, &r) == 0 && WIFEXITED(r.status) &&
		WEXITSTATUS(r.status) == err;
	if (!good)
		printf("# status %#x, expected was an exit with %d\n", (unsigned)r.status, err);
	snprintf(look, sizeof(look),
		"cd " LEFT
		"; find . -mindepth 1 | sort >../found; printf '%%s\n' %s >../expected; diff ../expected ../found | sed 's/^/# /' >&2;"
		"cmp -s ../expected ../found",
		expected);
	return !show(good && system(look) == 0, name, "what is left");
}

/* At the stop, and at the start: as many directories in each other as a service makes. */
static unsigned run_clean_deep(void)
{
	const struct test start = {.name = "a start with a deep tree",
		.change = littered,
		.script = "echo ran",
		.seen = {"ran"}};
	bool good = system("mkdir -p " LEFT "/no " LEFT "/yes; touch " LEFT "/no/lifted.0; mkdir " LEFT
					   "/no/lifted.1") == 0 &&
		make_deep(LEFT "/no", DEEP, 77);
	unsigned failures = !show(good, "a deep tree", "made");
	failures += check_clean("a deep tree goes at a stop", ":", 0,
		"./no ./others ./others/file ./restart ./yes ./yes/x");
	failures += !show(make_deep(LEFT "/no", 200, 77), "a deep tree", "made");
	failures += box_run(&start);
	return failures +
		!show(count_deep(LEFT "/no", 77) == 0, "a deep tree goes at a start", LEFT "/no");
}

/* Somebody with the right to write there puts a new file in at every call of the cell's. */
static void fill(long cell)
{
	pid_t pid = (pid_t)cell;
	siginfo_t info;
	int status;
	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		return;
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD);
	for (unsigned i = 0; ptrace(PTRACE_SYSCALL, pid, NULL, NULL) == 0; i++) {
		char name[64];
		/* The cell's own end is left to box_cell. */
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WSTOPPED | WNOWAIT | __WALL) < 0 ||
			info.si_code != CLD_TRAPPED)
			return;
		waitpid(pid, &status, __WALL);
		snprintf(name, sizeof(name), LEFT "/no/sub/%u", i);
		int file = open(name, O_CREAT | O_WRONLY, 0600);
		if (file >= 0)
			close(file);
	}
}

static unsigned run_filled(void)
{
	const struct test start = {.name = "a directory that is filled while it is emptied",
		.change = littered,
		.trace = fill,
		.failed_step = "directories",
		.failed_errno = ETIMEDOUT,
		.failed_detail = LEFT "/no is filled faster than it is emptied"};
	return system("rm -rf " LEFT "; mkdir -p " LEFT "/no/sub; touch " LEFT "/no/sub/x") != 0 ||
		box_run(&start);
}

static unsigned run_clean(void)
{
	unsigned failures = check_clean("all of its own goes, links are not followed",
		"set -e; umask 022; mkdir -p " LEFT "/others; cd " LEFT
		"; touch others/file; mkdir -p no/a/b restart yes;"
		"touch no/x no/a/b/y restart/x yes/x; ln -s ../others no/link; ln -s ../../others/file no/a/link; mkfifo no/a/b/pipe;"
		"chmod 0 no/a/b no/a; chown -R 77:77 no restart yes",
		0, "./no ./others ./others/file ./restart ./yes ./yes/x");
	failures += run_clean_deep();
	failures += check_clean("what is mounted in there stays, and is told of; the others go",
		"set -e; cd " LEFT
		"; rmdir absent; mkdir no/m; mount -t tmpfs m no/m; touch no/m/x restart/x",
		EBUSY, "./no ./no/m ./no/m/x ./others ./others/file ./restart ./yes ./yes/x");
	return failures +
		check_clean("a link in place of the directory is not followed",
			"set -e; cd " LEFT
			"; umount no/m; rmdir no/m no; ln -s others no; chown -h 77:77 no; touch restart/x",
			ELOOP, "./no ./others ./others/file ./restart ./yes ./yes/x");
}

static bool prepare(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		mount("tmpfs", "/run", "tmpfs", 0, "mode=755") == 0 && mkdir("/run/bulkhead", 0755) == 0 &&
		mkdir("/run/log", 0755) == 0 && mkdir("/run/bulkhead/notify.d", 0711) == 0 &&
		mknod("/run/bulkhead/notify.d/unit", S_IFREG | 0666, 0) == 0 && mkdir(SCRATCH, 0755) == 0;
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (geteuid() != 0 || !box_find_cell()) {
		printf("1..1\nok 1 - owners # SKIP %s\n",
			geteuid() ? "needs root" : "bulkhead-cell is not built yet: make all");
		return 0;
	}
	if (!prepare()) {
		printf("1..1\nnot ok 1 - a mount namespace with a /run of its own: %s\n", err_name(errno));
		return 1;
	}
	unsigned failures = run_state();
	failures += run_bounds();
	failures += run_clean();
	failures += run_filled();
	printf("1..%u\n", box_number() - 1);
	return failures != 0;
}
