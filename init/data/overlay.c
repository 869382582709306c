/* SPDX-License-Identifier: MIT
 * Writable directories over a read-only root: see data.h. The kernel looks at what lies below and
 * above with the rights of who mounts it: this program's domain, not PID 1's and not the service's;
 * what a service may do is decided by the labels that it sees, which are the same.
 */
#include "base/fmt.h"
#include "data/data.h"
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* "/etc" as a name of one word: the compiler has seen to it that there is no + in it. */
static void flat_name(struct fmt *f, const char *path)
{
	for (const char *c = path; *c; c++)
		fmt_char(f, *c == '/' ? '+' : *c);
}

static int make_place(char *place, const char *base, const char *target)
{
	struct fmt f;
	fmt_init(&f, place, DATA_PATH);
	fmt_strs(&f, base, "/", NULL);
	flat_name(&f, target);
	return f.cut ? -ENAMETOOLONG : data_mkdir(place, 0700);
}

static int lay_over(const char *target, const char *base)
{
	char place[DATA_PATH], upper[DATA_PATH + 8], work[DATA_PATH + 8], options[3 * DATA_PATH];
	struct fmt f;
	int err = make_place(place, base, target);
	fmt_init(&f, upper, sizeof(upper));
	fmt_strs(&f, place, "/upper", NULL);
	fmt_init(&f, work, sizeof(work));
	fmt_strs(&f, place, "/work", NULL);
	if (err == 0)
		err = data_mkdir_like(upper, target);
	if (err == 0)
		err = data_mkdir(work, 0700);
	fmt_init(&f, options, sizeof(options));
	fmt_strs(&f, "lowerdir=", target, ",upperdir=", upper, ",workdir=", work, NULL);
	if (err < 0 || f.cut)
		return err < 0 ? err : -ENAMETOOLONG;
	return mount("overlay", target, "overlay", MS_NOSUID | MS_NODEV, options) < 0 ? -errno : 0;
}

/* Memory for changes: bounded, and out of everybody's sight. */
static int need_memory(void)
{
	struct stat here, above;
	int err = data_mkdir(DATA_MEMORY, 0700);
	if (err == 0 && stat(DATA_MEMORY, &here) == 0 && stat("/run", &above) == 0 &&
		here.st_dev != above.st_dev)
		return 0;
	if (err == 0 &&
		mount("tmpfs", DATA_MEMORY, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700,size=25%") < 0)
		err = -errno;
	return err;
}

static int need_partition(const char *directory, char *base)
{
	struct fmt f;
	fmt_init(&f, base, DATA_PATH);
	fmt_strs(&f, directory, DATA_OWN, NULL);
	int err = data_mkdir(base, 0700);
	fmt_str(&f, "/overlay");
	return err < 0 ? err : f.cut ? -ENAMETOOLONG : data_mkdir(base, 0700);
}

void data_overlays(const struct plan *p, const struct plan_machine *m, bool mounted)
{
	const struct plan_overlay *o = plan_elements(p, m->overlays, sizeof(*o));
	char base[DATA_PATH];
	for (uint32_t i = 0; o && i < m->overlays.count; i++) {
		const char *target = plan_text(p, o[i].target);
		/* by an earlier life of PID 1's: two that share their changes would spoil them */
		if (data_is_mounted(target, OVERLAYFS_SUPER_MAGIC))
			continue;
		bool lasting = o[i].where == OVERLAY_DATA && mounted;
		int err = lasting ? need_partition(plan_text(p, m->data.target), base) : need_memory();
		if (err == 0)
			err = lay_over(target, lasting ? base : DATA_MEMORY);
		if (err < 0)
			data_say(DATA_ERROR, err, "overlay: ", target, " stays read-only", NULL);
		else if (o[i].where == OVERLAY_DATA && !lasting)
			data_say(DATA_ERROR, 0, "overlay: changes in ", target,
				" are lost when the device goes down: the data partition is not there", NULL);
	}
}
