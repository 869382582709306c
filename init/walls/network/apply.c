/* SPDX-License-Identifier: MIT
 * Which network namespace the service is in, and its loopback: see network.h.
 */
#include "walls/network/network.h"
#include "base/count.h"
#include "base/fmt.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int network_enter(int ns, struct wall_why *why)
{
	int err = sys_setns(ns, CLONE_NEWNET);
	return err < 0 ? wall_failed(why, err, "setns") : 0;
}

/* iproute2 and its like keep them in /var/run, which is /run almost everywhere. */
static int open_named(const char *name)
{
	static const char *const tops[] = {"/run/netns/", "/var/run/netns/"};
	int fd = -1;
	for (size_t i = 0; i < COUNT(tops) && fd < 0; i++) {
		char path[96];
		struct fmt f;
		fmt_init(&f, path, sizeof(path));
		fmt_strs(&f, tops[i], name, NULL);
		if (f.cut)
			return -ENAMETOOLONG;
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (fd < 0 && errno != ENOENT)
			return -errno;
	}
	return fd < 0 ? -ENOENT : fd;
}

int network_enter_named(const char *name, struct wall_why *why)
{
	/* The plan's bytes are not to be trusted with a path. */
	if (!name[0] || name[0] == '.' || strchr(name, '/'))
		return wall_failed2(why, -EINVAL, "name of a network namespace", name);
	int fd = open_named(name);
	if (fd == -ENOENT)
		return wall_failed2(why, fd, "no network namespace in /run/netns is named", name);
	int err = fd < 0 ? fd : sys_setns(fd, CLONE_NEWNET); /* EINVAL: a file that is none */
	if (fd >= 0)
		close(fd);
	return err < 0 ? wall_failed2(why, err, "network namespace", name) : 0;
}

int network_make(struct wall_why *why)
{
	int err = sys_unshare(CLONE_NEWNET);
	return err < 0 ? wall_failed(why, err, "unshare") : 0;
}

int network_loopback_up(struct wall_why *why)
{
	/* The index is always 1; its addresses, 127.0.0.1 and ::1, come by themselves when it goes
	 * up. */
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return wall_failed(why, -errno, "socket");
	int err = ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
	close(fd);
	return err ? wall_failed(why, err, "lo up") : 0;
}
