/* SPDX-License-Identifier: MIT
 * What all parts need: messages, directories and their labels. See data.h.
 */
#include "base/errname.h"
#include "base/fmt.h"
#include "data/data.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

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
