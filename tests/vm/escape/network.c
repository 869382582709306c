/* SPDX-License-Identifier: MIT
 * Ways out through sockets: families that few need, power over interfaces, and what listens on the
 * host.
 */
#include "escape.h"
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* The socket, or that the kernel went to look for the family (a module of the host's, loaded on
 * demand). */
/* EAFNOSUPPORT is a filter's answer, and that of a kernel without the family. But the kernel looks
 * at the type first, and there is none of this number. */
#define NO_TYPE 15

static int family_gate(const char *what, long call, unsigned long domain, int type, int protocol)
{
	int pair[2];
	long result = syscall(call, domain, type, protocol, pair);
	if (result < 0 && errno == EAFNOSUPPORT && syscall(call, domain, NO_TYPE, protocol, pair) < 0 &&
		errno == EAFNOSUPPORT)
		return blocked(what);
	return gate(what, result);
}

static int family(const char *what, int domain, int type, int protocol)
{
	return family_gate(what, SYS_socket, (unsigned long)domain, type | SOCK_CLOEXEC, protocol);
}

static int packet(void)
{
	return family("AF_PACKET", AF_PACKET, SOCK_RAW, htons(3));
}
static int packet_wide(void)
{
	return family_gate("AF_PACKET", SYS_socket, (unsigned long)(0xbad00000000ull | AF_PACKET),
		SOCK_RAW, htons(3));
}
static int vsock(void)
{
	return family("AF_VSOCK", 40, SOCK_STREAM, 0);
}
static int crypto(void)
{
	return family("AF_ALG", 38, SOCK_SEQPACKET, 0);
}
static int key(void)
{
	return family("AF_KEY", 15, SOCK_RAW, 2);
}
static int tipc(void)
{
	return family("AF_TIPC", 30, SOCK_STREAM, 0);
}
static int bluetooth(void)
{
	return family("AF_BLUETOOTH", 31, SOCK_RAW, 1);
}
static int can(void)
{
	return family("AF_CAN", 29, SOCK_RAW, 1);
}
static int xdp(void)
{
	return family("AF_XDP", 44, SOCK_RAW, 0);
}
static int rds(void)
{
	return family("AF_RDS", 21, SOCK_SEQPACKET, 0);
}
static int x25(void)
{
	return family("AF_X25", 9, SOCK_SEQPACKET, 0);
}
static int raw(void)
{
	return unless("SOCK_RAW", socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
}
static int raw6(void)
{
	return unless("SOCK_RAW", socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6));
}
static int sctp(void)
{
	return family("IPPROTO_SCTP", AF_INET, SOCK_STREAM, IPPROTO_SCTP);
}
static int dccp(void)
{
	return family("IPPROTO_DCCP", AF_INET, 6, 33);
}

static int pair(void)
{
	return family_gate("socketpair", SYS_socketpair, 30 /* AF_TIPC */, SOCK_STREAM, 0);
}

static int to_host(const char *what, int domain, const void *address, socklen_t size)
{
	char c;
	int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return blocked("socket");
	(void)c;
	return unless(what, connect(fd, address, size));
}

static int abstract(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	memcpy(a.sun_path + 1, VICTIM_ABSTRACT, sizeof(VICTIM_ABSTRACT) - 1);
	return to_host("an abstract socket of the host", AF_UNIX, &a,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(VICTIM_ABSTRACT)));
}

static int loopback(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons(VICTIM_PORT),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};
	return to_host("127.0.0.1 of the host", AF_INET, &a, sizeof(a));
}

/* The host's own address and what lies beyond it. */
static int beyond(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons(53),
		.sin_addr = {htonl(0x0a000203)}};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return unless("a route", connect(fd, (struct sockaddr *)&a, sizeof(a)));
}

static int interfaces(void)
{
	struct if_nameindex *n = if_nameindex();
	for (; n && n->if_name; n++)
		if (strcmp(n->if_name, "lo") != 0)
			return escaped(n->if_name);
	return blocked_by("interfaces", "only lo");
}

static int interface_flags(void)
{
	struct ifreq r = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (ioctl(fd, SIOCGIFFLAGS, &r))
		return blocked("SIOCGIFFLAGS");
	return unless("SIOCSIFFLAGS", ioctl(fd, SIOCSIFFLAGS, &r));
}

static int option(const char *what, int domain, int level, int name, const void *value,
	socklen_t size)
{
	int fd = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return fd < 0 ? blocked("socket") : unless(what, setsockopt(fd, level, name, value, size));
}

static int mark(void)
{
	int v = 1;
	return option("SO_MARK", AF_INET, SOL_SOCKET, SO_MARK, &v, sizeof(v));
}

static int force_buffer(void)
{
	int v = 1 << 24;
	return option("SO_SNDBUFFORCE", AF_INET, SOL_SOCKET, SO_SNDBUFFORCE, &v, sizeof(v));
}

static int transparent(void)
{
	int v = 1;
	return option("IP_TRANSPARENT", AF_INET, IPPROTO_IP, 19, &v, sizeof(v));
}

static int debug_socket(void)
{
	int v = 1;
	return option("SO_DEBUG", AF_INET, SOL_SOCKET, SO_DEBUG, &v, sizeof(v));
}

