/* SPDX-License-Identifier: MIT
 * The main function, and what all parts need: see data.h.
 */
#include "base/errname.h"
#include "base/fmt.h"
#include "data/data.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PLAN_FD 1

void data_say(enum data_level level, int err, ...)
{
	char text[600];
	struct fmt f;
	va_list args;
	fmt_init(&f, text, sizeof(text) - 1);
	fmt_char(&f, '<');
	fmt_u64(&f, (uint64_t)level);
	fmt_char(&f, '>');
	va_start(args, err);
	for (const char *s; (s = va_arg(args, const char *)) != NULL;)
		fmt_str(&f, s);
	va_end(args);
	if (err)
		fmt_strs(&f, ": ", err_text(err), " (", err_name(err), ")", NULL);
	text[f.len] = '\n';
	if (write(STDERR_FILENO, text, f.len + 1) < 0)
		return; /* there is nobody to complain to */
}

void data_label(const char *path, char *label, size_t cap)
{
	ssize_t n = lgetxattr(path, "security.selinux", label, cap - 1);
	label[n > 0 ? n : 0] = 0;
}

int data_mkdir(const char *path, unsigned mode)
{
	return mkdir(path, mode) == 0 || errno == EEXIST ? 0 : -errno;
}

/* For what this process creates next; "" for nothing special. */
static int create_with(const char *label)
{
	int fd = open("/proc/thread-self/attr/fscreate", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return *label ? -errno : 0;
	size_t n = strlen(label);
	int err = write(fd, label, n) == (ssize_t)n ? 0 : -errno;
	close(fd);
	return err;
}

int data_mkdir_like(const char *path, const char *like)
{
	char label[256];
	struct stat st;
	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
	if (stat(like, &st) < 0)
		return -errno;
	data_label(like, label, sizeof(label));
	int err = create_with(label);
	if (err == 0 && mkdir(path, 0700) < 0)
		err = -errno;
	create_with("");
	if (err == 0 && (chown(path, st.st_uid, st.st_gid) < 0 || chmod(path, st.st_mode & 07777) < 0))
		err = -errno;
	return err;
}

int data_sync(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 || fsync(fd) < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return err;
}

static bool open_plan(struct plan *p)
{
	struct stat st;
	if (fstat(PLAN_FD, &st) < 0 || st.st_size <= 0)
		return false;
	void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, PLAN_FD, 0);
	return at != MAP_FAILED && plan_open(p, at, (size_t)st.st_size, plan_native_arch()) == PLAN_OK;
}

static void boot(const struct plan *p, const struct plan_machine *m, bool again)
{
	bool mounted = data_mount(p, &m->data);
	if (!again)
		data_reset(p, m, mounted);
	data_overlays(p, m, mounted);
	if (m->seed_file)
		data_seed_load(plan_text(p, m->seed_file), m->seed_credit != 0);
	if (mounted)
		data_delete_old(plan_text(p, m->data.target));
}

int main(int argc, char **argv)
{
	struct plan p;
	umask(022);
	if (argc != 2 || !open_plan(&p)) {
		data_say(DATA_ERROR, 0, "bulkhead-data: no plan: this program is PID 1's", NULL);
		return 1;
	}
	const struct plan_machine *m = &plan_header(&p)->machine;
	if (strcmp(argv[1], "boot") == 0 || strcmp(argv[1], "again") == 0) {
		boot(&p, m, *argv[1] == 'a');
	} else if (strcmp(argv[1], "save") == 0 && m->seed_file) {
		int err = data_seed_save(plan_text(&p, m->seed_file));

		if (err < 0)
			data_say(DATA_ERROR, err, "random seed: ", plan_text(&p, m->seed_file), ": not saved",
				NULL);
	}
	return 0;
}
