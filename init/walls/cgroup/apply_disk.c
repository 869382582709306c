/* SPDX-License-Identifier: MIT
 * Limits and weights of disks. A disk is named by the path of a node, which is looked up when the
 * limit is written, since the disk may have been added after the build. The io controller knows
 * whole disks only. Weights have an effect only if BFQ schedules the disk or io.cost is turned on
 * for it.
 */
#include "base/count.h"
#include "base/fmt.h"
#include "base/dirlist.h"
#include "base/span.h"
#include "base/sys.h"
#include "walls/cgroup/cgroup.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define THROTTLE_AFTER_S 302
#define MAX_DISKS 64 /* looked at for IOWeight */
#define NO_WEIGHER "BFQ or io.cost for"

/* /sys/dev/block/MAJOR:MINOR is a link into /sys/devices, where a partition's directory lies in
 * its disk's. */
static int read_attribute(const char *disk, const char *name, char *text, size_t cap)
{
	char path[64];
	struct fmt f;
	fmt_init(&f, path, sizeof(path));
	fmt_strs(&f, "/sys/dev/block/", disk, "/", name, NULL);
	int n = f.cut ? -ENAMETOOLONG : sys_read_file(AT_FDCWD, path, text, cap);
	if (n >= 0)
		text[strcspn(text, "\n")] = '\0';
	return n;
}

int cgroup_disk_find(const char *path, char text[CGROUP_DISK_TEXT])
{
	struct stat st;
	struct fmt f;
	char whole[CGROUP_DISK_TEXT], number[16];
	int err = cgroup_node(path, &st);
	if (err < 0)
		return err;
	if (!S_ISBLK(st.st_mode))
		return -ENOTBLK;
	fmt_init(&f, text, CGROUP_DISK_TEXT);
	fmt_u64(&f, major(st.st_rdev));
	fmt_char(&f, ':');
	fmt_u64(&f, minor(st.st_rdev));
	if (read_attribute(text, "partition", number, sizeof(number)) < 0)
		return 0;
	err = read_attribute(text, "../dev", whole, sizeof(whole));

	if (err < 0)
		return err;
	fmt_init(&f, text, CGROUP_DISK_TEXT);
	fmt_str(&f, whole);
	return 0;
}

int cgroup_disk_weigher(int root, const char *disk)
{
	char text[256], line[CGROUP_DISK_TEXT + 16];
	struct fmt f;
	if (read_attribute(disk, "queue/scheduler", text, sizeof(text)) >= 0 &&
		span_behind(text, "[bfq]"))
		return WEIGHER_BFQ;
	fmt_init(&f, line, sizeof(line));
	fmt_strs(&f, disk, " enable=1", NULL);
	return sys_write_file(root, "io.cost.qos", line, f.len) == 0 ? WEIGHER_COST : -ENOSYS;
}

/* Not a disk, or one in memory: nobody shares its time. */
static bool is_disk(const char *name)
{
	static const char *const others[] = {"loop", "ram", "zram", "mtdblock", "fd", "sr", "dm-", "md",
		"."};
	for (size_t i = 0; i < COUNT(others); i++)
		if (strncmp(name, others[i], strlen(others[i])) == 0)
			return false;
	return true;
}

static uint32_t weigher_of(int root, int block, const char *name)
{
	char path[64], disk[CGROUP_DISK_TEXT];
	struct fmt f;
	fmt_init(&f, path, sizeof(path));
	fmt_strs(&f, name, "/dev", NULL);
	if (f.cut || !is_disk(name) || sys_read_file(block, path, disk, sizeof(disk)) < 0)
		return 0;
	disk[strcspn(disk, "\n")] = '\0';
	int weigher = cgroup_disk_weigher(root, disk);
	return weigher > 0 ? 1u << weigher : 0;
}

