/* SPDX-License-Identifier: MIT
 * Marks of a boot: see bootmark.h. The one in /run keeps the answer for this boot, across a restart
 * of PID 1 too.
 */
#include "pid1/boot/bootmark.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/span.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_BOOT "/run/bulkhead/first-boot"
#define DARK "/var/lib/bulkhead/dark-boots"
#define DARK_MAX 1000

static int make_mark(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

bool bootmark_is_first(void)
{
	return access(FIRST_BOOT, F_OK) == 0 || access(BOOTMARK_BOOTED, F_OK) != 0;
}

int bootmark_done(void)
{
	if (access(BOOTMARK_BOOTED, F_OK) == 0)
		return 0;
	int err = make_mark(FIRST_BOOT);
	if (err < 0)
		return err;
	mkdir("/var/lib", 0755); /* there already, or the next one fails */
	mkdir("/var/lib/bulkhead", 0755);
	return make_mark(BOOTMARK_BOOTED);
}

int bootmark_good(void)
{
	return make_mark(BOOTMARK_GOOD);
}

int bootmark_reset(void)
{
	return unlink(DARK) < 0 && errno != ENOENT ? -errno : 0;
}

int bootmark_failed(void)
{
	char text[16];
	struct fmt f;
	uint64_t count = 0;
	if (sys_read_file(AT_FDCWD, DARK, text, sizeof(text)) < 0 ||
		num_u64(span_of(text), DARK_MAX, &count) < 0)
		count = 0;
	count += count < DARK_MAX;
	int err = make_mark(DARK);
	if (err < 0)
		return err;
	fmt_init(&f, text, sizeof(text));
	fmt_u64(&f, count);
	err = sys_write_file(AT_FDCWD, DARK, text, f.len);
	return err < 0 ? err : (int)count;
}
