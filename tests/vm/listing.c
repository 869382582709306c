/* SPDX-License-Identifier: MIT
 * A client that has read half of an answer: asks PID 1 for the state of all services, and reads
 * what lies there once PID 1 has gone to its rescue. How the answer ended is a line in the kernel's
 * log. It leaves its service's group, so that it outlives the service. */
#include "base/errname.h"
#include "ctl/proto.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int fail(const char *what)
{
	printf("%s: %s\n", what, err_name(errno));
	return 1;
}

static int leave_group(void)
{
	signal(SIGHUP, SIG_IGN); /* of the terminal that its shell leaves */
	int fd = open("/sys/fs/cgroup/cgroup.procs", O_WRONLY | O_CLOEXEC);
	int done = fd < 0 || write(fd, "0", 1) != 1 ? -1 : 0;
	close(fd);
	return done;
}

static int ask(void)
{
	const struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = PROTO_SOCKET};
	const struct proto_request request = {.version = PROTO_VERSION, .verb = PROTO_STATUS};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)) ||
		send(fd, &request, sizeof(request), MSG_NOSIGNAL) < 0)
		return -1;
	return fd;
}

static int wait_for(int kmsg, const char *words)
{
	char record[4096];
	for (;;) {
		ssize_t n = read(kmsg, record, sizeof(record) - 1);
		if (n < 0 && errno != EPIPE) /* EPIPE: records were overwritten before they were read */
			return -1;
		record[n < 0 ? 0 : n] = 0;
		if (strstr(record, words))
			return 0;
	}
}

int main(void)
{
	struct proto_reply reply;
	char line[128];
	int services = 0;
	ssize_t n;
	int kmsg = open("/dev/kmsg", O_RDWR | O_CLOEXEC);
	if (kmsg < 0 || lseek(kmsg, 0, SEEK_END) < 0)
		return fail("/dev/kmsg");
	if (leave_group())
		return fail("cgroup.procs");
	int fd = ask();
	if (fd < 0)
		return fail("ask");
	puts("asked");
	fflush(stdout);
	if (wait_for(kmsg, "rescue: no service is started"))
		return fail("wait");
	while ((n = recv(fd, &reply, sizeof(reply), 0)) > 0 && reply.kind == PROTO_SERVICE)
		services++;
	snprintf(line, sizeof(line), "<3>listing: %d services, then %s\n", services,
		n > 0 && reply.kind == PROTO_END ? err_name(reply.value) : "nothing");
	return write(kmsg, line, strlen(line)) < 0;
}