uint32_t cgroup_disk_weighers(int root)
{
	int block = open("/sys/block", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirlist names;
	const char *name;
	uint32_t all = 0;
	if (block < 0)
		return 0;
	dirlist_start(&names, block);
	for (unsigned seen = 2 /* . and .. */; seen < MAX_DISKS && dirlist_next(&names, &name) > 0;
		 seen++)
		all |= weigher_of(root, block, name);
	close(block);
	return all;
}

/* BFQ's weights end at 1000; 100 is the default of both. */
static uint64_t bfq_weight(uint64_t weight)
{
	return weight <= 100 ? weight : 100 + (weight - 100) * 900 / 9900;
}

static int put_weight(int group, int weigher, const char *disk, uint64_t weight,
	struct wall_why *why)
{
	char line[CGROUP_DISK_TEXT + 16];
	struct fmt f;
	fmt_init(&f, line, sizeof(line));
	fmt_strs(&f, disk, " ", NULL);
	fmt_u64(&f, weight);
	return cgroup_put(group, weigher == WEIGHER_BFQ ? "io.bfq.weight" : "io.weight", line, CG_IO,
		why);
}

static int weigh_all(const struct cgroup_plan *c, int root, int group, struct wall_why *why)
{
	uint32_t weighers = c->weight.cost ? cgroup_disk_weighers(root) : 0;
	int err = 0;
	if (c->weight.cost && !weighers)
		return wall_lacking(why, OPTIONAL_IO, -ENOSYS, NO_WEIGHER " any disk");
	if (!c->weight.cost)
		return 0;
	/* Both, for a disk that comes later; only the one that acts must succeed. */
	for (int weigher = WEIGHER_BFQ; err == 0 && weigher <= WEIGHER_COST; weigher++) {
		struct wall_why not_needed = {.optional = 0};
		bool acts = weighers & 1u << weigher;
		int r = put_weight(group, weigher, "default",
			weigher == WEIGHER_BFQ ? c->weight.bfq : c->weight.cost, acts ? why : &not_needed);
		err = acts ? r : 0;
	}
	return err;
}

static int find_disk(const struct plan *p, const struct cgroup_disk *d, char disk[CGROUP_DISK_TEXT],
	struct wall_why *why)
{
	const char *path = plan_text(p, d->device);
	int err = cgroup_disk_find(path, disk);
	return err == -ENOTBLK ? wall_failed2(why, err, path, "is not a disk")
		: err < 0          ? wall_failed(why, err, path)
						   : 0;
}

static int weigh_one(int root, int group, const char *disk, uint64_t weight, struct wall_why *why)
{
	int weigher = cgroup_disk_weigher(root, disk);
	if (weigher < 0)
		return wall_lacking(why, OPTIONAL_IO, -ENOSYS, NO_WEIGHER " this disk");
	return put_weight(group, weigher, disk, weigher == WEIGHER_BFQ ? bfq_weight(weight) : weight,
		why);
}

static int put_latency(int group, const char *disk, uint64_t us, struct wall_why *why)
{
	char line[CGROUP_DISK_TEXT + 32];
	struct fmt f;
	fmt_init(&f, line, sizeof(line));
	fmt_strs(&f, disk, " target=", NULL);
	fmt_u64(&f, us);
	return cgroup_put(group, "io.latency", line, CG_IO, why);
}

int cgroup_disk_weights(const struct plan *p, const struct cgroup_plan *c, int root, int group,
	struct wall_why *why)
{
	const struct cgroup_disk *d = plan_elements(p, c->disks, sizeof(*d));
	char disk[CGROUP_DISK_TEXT];
	uint32_t count = d ? c->disks.count : 0;
	int err = count == c->disks.count ? 0 : wall_failed(why, -EINVAL, "list of disks");
	if (err == 0 && !(why->absent & OPTIONAL_IO))
		err = weigh_all(c, root, group, why);
	for (uint32_t i = 0; d && err == 0 && i < count && !(why->absent & OPTIONAL_IO); i++) {
		if (d[i].kind != DISK_WEIGHT && d[i].kind != DISK_LATENCY)
			continue;
		err = find_disk(p, &d[i], disk, why);
		if (err == 0 && d[i].kind == DISK_WEIGHT)
			err = weigh_one(root, group, disk, d[i].value, why);
		else if (err == 0)
			err = put_latency(group, disk, d[i].value, why);
	}
	return err;
}

/* block/blk-throttle.c takes the group above to have begun at 0, which is ahead of a 32-bit
 * kernel's clock in its first five minutes (INITIAL_JIFFIES in include/linux/jiffies.h): the first
 * request that is made to wait is then a BUG() in an interrupt, and the device goes down. Seen
 * on 6.1. A 64-bit kernel calls itself armv8l to 32-bit programs, and does not do it. */
static bool throttling_crashes(void)
{
	struct utsname u;
	struct timespec up;
	if (sizeof(long) > 4 ||
		(clock_gettime(CLOCK_MONOTONIC, &up) == 0 && up.tv_sec > THROTTLE_AFTER_S))
		return false;
	return uname(&u) < 0 || strncmp(u.machine, "armv8", 5) != 0;
}

static int refuse_throttling(struct wall_why *why)
{
	if (!(why->optional & OPTIONAL_IO))
		return wall_failed2(why, -EAGAIN, "io.max",
			"would crash this 32-bit kernel in its first five minutes");
	why->absent |= OPTIONAL_IO;
	return 0;
}

int cgroup_disk_limits(const struct plan *p, const struct cgroup_plan *c, int group, bool lift,
	struct wall_why *why)
{
	static const char *const keys[DISK_KINDS] = {[DISK_READ_BANDWIDTH] = " rbps=",
		[DISK_WRITE_BANDWIDTH] = " wbps=",
		[DISK_READ_IOPS] = " riops=",
		[DISK_WRITE_IOPS] = " wiops="};
	const struct cgroup_disk *d = plan_elements(p, c->disks, sizeof(*d));
	char line[CGROUP_DISK_TEXT + 40], disk[CGROUP_DISK_TEXT];
	uint32_t count = d ? c->disks.count : 0;
	int err = count == c->disks.count ? 0 : wall_failed(why, -EINVAL, "list of disks");
	for (uint32_t i = 0; d && err == 0 && i < count && !(why->absent & OPTIONAL_IO); i++) {
		struct fmt f;
		if (d[i].kind >= DISK_KINDS || !keys[d[i].kind])
			continue;
		if (!lift && throttling_crashes())
			return refuse_throttling(why);
		err = find_disk(p, &d[i], disk, why);
		fmt_init(&f, line, sizeof(line));
		fmt_strs(&f, disk, keys[d[i].kind], NULL);
		if (lift)
			fmt_str(&f, "max");
		else
			fmt_u64(&f, d[i].value);
		if (err == 0)
			err = cgroup_put(group, "io.max", line, CG_IO, why);
	}
	return err;
}
