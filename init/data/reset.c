/* SPDX-License-Identifier: MIT
 * A factory reset: see data.h. All that the partition holds is moved out of sight, which a power
 * cut cannot leave half done: the mark is there from before the first move until after the last,
 * and a boot that finds it goes on. What was moved is deleted meanwhile, or by a later boot.
 */
#include "base/cmdline.h"
#include "base/fmt.h"
#include "base/span.h"
#include "base/sys.h"
#include "data/data.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CMDLINE_MAX 4096
#define DEPTH_MAX 32 /* what lies deeper is moved up first */
#define PLACES 10000

static const char *join(char *path, const char *directory, const char *name)
{
	struct fmt f;
	fmt_init(&f, path, DATA_PATH);
	fmt_strs(&f, directory, name, NULL);
	return path;
}

static bool on_command_line(const char *word)
{
	char text[CMDLINE_MAX];
	return sys_read_file(AT_FDCWD, "/proc/cmdline", text, sizeof(text)) >= 0 &&
		cmdline_says(span_of(text), word);
}

/* The word or file that asks for it, NULL if none does. */
static const char *who_asks(const struct plan *p, const struct plan_machine *m,
	const char *directory)
{
	const plan_str *words = plan_elements(p, m->reset, sizeof(*words));
	char path[DATA_PATH];
	struct stat st;
	if (lstat(join(path, directory, DATA_RESET), &st) == 0)
		return "one that was cut short";
	for (uint32_t i = 0; words && i < m->reset.count; i++) {
		const char *word = plan_text(p, words[i]);
		if (*word == '/' ? lstat(word, &st) == 0 : on_command_line(word))
			return word;
	}
	return NULL;
}

/* A directory in DATA_OLD that nothing has been moved to. */
static int new_place(const char *directory)
{
	char old[DATA_PATH];
	int err = data_mkdir(join(old, directory, DATA_OLD), 0700);
	int top = err < 0 ? -1 : open(old, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (top < 0)
		return err < 0 ? err : -errno;
	err = -EEXIST;
	for (unsigned i = 0; err == -EEXIST && i < PLACES; i++) {
		char name[16];
		struct fmt f;
		fmt_init(&f, name, sizeof(name));
		fmt_u64(&f, i);
		err = mkdirat(top, name, 0700) < 0 ? -errno : 0;
		if (err == 0)
			err = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	close(top);
	return err;
}

static bool stays(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "lost+found") == 0 ||
		strcmp(name, DATA_RESET + 1) == 0 || strcmp(name, DATA_OLD + 1) == 0;
}

/* Again and again from the start: a directory that changes may be listed with gaps. */
static int move_all(const char *directory, int to)
{
	for (bool moved = true; moved;) {
		DIR *dir = opendir(directory);
		if (!dir)
			return -errno;
		moved = false;
		for (struct dirent *e; (e = readdir(dir)) != NULL;) {
			if (stays(e->d_name))
				continue;
			if (renameat(dirfd(dir), e->d_name, to, e->d_name) < 0) {
				int err = errno;
				closedir(dir);
				return -err;
			}
			moved = true;
		}
		closedir(dir);
	}
	return 0;
}

static int make_mark(const char *directory)
{
	char path[DATA_PATH];
	int fd = open(join(path, directory, DATA_RESET), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		0600);
	int err = fd < 0 || fsync(fd) < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return err < 0 ? err : data_sync(directory);
}

static int wipe(const char *directory)
{
	char path[DATA_PATH];
	int err = make_mark(directory);
	int to = err < 0 ? err : new_place(directory);
	if (to < 0)
		return to;
	err = move_all(directory, to);
	close(to);
	if (err == 0)
		err = data_sync(directory);
	if (err == 0 && unlink(join(path, directory, DATA_RESET)) < 0)
		err = -errno;
	return err < 0 ? err : data_sync(directory);
}

void data_reset(const struct plan *p, const struct plan_machine *m, bool mounted)
{
	const char *directory = plan_text(p, m->data.target);
	const char *why = who_asks(p, m, directory);
	if (!why)
		return;
	if (!mounted) {
		data_say(DATA_ERROR, 0, "factory reset (", why, "): there is no data partition to wipe",
			NULL);
		return;
	}
	int err = wipe(directory);
	if (err < 0)
		data_say(DATA_ERROR, err, "factory reset (", why, "): ", directory, " is not wiped", NULL);
	else
		data_say(DATA_NOTICE, 0, "factory reset (", why, "): ", directory, " is wiped", NULL);
}

/* ---- deleting ---- */

static int delete_in(int top, int dir, unsigned depth, unsigned *moved);

/* What lies too deep goes to the top, under a number, where it is met again. */
static int delete_directory(int top, int dir, const char *name, unsigned depth, unsigned *moved)
{
	if (depth >= DEPTH_MAX) {
		char number[24];
		struct fmt f;
		fmt_init(&f, number, sizeof(number));
		fmt_strs(&f, "deep-", NULL);
		fmt_u64(&f, (*moved)++);
		return renameat(dir, name, top, number) < 0 ? -errno : 0;
	}
	int below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below < 0)
		return -errno;
	int err = delete_in(top, below, depth + 1, moved);
	if (err == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOTEMPTY)
		err = -errno;
	return err;
}

/* Takes `dir` over. Until a round finds nothing to delete. */
static int delete_in(int top, int dir, unsigned depth, unsigned *moved)
{
	DIR *d = fdopendir(dir);
	int err = 0;
	if (!d) {
		close(dir);
		return -ENOMEM;
	}
	for (bool any = true; any && err == 0;) {
		any = false;
		rewinddir(d);
		for (struct dirent *e; err == 0 && (e = readdir(d)) != NULL;) {
			if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
				continue;
			any = true;
			if (unlinkat(dirfd(d), e->d_name, 0) == 0)
				continue;
			err = errno == EISDIR || errno == EPERM
				? delete_directory(top, dirfd(d), e->d_name, depth, moved)
				: -errno;
		}
	}
	closedir(d);
	return err;
}

void data_delete_old(const char *directory)
{
	char old[DATA_PATH];
	unsigned moved = 0;
	join(old, directory, DATA_OLD);
	if (access(old, F_OK) < 0 || fork() != 0)
		return;
	/* PID 1 reads no longer what is said here by the time that there is something to say. */
	int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	if (log >= 0)
		dup2(log, STDERR_FILENO);
	int top = open(old, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int again = top < 0 ? -1 : dup(top);
	int err = again < 0 ? -errno : delete_in(top, again, 0, &moved);
	if (err == 0 && rmdir(old) < 0)
		err = -errno;
	if (err < 0)
		data_say(DATA_ERROR, err, "bulkhead: ", old, ": not deleted", NULL);
	_exit(0);
}
