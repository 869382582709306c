/* SPDX-License-Identifier: MIT
 * The contents of a private network besides its loopback: interfaces of the host, moved in, and one
 * end of a veth(4) pair, the other end of which is a port of a bridge. The pair is removed with the
 * namespace. So would be a moved interface that is not hardware; hence network_return_netdevs().
 */
#include "walls/network/link.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

bool network_is_configured(const struct plan *p, const struct network_plan *n)
{
	return n->interfaces.count > 0 || plan_text(p, n->bridge)[0];
}

/* ---- moving in ---- */

static int bring_up(int inside, const char *name, struct wall_why *why)
{
	struct network_message m;
	int index = network_find(inside, name, NULL, why);
	if (index <= 0)
		return index < 0 ? index : wall_failed2(why, -ENODEV, "interface", name);
	network_ask_up(&m, index);
	return network_talk(inside, &m, "up", name, why);
}

static int move_in(int host, int inside, int ns, const char *name, struct wall_why *why)
{
	struct network_message m;
	int index = network_find(host, name, NULL, why);
	if (index <= 0)
		return index < 0 ? index : wall_failed2(why, -ENODEV, "the host has no interface", name);
	network_ask_move(&m, index, ns, NULL);
	int err = network_talk(host, &m, "moving", name, why);
	/* The kernel takes an interface down when it moves, and its addresses away. */
	return err < 0 ? err : bring_up(inside, name, why);
}

/* ---- the pair ---- */

static int make_bridge(int host, const char *name, const struct network_address *a,
	struct wall_why *why)
{
	struct network_message m;
	if (!a->family)
		return wall_failed2(why, -ENODEV, "without bridge-address= there must be a bridge", name);
	network_ask_bridge(&m, name);
	int err = network_talk(host, &m, "making bridge", name, why);
	if (err < 0 && err != -EEXIST) /* another service was faster */
		return err;
	int index = network_find(host, name, NULL, why);
	if (index <= 0)
		return index < 0 ? index : wall_failed2(why, -ENODEV, "bridge", name);
	network_ask_address(&m, index, a);
	err = network_talk(host, &m, "address of bridge", name, why);
	return err < 0 && err != -EEXIST ? err : index;
}

/* The end of an earlier life, whose namespace the kernel has not yet taken down: that happens
 * behind everybody's back. */
static int clear_name(int host, const char *name, struct wall_why *why)
{
	struct network_answer a;
	struct network_message m;
	int index = network_find(host, name, &a, why);
	if (index <= 0)
		return index;
	if (!a.is_veth)
		return wall_failed2(why, -EEXIST, "the host has an interface of another kind named", name);
	network_ask_delete(&m, index);
	int err = network_talk(host, &m, "removing", name, why);
	return err == -ENODEV ? 0 : err;
}

static int plug_in(int host, const char *outside, int bridge, struct wall_why *why)
{
	struct network_message m;
	int index = network_find(host, outside, NULL, why);
	if (index <= 0)
		return index < 0 ? index : wall_failed2(why, -ENODEV, "veth", outside);
	network_ask_master(&m, index, bridge);
	return network_talk(host, &m, "joining the bridge with", outside, why);
}

static int set_addresses(const struct plan *p, const struct network_plan *n, int inside, int index,
	struct wall_why *why)
{
	const struct network_address *a = plan_elements(p, n->addresses, sizeof(*a));
	const struct network_address *g = plan_elements(p, n->gateways, sizeof(*g));
	const char *name = plan_text(p, n->inside);
	struct network_message m;
	int err = 0;
	for (uint32_t i = 0; a && i < n->addresses.count && err == 0; i++) {
		network_ask_address(&m, index, &a[i]);
		err = network_talk(inside, &m, "address of", name, why);
	}
	if (err == 0) {
		network_ask_up(&m, index);
		err = network_talk(inside, &m, "up", name, why);
	}
	for (uint32_t i = 0; g && i < n->gateways.count && err == 0; i++) { /* reachable only now */
		network_ask_gateway(&m, index, &g[i]);
		err = network_talk(inside, &m, "gateway of", name, why);
	}
	return err;
}

static int make_pair(const struct plan *p, const struct network_plan *n, int host, int inside,
	int ns, struct wall_why *why)
{
	const char *outside = plan_text(p, n->outside), *name = plan_text(p, n->inside),
			   *bridge = plan_text(p, n->bridge);
	struct network_message m;
	int port = network_find(host, bridge, NULL, why);
	if (port == 0)
		port = make_bridge(host, bridge, &n->bridge_address, why);
	int err = port < 0 ? port : clear_name(host, outside, why);
	if (err < 0)
		return err;
	network_ask_veth(&m, outside, name, ns, n->mac);
	err = network_talk(host, &m, "making veth", outside, why);
	if (err == 0)
		err = plug_in(host, outside, port, why);
	int index = err < 0 ? err : network_find(inside, name, NULL, why);
	if (index <= 0)
		return index < 0 ? index : wall_failed2(why, -ENODEV, "veth", name);
	return set_addresses(p, n, inside, index, why);
}

int network_configure(const struct plan *p, const struct network_plan *n, int host, int ns,
	struct wall_why *why)
{
	const plan_str *names = plan_elements(p, n->interfaces, sizeof(*names));
	int inside = network_socket(why), err = 0;
	if (inside < 0)
		return inside;
	for (uint32_t i = 0; names && i < n->interfaces.count && err == 0; i++)
		err = move_in(host, inside, ns, plan_text(p, names[i]), why);
	if (err == 0 && plan_text(p, n->bridge)[0])
		err = make_pair(p, n, host, inside, ns, why);
	close(inside);
	return err;
}

/* ---- moving back ---- */

static int move_back(int inside, int home, const char *name, struct wall_why *why)
{
	struct network_message m;
	int index = network_find(inside, name, NULL, why);
	if (index <= 0)
		return index;
	network_ask_move(&m, index, home, NULL);
	int err = network_talk(inside, &m, "giving back", name, why);
	if (err != -EEXIST)
		return err;
	/* The host has another of that name by now: under a name that it chooses, rather than lost
	 * with the namespace. */
	network_ask_move(&m, index, home, "back%d");
	network_talk(inside, &m, "giving back", name, why);
	return wall_failed2(why, err,
		"given back as back0 or the like, the host has another interface named", name);
}

int network_return_netdevs(const struct plan *p, const struct network_plan *n, int ns,
	struct wall_why *why)
{
	const plan_str *names = plan_elements(p, n->interfaces, sizeof(*names));
	struct wall_why ignored = {0};
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), first = 0;
	if (home < 0)
		return wall_failed(why, -errno, "/proc/self/ns/net");
	int err = sys_setns(ns, CLONE_NEWNET);
	int inside = err < 0 ? wall_failed(why, err, "setns") : network_socket(why);
	if (inside < 0)
		return inside;
	for (uint32_t i = 0; names && i < n->interfaces.count; i++) {
		err = move_back(inside, home, plan_text(p, names[i]), first ? &ignored : why);
		first = first ? first : err;
	}
	close(inside);
	close(home);
	return first;
}
