/* SPDX-License-Identifier: MIT
 * The service's security context, without libselinux: see selinux.h. The kernel checks the context and the permission to ask for it at the
 * write, and the transition itself at execve.
 */
#include "walls/selinux/selinux.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* A context is user:role:type[:level]. Before a policy is loaded SELinux shows the bare name of an initial SID, and other
 * modules (AppArmor, Smack) answer with a label of one word in the same file. */
static bool is_context(const char *text)
{
	const char *colon = strchr(text, ':');

	return colon && colon != text && strchr(colon + 1, ':');
}

int selinux_open(int proc, struct wall_why *why)
{
	char now[256];
	int err = sys_read_file(proc, "thread-self/attr/current", now, sizeof(now));

	/* EINVAL: no module that keeps labels; ENOENT: a kernel without any. */
	if (err == -EINVAL || err == -ENOENT || (err >= 0 && !is_context(now)))
		return -ENOENT;
	if (err < 0)
		return wall_failed(why, err, "attr/current");
	int fd = openat(proc, "thread-self/attr/exec", O_WRONLY | O_CLOEXEC);

	return fd < 0 ? wall_failed(why, errno == ENOENT ? -EIO : -errno, "attr/exec") : fd;
}

int selinux_apply(const struct plan *p, const struct selinux_plan *s, int attr_exec, struct wall_why *why)
{
	const char *context = plan_text(p, s->context);
	size_t n = strlen(context);

	if (n == 0)
		return 0;
	/* SELinuxRequired is about a kernel that has SELinux on; that there is none refuses nobody, and is told. */
	if (attr_exec == -ENOENT) {
		why->absent |= OPTIONAL_SELINUX;
		return 0;
	}
	if (attr_exec < 0)
		return wall_failed(why, attr_exec, "attr/exec");
	ssize_t done = write(attr_exec, context, n);

	if (done == (ssize_t)n || !(s->flags & SELINUX_REQUIRED))
		return 0;
	return wall_failed(why, done < 0 ? -errno : -EIO, context);
}
