/* SPDX-License-Identifier: MIT
 * What there is outside to be got at: sockets, shared memory, a queue, secrets in files, and copies
 * of this program that carry power. Run by the tests' root shell; it stays.
 */
#include "escape.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

static void put(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0 || write(fd, VICTIM_SECRET, sizeof(VICTIM_SECRET) - 1) < 0)
		perror(path);
	if (fd >= 0)
		close(fd);
}

static void copy_capable(void)
{
	static char buf[65536];
	struct vfs_cap_data caps = {.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
		.data = {{~0u, 0}, {0x1ff, 0}}};
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC),
		to = open(VICTIM_CAPABLE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	ssize_t n;
	while ((n = read(from, buf, sizeof(buf))) > 0)
		if (write(to, buf, (size_t)n) != n)
			perror(VICTIM_CAPABLE);
	close(from);
	close(to);
	if (setxattr(VICTIM_CAPABLE, "security.capability", &caps, sizeof(caps), 0))
		perror("file capabilities");
}

static int listen_abstract(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(a.sun_path + 1, VICTIM_ABSTRACT, sizeof(VICTIM_ABSTRACT) - 1);
	if (bind(fd, (struct sockaddr *)&a,
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(VICTIM_ABSTRACT))) ||
		listen(fd, 16))
		perror("abstract socket");
	return fd;
}

static int listen_loopback(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons(VICTIM_PORT),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 16))
		perror("loopback");
	return fd;
}

static void share_memory(void)
{
	int id = shmget(VICTIM_KEY, 4096, IPC_CREAT | 0666);
	char *p = id < 0 ? (char *)-1 : shmat(id, NULL, 0);
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	if (p == (char *)-1)
		perror("shared memory");
	else
		strcpy(p, VICTIM_SECRET);
	umask(0);
	mqd_t q = mq_open(VICTIM_QUEUE, O_RDWR | O_CREAT, 0666, &attr);
	if (q == (mqd_t)-1)
		perror("message queue");
}

int victim_main(void)
{
	umask(0);
	mkdir("/var/lib/escape-victim", 0700);
	mkdir("/run/escape", 0755);
	/* /run is nosuid: there nothing could be gained */
	if (mount("escape", "/run/escape", "tmpfs", 0, "mode=755,size=1m"))
		perror("/run/escape");
	put(VICTIM_STATE, 0600);
	put(VICTIM_TMP, 0644);
	copy_capable();
	listen_abstract();
	listen_loopback();
	share_memory();
	puts("victim ready");
	fflush(stdout);
	for (;;)
		pause();
}

/* Run again as somebody else (run_again): the exit status says what was gained. */
int again_main(const char *word)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};
	if (strcmp(word, "power") != 0)
		return 64;
	if (syscall(SYS_capget, &header, data))
		return 65;
	return (geteuid() != getuid()) | (data[0].effective || data[1].effective) << 1;
}
