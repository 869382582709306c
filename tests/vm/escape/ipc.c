/* SPDX-License-Identifier: MIT
 * Ways out through what processes share: System V memory, message queues, credentials on sockets.
 */
#include "escape.h"
#include <fcntl.h>
#include <mqueue.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int host_memory(void)
{
	int id = shmget(VICTIM_KEY, 0, 0);
	char *p = id < 0 ? (char *)-1 : shmat(id, NULL, SHM_RDONLY);
	if (p == (char *)-1)
		return blocked("shmget");
	return strcmp(p, VICTIM_SECRET) == 0 ? escaped("read")
										 : blocked_by("shmat", "something else is there");
}

static int any_memory(void)
{
	struct shmid_ds ds;
	int last = shmctl(0, 14 /* SHM_INFO */, &ds);
	for (int i = 0; i <= last; i++)
		if (shmctl(i, 13 /* SHM_STAT */, &ds) >= 0)
			return escaped("a segment of somebody else");
	return blocked_by("SHM_STAT", "there is none");
}

static int host_queue(void)
{
	return unless("mq_open", mq_open(VICTIM_QUEUE, O_RDONLY));
}

/* As if PID 1, as root, had sent it. */
static int false_credentials(void)
{
	int fd[2];
	struct {
		struct cmsghdr h;
		struct {
			int pid, uid, gid;
		} c;
	} control = {.h = {.cmsg_len = CMSG_LEN(12),
					 .cmsg_level = SOL_SOCKET,
					 .cmsg_type = 2 /* SCM_CREDENTIALS */},
		.c = {1, 0, 0}};
	struct iovec v = {(void *)"x", 1};
	struct msghdr m = {.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(12)};
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fd))
		return blocked("socketpair");
	return unless("sendmsg", sendmsg(fd[0], &m, 0));
}

static int raise_pipe(void)
{
	int fd[2];
	if (pipe(fd))
		return blocked("pipe");
	return unless("F_SETPIPE_SZ beyond the limit", fcntl(fd[0], F_SETPIPE_SZ, 8 << 20));
}

const struct probe ipc_probes[] = {
	{"sysv-memory", "shared memory of the host, by its key", host_memory, OUTSIDE},
	{"sysv-any", "any shared memory of the host", any_memory, OUTSIDE},
	{"posix-queue", "a message queue of the host", host_queue, OUTSIDE},
	{"false-credentials", "a message that says it comes from PID 1", false_credentials, OUTSIDE},
	{"pipe-size", "more kernel memory for a pipe than allowed", raise_pipe, OUTSIDE},
	{0},
};