static int ask(const char *what, int protocol, struct nlmsghdr *n)
{
	struct sockaddr_nl a = {.nl_family = AF_NETLINK};
	char answer[4096];
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (fd < 0 || sendto(fd, n, n->nlmsg_len, 0, (struct sockaddr *)&a, sizeof(a)) < 0)
		return blocked(what);
	ssize_t got = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
	struct nlmsghdr *h = (struct nlmsghdr *)answer;
	if (got < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) || h->nlmsg_type != NLMSG_ERROR)
		return blocked(what);
	errno = -((struct nlmsgerr *)NLMSG_DATA(h))->error;
	if (errno == ECONNREFUSED) /* audit's way of saying no outside of the first user namespace */
		return blocked(what);
	return errno ? gate(what, -1) : escaped(what);
}

struct link_request {
	struct nlmsghdr n;
	struct ifinfomsg i;
};

static int new_link(void)
{
	struct link_request r = {.n = {.nlmsg_len = sizeof(r),
								 .nlmsg_type = RTM_SETLINK,
								 .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
		.i = {.ifi_index = 1}};
	return ask("RTM_SETLINK", NETLINK_ROUTE, &r.n);
}

static int firewall(void)
{
	struct {
		struct nlmsghdr n;
		unsigned char family, version, resource[2];
	} r = {.n = {.nlmsg_len = sizeof(r),
			   .nlmsg_type = 10 << 8 | 0 /* nf_tables, NEWTABLE */,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK}};
	return ask("nf_tables", 12, &r.n);
}

static int policies(void)
{
	struct nlmsghdr n = {.nlmsg_len = sizeof(n),
		.nlmsg_type = 0x1c /* flush of all policies */,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK};
	return ask("xfrm", 6, &n);
}

static int audit(void)
{
	struct {
		struct nlmsghdr n;
		unsigned mask, enabled, rest[8];
	} r = {.n = {.nlmsg_len = sizeof(r),
			   .nlmsg_type = 1001 /* AUDIT_SET */,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK}};
	return ask("AUDIT_SET", NETLINK_AUDIT, &r.n);
}

/* A device that never was, for whoever listens. */
static int uevent(void)
{
	static char text[] =
		"add@/devices/escape\0ACTION=add\0DEVPATH=/devices/escape\0SUBSYSTEM=block";
	struct sockaddr_nl a = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (fd < 0)
		return blocked("socket");
	return unless("sendto", sendto(fd, text, sizeof(text), 0, (struct sockaddr *)&a, sizeof(a)));
}

/* Every process that starts, ends and executes. */
static int process_events(void)
{
	struct sockaddr_nl a = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
	if (fd < 0)
		return blocked("socket");
	return unless("bind", bind(fd, (struct sockaddr *)&a, sizeof(a)));
}

const struct probe network_probes[] = {
	{"socket-packet", "frames of any interface", packet, OUTSIDE},
	{"socket-packet-wide", "the same with high bits set", packet_wide, OUTSIDE},
	{"socket-vsock", "the hypervisor", vsock, OUTSIDE},
	{"socket-alg", "the kernel's cryptography", crypto, OUTSIDE},
	{"socket-key", "IPsec's keys", key, OUTSIDE},
	{"socket-tipc", "TIPC", tipc, OUTSIDE},
	{"socket-bluetooth", "Bluetooth", bluetooth, OUTSIDE},
	{"socket-can", "a CAN bus", can, OUTSIDE},
	{"socket-xdp", "XDP", xdp, OUTSIDE},
	{"socket-rds", "RDS", rds, OUTSIDE},
	{"socket-x25", "X.25", x25, OUTSIDE},
	{"socket-raw", "raw IPv4", raw, OUTSIDE},
	{"socket-raw6", "raw IPv6", raw6, OUTSIDE},
	{"socket-sctp", "SCTP, whose module would be loaded", sctp, OUTSIDE},
	{"socket-dccp", "DCCP, whose module would be loaded", dccp, OUTSIDE},
	{"socketpair-tipc", "a rare family by socketpair(2)", pair, OUTSIDE},
	{"abstract-socket", "an abstract socket of the host", abstract, OUTSIDE},
	{"host-loopback", "a port on the host's loopback", loopback, OUTSIDE},
	{"host-network", "the network that the host is in", beyond, OUTSIDE},
	{"host-interfaces", "the host's interfaces", interfaces, OUTSIDE},
	{"interface-flags", "an interface taken down or up", interface_flags, OUTSIDE},
	{"so-mark", "packets with a mark", mark, OUTSIDE},
	{"so-sndbufforce", "more buffers than allowed", force_buffer, OUTSIDE},
	{"ip-transparent", "foreign addresses", transparent, OUTSIDE},
	{"so-debug", "a socket that traces", debug_socket, OUTSIDE},
	{"netlink-link", "interfaces by rtnetlink", new_link, OUTSIDE},
	{"netlink-firewall", "the firewall", firewall, 0},
	{"netlink-xfrm", "IPsec's policies", policies, 0},
	{"netlink-audit", "the kernel's audit", audit, OUTSIDE},
	{"netlink-uevent", "a false device", uevent, OUTSIDE},
	{"netlink-proc-events", "every process that starts", process_events, OUTSIDE},
	{0},
};
