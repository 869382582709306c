/* SPDX-License-Identifier: MIT
 * Requests to the kernel: see link.h.
 */
#include "walls/network/link.h"
#include "base/fmt.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOL_NETLINK_LEVEL 270 /* SOL_NETLINK, which not every libc names */
#define ANSWER_MAX 4096       /* of a link's description, what we look at comes in the first kB */

int network_socket(struct wall_why *why)
{
	const int on = 1;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return wall_failed(why, -errno, "rtnetlink socket");
	/* Both are only for better words (4.3, 4.12). */
	setsockopt(fd, SOL_NETLINK_LEVEL, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK_LEVEL, NETLINK_EXT_ACK, &on, sizeof(on));
	return fd;
}

/* The kernel has put the answer into our queue before send(2) returns. */
static int ask_kernel(int fd, const struct network_message *m, struct network_answer *a)
{
	unsigned char bytes[ANSWER_MAX] __attribute__((aligned(8)));
	if (m->full)
		return -ENOBUFS;
	if (send(fd, m->bytes, m->n, MSG_DONTWAIT) != (ssize_t)m->n)
		return -errno;
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	return network_read_answer(bytes, (size_t)n, a) ? a->err : -EPROTO;
}

int network_talk(int fd, const struct network_message *m, const char *what, const char *about,
	struct wall_why *why)
{
	struct network_answer a = {0};
	int err = ask_kernel(fd, m, &a);
	if (err == 0)
		return 0;
	struct fmt f;
	fmt_init(&f, why->text, sizeof(why->text));
	fmt_strs(&f, what, " ", about, a.text[0] ? ": " : "", a.text, NULL);
	return err;
}

int network_find(int fd, const char *name, struct network_answer *answer, struct wall_why *why)
{
	struct network_message m;
	struct network_answer own = {0}, *a = answer ? answer : &own;
	network_ask_link(&m, name);
	int err = ask_kernel(fd, &m, a);
	if (err == -ENODEV)
		return 0;
	return err < 0 ? wall_failed2(why, err, "interface", name) : a->index;
}
