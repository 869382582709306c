/* SPDX-License-Identifier: MIT
 * A file system in memory for each RuntimeDirectory: see bounds.h. */
#include "pid1/boot/bounds.h"
#include "base/errname.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "pid1/console.h"
#include "walls/filesystem/filesystem.h"
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define PATH_BYTES 256
#define LABEL_BYTES 256

/* The directory and those above it, below /run, where nothing but PID 1 has been yet. */
static int make_path(const char *path)
{
	char part[PATH_BYTES];
	size_t n = strlen(path);
	if (n >= sizeof(part) || strncmp(path, "/run/", 5) != 0)
		return -EINVAL;
	for (size_t i = 5; i <= n; i++) {
		if (path[i] != '/' && path[i])
			continue;
		memcpy(part, path, i);
		part[i] = 0;
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int mount_bounded(const char *path, const struct filesystem_directory *d, bool labelled)
{
	char label[LABEL_BYTES], data[LABEL_BYTES + 96];
	struct fmt f;
	/* What the policy made of the directory is what its file system has to have. */
	ssize_t n = labelled ? getxattr(path, "security.selinux", label, sizeof(label) - 1) : 0;
	if (n < 0)
		return -errno;
	label[n] = 0;
	fmt_init(&f, data, sizeof(data));
	fmt_str(&f, "mode=0755,size=");
	fmt_u64(&f, d->bound_kb);
	fmt_str(&f, "k,nr_inodes=");
	fmt_u64(&f, d->inodes);
	if (label[0])
		fmt_strs(&f, ",rootcontext=\"", label, "\"", NULL);
	if (f.cut)
		return -E2BIG;
	return mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, data) < 0 ? -errno : 0;
}

/* What fails here the service's cell finds missing, and the service does not start. */
static void bound_service(struct pid1 *s, const struct plan *p, const struct plan_service *ps)
{
	const struct filesystem_plan *w = plan_wall(p, ps, WALL_FILESYSTEM, sizeof(*w));
	const struct filesystem_directory *d = w ? plan_elements(p, w->directories, sizeof(*d)) : NULL;
	for (uint32_t i = 0; d && i < w->directories.count; i++) {
		if (!d[i].bound_kb)
			continue;
		const char *path = plan_text(p, d[i].path);
		int err = make_path(path);
		if (err == 0 && !sys_is_mount(path)) /* it is, where PID 1 has lost its state */
			err = mount_bounded(path, &d[i], s->selinux != 0);
		if (err < 0)
			console_say(s, SAY_ERROR, "mount: ", path, ": ", err_name(err), NULL);
	}
}

void bounds_mount(struct pid1 *s, const struct plan *p)
{
	for (uint32_t i = 0; i < plan_service_count(p); i++)
		bound_service(s, p, plan_service(p, i));
}
