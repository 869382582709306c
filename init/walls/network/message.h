/* SPDX-License-Identifier: MIT
 * Messages of netlink(7) and rtnetlink(7), built and parsed in memory. There is no system call
 * here, so that a test can check each byte. A message that does not fit into its buffer is `full`
 * and is not sent.
 */
#pragma once
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include "walls/network/network.h"

#define NETWORK_SEQUENCE 1u /* of every request: there is one at a time */

struct network_message {
	unsigned char bytes[512] __attribute__((aligned(8)));
	size_t n;
	bool full;
};

/* Requests. Each asks for an acknowledgement, except network_ask_link(), whose answer is the link.
 * `ns` is a descriptor of a network namespace. */
void network_ask_link(struct network_message *m, const char *name);
/* new_name may be NULL */
void network_ask_move(struct network_message *m, int index, int ns, const char *new_name);
void network_ask_up(struct network_message *m, int index);
void network_ask_master(struct network_message *m, int index, int master);
void network_ask_delete(struct network_message *m, int index);
void network_ask_bridge(struct network_message *m, const char *name);
void network_ask_veth(struct network_message *m, const char *outside, const char *inside, int ns,
	const uint8_t mac[6]);
void network_ask_address(struct network_message *m, int index, const struct network_address *a);
void network_ask_gateway(struct network_message *m, int index, const struct network_address *a);

struct network_answer {
	int err;       /* acknowledgement: 0 or a negative errno */
	int index;     /* of a link */
	bool is_veth;  /* its kind (IFLA_INFO_KIND) is veth */
	char text[64]; /* the kernel's text (NLMSGERR_ATTR_MSG, 4.12), or "" */
};
/* Parses the first message of `bytes`, which are not trusted. False if there is none, or it is not
 * an answer to our request. A truncated link (MSG_TRUNC) is read as far as it goes. */
bool network_read_answer(const void *bytes, size_t n, struct network_answer *a);
