/* SPDX-License-Identifier: MIT
 * The service's network namespace (network_namespaces(7)): which one it is, and what it contains. A
 * private one is made by clone3 in PID 1 (plan_service.clone_flags). If PID 1 has to keep it
 * (NETWORK_KEPT: others join it, several commands of the service share it, or interfaces have to be
 * returned), the cell makes it and sends PID 1 its descriptor (REPORT_NETWORK) before anything is
 * moved in; later cells get it as CELL_FD_NETWORK. One that the service has power over
 * (NETWORK_OWNED) is made by the clone that makes its user namespace, because a namespace belongs
 * to the user namespace in which it is made (ioctl_ns(2), NS_GET_USERNS).
 *
 * Everything goes over rtnetlink(7), one request and its acknowledgement at a time. The kernel
 * answers within sendmsg(2), so nothing here waits.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "walls/apply.h"

#define NETWORK_NAME_MAX 16 /* IFNAMSIZ: an interface's name with its NUL */
#define NETWORK_MAX_INTERFACES 8
#define NETWORK_MAX_ADDRESSES 8

enum network_mode { NETWORK_PRIVATE, NETWORK_HOST, NETWORK_JOIN, NETWORK_NAMED };
enum network_flags {
	/* it belongs to the service's user namespace, whose capabilities are valid for it */
	NETWORK_OWNED = 1 << 0,
	NETWORK_KEPT = 1 << 1, /* PID 1 keeps a descriptor of it */
};

struct network_address {
	uint8_t family; /* AF_INET, AF_INET6; 0 = none */
	uint8_t prefix;
	uint8_t reserved[2];
	uint8_t bytes[16]; /* in network byte order */
};

struct network_plan {
	uint32_t mode;            /* enum network_mode */
	uint32_t flags;           /* enum network_flags, of a private one */
	plan_str name;            /* the service to join, or the namespace in /run/netns */
	plan_str bridge;          /* of the veth pair; "" = no pair */
	plan_str outside, inside; /* names of the two ends */
	uint8_t mac[6];           /* of the inner end; all zero: the kernel chooses */
	uint8_t reserved[2];
	struct network_address bridge_address; /* for a bridge that has to be made */
	struct plan_list interfaces;           /* of plan_str: interfaces of the host, moved in */
	struct plan_list addresses;            /* of struct network_address, for the inner end */
	struct plan_list gateways;             /* the same, prefix unused */
};

/* Apply half, for the cell. */
int network_enter(int ns, struct wall_why *why); /* setns(2) */
/* Enters /run/netns/NAME, as ip-netns(8) makes it. */
int network_enter_named(const char *name, struct wall_why *why);
int network_make(struct wall_why *why);        /* unshare(2) */
int network_loopback_up(struct wall_why *why); /* SIOCSIFFLAGS, netdevice(7) */
/* An rtnetlink socket of the caller's namespace, which the caller closes, or a negative errno. */
int network_socket(struct wall_why *why);
/* Whether there is more than a loopback. */
bool network_is_configured(const struct plan *p, const struct network_plan *n);
/* Moves interfaces in and makes the veth pair. `host` is a network_socket() of the host's
 * namespace; `ns` is the new one, which the caller is in. */
int network_configure(const struct plan *p, const struct network_plan *n, int host, int ns,
	struct wall_why *why);
/* Moves the interfaces from `ns` back to the caller's namespace, and leaves the caller in `ns`.
 * Interfaces that are gone are skipped. Goes on after a failure; returns 0 or the first error. */
int network_return_netdevs(const struct plan *p, const struct network_plan *n, int ns,
	struct wall_why *why);
