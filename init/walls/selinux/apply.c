/* SPDX-License-Identifier: MIT
 * The service's security context, without libselinux: see selinux.h. The kernel checks the context
 * and the permission to set it at the write, and the transition at execve.
 */
#include "walls/selinux/selinux.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* A context is user:role:type[:level]. Before a policy is loaded SELinux shows the bare name of an
 * initial SID, and other modules (AppArmor, Smack) answer with a label of one word in the same
 * file. */
static bool is_context(const char *text)
{
	const char *colon = strchr(text, ':');
	return colon && colon != text && strchr(colon + 1, ':');
}

int selinux_in_force(int proc, struct wall_why *why)
{
	char now[256];
	int err = sys_read_file(proc, "thread-self/attr/current", now, sizeof(now));
	/* EINVAL: no module that keeps labels; ENOENT: a kernel without any. */
	if (err == -EINVAL || err == -ENOENT)
		return 0;
	return err < 0 ? wall_failed(why, err, "attr/current") : is_context(now);
}

int selinux_open(int proc, struct wall_why *why)
{
	int on = selinux_in_force(proc, why);
	if (on <= 0)
		return on < 0 ? on : -ENOENT;
	int fd = openat(proc, "thread-self/attr/exec", O_WRONLY | O_CLOEXEC);
	return fd < 0 ? wall_failed(why, errno == ENOENT ? -EIO : -errno, "attr/exec") : fd;
}

const char *selinux_directory_label(const struct plan *p, const struct selinux_plan *s)
{
	const char *label = plan_text(p, s->directory);
	return label[0] ? label : NULL;
}

/* What is asked for and not available, where that refuses no service: SELinuxRequired is about a
 * kernel that has SELinux on. It is told. */
static int go_without(struct wall_why *why)
{
	why->absent |= OPTIONAL_SELINUX;
	return 0;
}

int selinux_apply(const struct plan *p, const struct selinux_plan *s, int attr_exec,
	struct wall_why *why)
{
	const char *context = plan_text(p, s->context);
	size_t n = strlen(context);
	if (attr_exec == -ENOENT)
		return n == 0 && s->directory == 0 ? 0 : go_without(why);
	if (n == 0)
		return 0;
	if (attr_exec < 0)
		return wall_failed(why, attr_exec, "attr/exec");
	ssize_t done = write(attr_exec, context, n);
	if (done == (ssize_t)n)
		return 0;
	if (!(s->flags & SELINUX_REQUIRED))
		return go_without(why);
	return wall_failed(why, done < 0 ? -errno : -EIO, context);
}
