/* SPDX-License-Identifier: MIT
 * One socket of [Socket]: made, set, bound, listening. See sockets.h.
 */
#include "sockets/sockets.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const int types[SOCKET_KIND_COUNT] = {
	[SOCKET_STREAM] = SOCK_STREAM,
	[SOCKET_DATAGRAM] = SOCK_DGRAM,
	[SOCKET_SEQPACKET] = SOCK_SEQPACKET,
	[SOCKET_NETLINK] = SOCK_RAW,
};

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un un;
		struct sockaddr_nl nl;
	} u;
	socklen_t size;
};

static void fill_v4(const struct plan_socket *s, struct address *a)
{
	a->u.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(s->port)};
	if (!(s->flags & SOCKET_ANY))
		memcpy(&a->u.v4.sin_addr, s->address, 4);
	a->size = sizeof(a->u.v4);
}

static int fill_address(const struct plan *p, const struct plan_socket *s, struct address *a)
{
	const char *name = plan_text(p, s->path);
	size_t n = strlen(name);
	switch ((enum plan_socket_family)s->family) {
	case SOCKET_IPV4:
		fill_v4(s, a);
		return AF_INET;
	case SOCKET_IPV6:
		a->u.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(s->port)};
		memcpy(&a->u.v6.sin6_addr, s->address, 16);
		a->size = sizeof(a->u.v6);
		return AF_INET6;
	case SOCKET_ABSTRACT:
		a->u.un = (struct sockaddr_un){.sun_family = AF_UNIX};
		n = n < sizeof(a->u.un.sun_path) - 1 ? n : sizeof(a->u.un.sun_path) - 1;
		memcpy(a->u.un.sun_path + 1, name, n);
		a->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n);
		return AF_UNIX;
	case SOCKET_ROUTES:
		a->u.nl = (struct sockaddr_nl){.nl_family = AF_NETLINK, .nl_groups = s->groups};
		a->size = sizeof(a->u.nl);
		return AF_NETLINK;
	case SOCKET_PATH:
		return AF_UNIX;
	case SOCKET_FAMILY_COUNT:
		break;
	}
	return -EINVAL;
}

/* A kernel without IPv6 has IPv4 still. */
static int make_socket(const struct plan_socket *s, int *family, struct address *a)
{
	int protocol = s->family == SOCKET_ROUTES ? (int)s->protocol : 0;
	int fd = socket(*family, types[s->kind] | SOCK_CLOEXEC, protocol);
	if (fd < 0 && errno == EAFNOSUPPORT && s->flags & SOCKET_ANY) {
		*family = AF_INET;
		fill_v4(s, a);
		fd = socket(AF_INET, types[s->kind] | SOCK_CLOEXEC, 0);
	}
	return fd < 0 ? -errno : fd;
}

static int set(int fd, int level, int option, int value, const char *name, struct wall_why *why)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? wall_failed(why, -errno, name)
																	: 0;
}

static int set_options(int fd, const struct plan *p, const struct plan_socket *s, int family,
	struct wall_why *why)
{
	const char *device = plan_text(p, s->device);
	int err = 0;
	if (family != AF_INET && family != AF_INET6)
		return 0;
	/* whatever net.ipv6.bindv6only says: the file means the same on every device */
	if (family == AF_INET6)
		err = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0, "IPV6_V6ONLY", why);
	/* what was closed a moment ago leaves connections behind that fade for minutes */
	if (err == 0 && s->kind == SOCKET_STREAM)
		err = set(fd, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR", why);
	if (err == 0 && s->flags & SOCKET_REUSE_PORT)
		err = set(fd, SOL_SOCKET, SO_REUSEPORT, 1, "ReusePort", why);
	if (err == 0 && s->flags & SOCKET_FREE_BIND)
		err = set(fd, IPPROTO_IP, IP_FREEBIND, 1, "FreeBind", why);
	if (err == 0 && device[0] &&
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1) < 0)
		err = wall_failed2(why, -errno, "BindToDevice", device);
	return err;
}

static int begin_listening(int fd, const struct plan *p, const struct plan_socket *s,
	struct wall_why *why)
{
	if (s->kind != SOCKET_STREAM && s->kind != SOCKET_SEQPACKET)
		return 0;
	return listen(fd, (int)s->backlog) < 0
		? wall_failed2(why, -errno, "listen", plan_text(p, s->text))
		: 0;
}

/* `directory` and `name`: of a path, -1 otherwise. */
static int open_socket(const struct plan *p, const struct plan_socket *s, int directory,
	const char *name, struct wall_why *why)
{
	struct address a;
	int family = fill_address(p, s, &a);
	if (family < 0)
		return wall_failed(why, family, plan_text(p, s->text));
	int fd = make_socket(s, &family, &a);
	if (fd < 0)
		return wall_failed2(why, fd, "socket", plan_text(p, s->text));
	int err = set_options(fd, p, s, family, why);
	if (err == 0 && s->family == SOCKET_PATH)
		err = sockets_file_bind(fd, p, s, directory, name, why);
	else if (err == 0 && bind(fd, &a.u.any, a.size) < 0)
		err = wall_failed2(why, -errno, "bind", plan_text(p, s->text));
	if (err == 0)
		err = begin_listening(fd, p, s, why);
	if (err == 0)
		return fd;
	close(fd);
	return err;
}

int sockets_open(const struct plan *p, const struct plan_socket *s,
	const struct sockets_label *label, struct wall_why *why)
{
	const char *name = NULL;
	int directory = s->family == SOCKET_PATH
		? sockets_file_parent(plan_text(p, s->path), true, &name, why)
		: -1;
	if (s->family == SOCKET_PATH && directory < 0)
		return directory;
	int fd = sockets_label_begin(label, why); /* behind the directories, which keep theirs */
	if (fd == 0) {
		fd = s->kind == SOCKET_FIFO ? sockets_file_fifo(p, s, directory, name, why)
									: open_socket(p, s, directory, name, why);
		sockets_label_end(label);
	}
	if (directory >= 0)
		close(directory);
	return fd;
}
