/* SPDX-License-Identifier: MIT
 * The loopback of a new network namespace, which is down at first: see network.h.
 */
#include "walls/network/network.h"
#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int network_loopback_up(struct wall_why *why)
{
	/* The index is always 1; its addresses, 127.0.0.1 and ::1, come by themselves when it goes up. */
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return wall_failed(why, -errno, "socket");
	int err = ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;

	close(fd);
	return err ? wall_failed(why, err, "lo up") : 0;
}
