/* SPDX-License-Identifier: MIT
 * The part of a module that is about [Socket]: PID 1 opens, the service accepts, reads and writes.
 * Whoever names the path of such a socket may call there.
 */
#include "report/selinux/cil.h"
#include "base/count.h"
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_CAP (CIL_NAME + 16)
#define NAME_CAP 128

/* What the sockets themselves are labelled. */
static void socket_type(const struct service *s, char type[static TYPE_CAP])
{
	struct span given = selinux_type(s->selinux.socket);
	if (given.n == 0 || span_copy(given, type, TYPE_CAP) < 0)
		snprintf(type, TYPE_CAP, "init_t");
}

/* The name of a file in /run itself: there the collision of two services is an error, so a name
 * means one of them. NULL for others. */
static const char *own_name(const struct sockets_address *a, char name[static NAME_CAP])
{
	struct span rest = {a->path.p + 5, a->path.n > 5 ? a->path.n - 5 : 0};
	if (a->family != SOCKET_PATH || !span_starts(a->path, "/run/") || memchr(rest.p, '/', rest.n) ||
		memchr(rest.p, '"', rest.n))
		return NULL;
	return span_copy(rest, name, NAME_CAP) < 0 ? NULL : name;
}

/* And what a file is labelled. */
static void file_type(const struct service *s, const char *domain, const struct sockets_address *a,
	char type[static TYPE_CAP])
{
	char name[NAME_CAP];
	socket_type(s, type);
	if (s->selinux.socket.n > 0)
		return;
	if (own_name(a, name))
		snprintf(type, TYPE_CAP, "%s_socket_t", domain);
	else
		snprintf(type, TYPE_CAP, span_below(a->path, span_of("/var/lib")) ? "var_lib_t" : "run_t");
}

static void label_file(struct cil *c, const struct sockets_address *a, const char *type)
{
	char name[NAME_CAP];
	if (c->s->selinux.socket.n > 0 || !own_name(a, name))
		return;
	cil_rule(c, "(type %s)", type);
	cil_rule(c, "(call socket_file (%s))", type);
	cil_rule(c, "(typetransition init_t run_t %s \"%s\" %s)",
		a->kind == SOCKET_FIFO ? "fifo_file" : "sock_file", name, type);
}

static const struct {
	uint32_t protocol;
	const char *class;
	const char *more;
} netlinks[] = {
	{NETLINK_ROUTE, "netlink_route_socket", " nlmsg_read"},
	{NETLINK_SOCK_DIAG, "netlink_tcpdiag_socket", " nlmsg_read"},
	{NETLINK_XFRM, "netlink_xfrm_socket", " nlmsg_read"},
	{NETLINK_AUDIT, "netlink_audit_socket", " nlmsg_read"},
	{NETLINK_NETFILTER, "netlink_netfilter_socket", ""},
	{NETLINK_KOBJECT_UEVENT, "netlink_kobject_uevent_socket", ""},
	{NETLINK_GENERIC, "netlink_generic_socket", ""},
	{NETLINK_CONNECTOR, "netlink_connector_socket", ""},
};

static void one_netlink(struct cil *c, const struct sockets_address *a, const char *socket)
{
	for (size_t i = 0; i < COUNT(netlinks); i++) {
		if (netlinks[i].protocol != a->protocol)
			continue;
		cil_rule(c, "(allow %s %s (%s (getattr read write getopt setopt%s)))", c->domain, socket,
			netlinks[i].class, netlinks[i].more);
		return;
	}
	cil_withheld(c, "ListenNetlink = %.*s, which PID 1 may not open", SPAN_ARGS(a->text));
}

static void one_socket(struct cil *c, const struct sockets_address *a, const char *socket,
	const char *file)
{
	bool internet = sockets_is_internet(a), packets = a->kind == SOCKET_DATAGRAM;
	if (a->kind == SOCKET_NETLINK)
		one_netlink(c, a, socket);
	else if (a->kind == SOCKET_FIFO)
		cil_rule(c, "(call handed_fifo (%s %s))", c->domain, file);
	else
		cil_rule(c, "(call handed_%s (%s %s))",
			internet ? (packets ? "udp" : "tcp") : (packets ? "unix_dgram" : "unix_stream"),
			c->domain, socket);
}

void cil_sockets(struct cil *c)
{
	char socket[TYPE_CAP], file[TYPE_CAP];
	socket_type(c->s, socket);
	cil_why(c, "SocketContext");
	if (c->s->selinux.socket.n > 0) {
		cil_rule(c, "(call socket_label (%s))", socket);
		if (c->s->unit.type == TYPE_NOTIFY || c->s->unit.watchdog_ms > 0)
			cil_rule(c, "(call say_ready (%s %s))", c->domain, socket);
	}
	cil_why(c, "[Socket]");
	for (size_t i = 0; i < c->s->sockets.count; i++) {
		const struct sockets_address *a = &c->s->sockets.listen[i];
		file_type(c->s, c->name, a, file);
		label_file(c, a, file);
		one_socket(c, a, socket, file);
	}
	cil_why(c, NULL);
}

/* True if a service listens at this path; then it may be called. */
bool cil_reach_socket(struct cil *c, struct span path)
{
	char socket[TYPE_CAP], file[TYPE_CAP], name[CIL_NAME];
	for (size_t i = 0; i < c->set->count; i++) {
		const struct service *s = c->set->service[i];
		for (size_t k = 0; k < s->sockets.count; k++) {
			const struct sockets_address *a = &s->sockets.listen[k];
			if (a->family != SOCKET_PATH || !span_same(a->path, path) || s->diag.errors > 0)
				continue;
			socket_type(s, socket);
			if (cil_name(s, name))
				file_type(s, name, a, file);
			else /* it runs without a module, and so without a type of its own */
				snprintf(file, sizeof(file), "%s", s->selinux.socket.n > 0 ? socket : "run_t");
			cil_rule(c, "(call reach_handed (%s %s %s))", c->domain, file, socket);
			return true;
		}
	}
	return false;
}

bool cil_speaks(const struct cil *c, int family, int protocol)
{
	return seccomp_speaks(&c->s->seccomp, family, protocol);
}
