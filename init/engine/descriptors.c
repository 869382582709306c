/* SPDX-License-Identifier: MIT
 * Own descriptors: see descriptors.h. */
#include "engine/descriptors.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

int descriptor_lift(int fd)
{
	if (fd < 0)
		return -errno;
	if (fd >= LOWEST_FD)
		return fd; /* as long as the low ones are taken (reserve_low), all are */
	int high = fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_FD);
	int err = errno;
	close(fd);
	return high < 0 ? -err : high;
}

int descriptor_memfd(const char *name)
{
	return descriptor_lift(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
}

static int lifted_pair(int fd[2], int raw[2])
{
	fd[0] = descriptor_lift(raw[0]);
	fd[1] = descriptor_lift(raw[1]);
	if (fd[0] >= 0 && fd[1] >= 0)
		return 0;
	int err = fd[0] < 0 ? fd[0] : fd[1];
	if (fd[0] >= 0)
		close(fd[0]);
	if (fd[1] >= 0)
		close(fd[1]);
	fd[0] = fd[1] = -1;
	return err;
}

int descriptor_pipe(int fd[2], int flags)
{
	int raw[2];
	return pipe2(raw, flags | O_CLOEXEC) < 0 ? -errno : lifted_pair(fd, raw);
}

int descriptor_channel(int fd[2])
{
	int raw[2];
	int err = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, raw);
	return err < 0 ? -errno : lifted_pair(fd, raw);
}
