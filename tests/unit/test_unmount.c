// needs: pid1 base
/* SPDX-License-Identifier: MIT
 * All that is mounted is unmounted at the end, the last first, also what the text of
 * /proc/self/mounts has no room for at once; and nothing that is not mounted. Meanwhile the
 * watchdog is fed. Before that nothing is swapped to any more. unmount.c is included, so that its
 * umount2 and swapoff are ours.
 */
#include <sys/mount.h>
#include <sys/swap.h>

static int model_umount2(const char *target, int flags);
static int model_swapoff(const char *file);
#define umount2 model_umount2
#define swapoff model_swapoff
#include "pid1/end/unmount.c"
#undef umount2
#undef swapoff

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define MANY 3000

static char mounted[MANY][64];
static int count, strangers;
/* the first one can only be detached, and the last one not at all */
static bool busy;
static uint64_t now, fed, longest; /* in ms; without food for the watchdog */
static struct pid1 block;
static const char *swaps;
static int swapped_kb; /* still to be read back, a kB in each step; 0: it takes no time */
static int given_up;
static char swapped_off[128]; /* the files, and how much was mounted by then */

uint64_t now_ms(void)
{
	return now += 1;
}

static int find(const char *target)
{
	for (int i = count - 1; i >= 0; i--)
		if (strcmp(mounted[i], target) == 0)
			return i;
	return -1;
}

static int model_umount2(const char *target, int flags)
{
	int i = find(target);
	if (i < 0) {
		strangers++;
		errno = EINVAL;
		return -1;
	}
	if (busy && (i == count - 1 || (i == 0 && !(flags & MNT_DETACH)))) {
		errno = EBUSY;
		return -1;
	}
	memmove(mounted[i], mounted[i + 1], sizeof(mounted[0]) * (size_t)(--count - i));
	return 0;
}

static int model_swapoff(const char *file)
{
	size_t n = strlen(swapped_off);
	snprintf(swapped_off + n, sizeof(swapped_off) - n, "%s;%d;", file, count);
	errno = ENOMEM;
	return *file == 'z' ? -1 : 0;
}

/* This machine's loop devices stay what they are. */
int sys_ioctl(int fd, unsigned long request, void *arg)
{
	(void)fd;
	(void)request;
	(void)arg;
	return -ENXIO;
}

int sys_read_file(int dirfd, const char *path, char *buf, size_t cap)
{
	(void)dirfd;
	size_t n = 0;
	buf[0] = 0;
	if (strcmp(path, "/proc/swaps") == 0)
		return snprintf(buf, cap, "%s", swaps);
	if (strcmp(path, "/proc/meminfo") == 0)
		return snprintf(buf, cap, "MemTotal: 9 kB\nSwapTotal: %d kB\n", swapped_kb);
	if (strcmp(path, "/proc/self/mounts") != 0)
		return 0;
	for (int i = 0; i < count && n < cap - 1; i++)
		n += (size_t)snprintf(buf + n, cap - n, "none %s %s rw,relatime 0 0\n", mounted[i],
			strncmp(mounted[i], "/var", 4) == 0 ? "ext4" : "tmpfs");
	return (int)(n < cap - 1 ? n : cap - 1);
}

int errand_sync(const void *unused)
{
	(void)unused;
	return 0;
}

int errand_begin(struct errand *e, errand_work work, const void *arg, int out)
{
	(void)e, (void)out;
	return work == errand_sync || work == work_read_only ? 0 : work(arg);
}

bool errand_back(struct errand *e, int ms, int *result)
{
	(void)e, (void)ms;
	now += 30;
	*result = 0;
	return swapped_kb == 0 || --swapped_kb == 0;
}

void errand_give_up(struct errand *e)
{
	(void)e;
	given_up++;
}

#if CONFIG_WATCHDOG
void watchdog_feed(struct pid1 *s)
{
	(void)s;
	longest = now - fed > longest ? now - fed : longest;
	fed = now;
}
#endif

void console_say(struct pid1 *s, enum console_level level, ...)
{
	(void)s, (void)level;
}

static int begin(void **state)
{
	(void)state;
	strangers = 0;
	swaps = "";
	swapped_kb = given_up = 0;
	swapped_off[0] = 0;
	longest = 0;
	fed = now;
	busy = false;
	for (count = 0; count < MANY; count++)
		snprintf(mounted[count], sizeof(mounted[0]), "/run/m/a-directory-with-a-name-%d", count);
	return 0;
}

static void all_that_is_mounted(void **state)
{
	(void)state;
	unmount_all(&block, 0);
	assert_int_equal(count, 0);
	assert_int_equal(strangers, 0);
	/* a build without a watchdog feeds none */
	assert_true(CONFIG_WATCHDOG ? longest > 0 && longest < 1000 : longest == 0);
}

static void but_for_what_stays(void **state)
{
	(void)state;
	strcpy(mounted[0], "/");
	strcpy(mounted[1], "/run");
	unmount_all(&block, 0);
	assert_int_equal(count, 2);
	assert_int_equal(strangers, 0);
}

static void what_cannot_be_is_given_up(void **state)
{
	(void)state;
	count = 5;
	busy = true;
	unmount_all(&block, 0);
	assert_int_equal(count, 1);
}

/* But for file systems in memory: one that is larger than that can't be read back. */
static void what_is_swapped_to_goes_first(void **state)
{
	(void)state;
	count = 3;
	strcpy(mounted[0], "/var");
	swaps = "Filename Type Size Used Priority\n"
			"/var/a\\040file file 64 0 -2\n"
			"zram0 partition 64 0 -3\n"
			"/dev/sda2 partition 64 0 -4\n";
	unmount_all(&block, 0);
	assert_string_equal(swapped_off, "/var/a file;1;zram0;1;/dev/sda2;1;");
	assert_int_equal(count, 0);
}

/* A file system in memory may have been swapped out, and then it is read back, which takes as long
 * as it takes. It is no sign of a dead disk. */
static void what_is_read_back_is_waited_for(void **state)
{
	(void)state;
	count = 3;
	swaps = "Filename Type Size Used Priority\n/dev/sda2 partition 1000 1000 -2\n";
	swapped_kb = 1000;
	unmount_all(&block, 0);
	assert_int_equal(given_up, 0);
	assert_int_equal(swapped_kb, 0);
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_that_is_mounted, begin),
		cmocka_unit_test_setup(but_for_what_stays, begin),
		cmocka_unit_test_setup(what_cannot_be_is_given_up, begin),
		cmocka_unit_test_setup(what_is_swapped_to_goes_first, begin),
		cmocka_unit_test_setup(what_is_read_back_is_waited_for, begin),
	};
	return cmocka_run_group_tests_name("unmount", tests, NULL, NULL);
}
