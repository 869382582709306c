/* SPDX-License-Identifier: MIT
 * Building and reading rtnetlink messages: see message.h. Numbers are in the machine's byte order,
 * addresses in network byte order.
 */
#include "walls/network/message.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

static void put_bytes(struct network_message *m, const void *bytes, size_t n)
{
	size_t padded = NLMSG_ALIGN(n);
	if (m->full || padded > sizeof(m->bytes) - m->n) {
		m->full = true;
		return;
	}
	memset(m->bytes + m->n, 0, padded);
	if (n > 0)
		memcpy(m->bytes + m->n, bytes, n);
	m->n += padded;
}

static void begin_message(struct network_message *m, uint16_t type, uint16_t flags,
	const void *body, size_t n)
{
	const struct nlmsghdr head = {.nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
		.nlmsg_seq = NETWORK_SEQUENCE};
	m->n = 0;
	m->full = false;
	put_bytes(m, &head, sizeof(head));
	put_bytes(m, body, n);
}

static void begin_link(struct network_message *m, uint16_t type, uint16_t flags, int index,
	unsigned up)
{
	const struct ifinfomsg link = {.ifi_family = AF_UNSPEC,
		.ifi_index = index,
		.ifi_flags = up,
		.ifi_change = up};
	begin_message(m, type, flags, &link, sizeof(link));
}

static void attribute(struct network_message *m, uint16_t type, const void *bytes, size_t n)
{
	const struct rtattr head = {.rta_len = (uint16_t)(RTA_LENGTH(0) + n), .rta_type = type};
	put_bytes(m, &head, sizeof(head));
	put_bytes(m, bytes, n);
}

static void text(struct network_message *m, uint16_t type, const char *value)
{
	attribute(m, type, value, strlen(value) + 1);
}

static void number(struct network_message *m, uint16_t type, int value)
{
	attribute(m, type, &value, sizeof(value));
}

/* An attribute that holds others: what comes between open and shut. */
static size_t open_nest(struct network_message *m, uint16_t type)
{
	size_t at = m->n;
	attribute(m, type, NULL, 0);
	return at;
}

static void shut_nest(struct network_message *m, size_t at)
{
	struct rtattr head;
	if (m->full)
		return;
	memcpy(&head, m->bytes + at, sizeof(head));
	head.rta_len = (uint16_t)(m->n - at);
	memcpy(m->bytes + at, &head, sizeof(head));
}

static void finish_message(struct network_message *m)
{
	uint32_t n = (uint32_t)m->n;
	memcpy(m->bytes + offsetof(struct nlmsghdr, nlmsg_len), &n, sizeof(n));
}

void network_ask_link(struct network_message *m, const char *name)
{
	begin_link(m, RTM_GETLINK, 0, 0, 0);
	text(m, IFLA_IFNAME, name);
	finish_message(m);
}

void network_ask_move(struct network_message *m, int index, int ns, const char *new_name)
{
	begin_link(m, RTM_NEWLINK, NLM_F_ACK, index, 0);
	number(m, IFLA_NET_NS_FD, ns);
	if (new_name)
		text(m, IFLA_IFNAME, new_name);
	finish_message(m);
}

void network_ask_up(struct network_message *m, int index)
{
	begin_link(m, RTM_NEWLINK, NLM_F_ACK, index, IFF_UP);
	finish_message(m);
}

void network_ask_master(struct network_message *m, int index, int master)
{
	begin_link(m, RTM_NEWLINK, NLM_F_ACK, index, IFF_UP);
	number(m, IFLA_MASTER, master);
	finish_message(m);
}

void network_ask_delete(struct network_message *m, int index)
{
	begin_link(m, RTM_DELLINK, NLM_F_ACK, index, 0);
	finish_message(m);
}

void network_ask_bridge(struct network_message *m, const char *name)
{
	begin_link(m, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 0, IFF_UP);
	text(m, IFLA_IFNAME, name);
	size_t info = open_nest(m, IFLA_LINKINFO);
	text(m, IFLA_INFO_KIND, "bridge");
	shut_nest(m, info);
	finish_message(m);
}

void network_ask_veth(struct network_message *m, const char *outside, const char *inside, int ns,
	const uint8_t mac[6])
{
	static const uint8_t any[6];
	const struct ifinfomsg peer = {.ifi_family = AF_UNSPEC};
	begin_link(m, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 0, 0);
	text(m, IFLA_IFNAME, outside);
	size_t info = open_nest(m, IFLA_LINKINFO);
	text(m, IFLA_INFO_KIND, "veth");
	size_t data = open_nest(m, IFLA_INFO_DATA), other = open_nest(m, VETH_INFO_PEER);
	put_bytes(m, &peer, sizeof(peer));
	text(m, IFLA_IFNAME, inside);
	number(m, IFLA_NET_NS_FD, ns);
	if (memcmp(mac, any, sizeof(any)) != 0)
		attribute(m, IFLA_ADDRESS, mac, sizeof(any));
	shut_nest(m, other);
	shut_nest(m, data);
	shut_nest(m, info);
	finish_message(m);
}

static size_t address_size(const struct network_address *a)
{
	return a->family == AF_INET6 ? 16 : 4;
}

void network_ask_address(struct network_message *m, int index, const struct network_address *a)
{
	/* Without IFA_F_NODAD an IPv6 address can't be used for a second or two, while the service
	 * starts (RFC 4862). */
	const struct ifaddrmsg body = {.ifa_family = a->family,
		.ifa_prefixlen = a->prefix,
		.ifa_flags = a->family == AF_INET6 ? IFA_F_NODAD : 0,
		.ifa_index = (unsigned)index};
	begin_message(m, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
	attribute(m, IFA_LOCAL, a->bytes, address_size(a));
	attribute(m, IFA_ADDRESS, a->bytes, address_size(a));
	if (a->family == AF_INET && a->prefix < 31) { /* RFC 3021: a /31 has no broadcast address */
		uint32_t host = htonl(UINT32_MAX >> a->prefix), all;
		memcpy(&all, a->bytes, sizeof(all));
		all |= host;
		attribute(m, IFA_BROADCAST, &all, sizeof(all));
	}
	finish_message(m);
}

void network_ask_gateway(struct network_message *m, int index, const struct network_address *a)
{
	const struct rtmsg body = {.rtm_family = a->family,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST};
	begin_message(m, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
	attribute(m, RTA_GATEWAY, a->bytes, address_size(a));
	number(m, RTA_OIF, index);
	finish_message(m);
}

/* ---- answers ---- */

struct bytes {
	const unsigned char *at;
	size_t n;
};

/* The next attribute of *rest; one that does not fit ends the walk. */
static bool next_attribute(struct bytes *rest, uint16_t *type, struct bytes *value)
{
	struct rtattr head;
	if (rest->n < sizeof(head))
		return false;
	memcpy(&head, rest->at, sizeof(head));
	if (head.rta_len < sizeof(head) || head.rta_len > rest->n)
		return false;
	size_t whole = RTA_ALIGN(head.rta_len);
	*type = (uint16_t)(head.rta_type & (unsigned)NLA_TYPE_MASK);
	*value = (struct bytes){rest->at + sizeof(head), head.rta_len - sizeof(head)};
	whole = whole < rest->n ? whole : rest->n;
	*rest = (struct bytes){rest->at + whole, rest->n - whole};
	return true;
}

static bool find_attribute(struct bytes in, uint16_t wanted, struct bytes *value)
{
	uint16_t type;
	while (next_attribute(&in, &type, value))
		if (type == wanted)
			return true;
	return false;
}

static void read_error(struct bytes body, bool capped, struct network_answer *a)
{
	struct nlmsgerr e;
	struct bytes said;
	a->err = -EPROTO;
	if (body.n < sizeof(e))
		return;
	memcpy(&e, body.at, sizeof(e));
	a->err = e.error;
	/* What was asked is repeated behind the error, unless it is capped (NETLINK_CAP_ACK). */
	size_t skip = sizeof(e) +
		(capped || e.msg.nlmsg_len < sizeof(e.msg) ? 0
												   : NLMSG_ALIGN(e.msg.nlmsg_len) - sizeof(e.msg));
	if (skip >= body.n ||
		!find_attribute((struct bytes){body.at + skip, body.n - skip}, NLMSGERR_ATTR_MSG, &said))
		return;
	size_t n = said.n < sizeof(a->text) - 1 ? said.n : sizeof(a->text) - 1;
	for (size_t i = 0; i < n && said.at[i]; i++)
		a->text[i] = (char)said.at[i];
}

static void read_link(struct bytes body, struct network_answer *a)
{
	struct ifinfomsg link;
	struct bytes info, kind;
	if (body.n < sizeof(link)) {
		a->err = -EPROTO;
		return;
	}
	memcpy(&link, body.at, sizeof(link));
	a->index = link.ifi_index;
	size_t skip = NLMSG_ALIGN(sizeof(link));
	if (skip < body.n &&
		find_attribute((struct bytes){body.at + skip, body.n - skip}, IFLA_LINKINFO, &info) &&
		find_attribute(info, IFLA_INFO_KIND, &kind))
		a->is_veth = kind.n >= 4 && memcmp(kind.at, "veth", 4) == 0 &&
			(kind.n == 4 || kind.at[4] == 0);
}

bool network_read_answer(const void *bytes, size_t n, struct network_answer *a)
{
	struct nlmsghdr head;
	*a = (struct network_answer){0};
	if (n < sizeof(head))
		return false;
	memcpy(&head, bytes, sizeof(head));
	if (head.nlmsg_seq != NETWORK_SEQUENCE || head.nlmsg_len < sizeof(head))
		return false;
	size_t whole = head.nlmsg_len < n ? head.nlmsg_len : n;
	struct bytes body = {(const unsigned char *)bytes + NLMSG_HDRLEN, whole - NLMSG_HDRLEN};
	if (head.nlmsg_type == NLMSG_ERROR)
		read_error(body, head.nlmsg_flags & NLM_F_CAPPED, a);
	else if (head.nlmsg_type == RTM_NEWLINK)
		read_link(body, a);
	else
		return false;
	return true;
}
