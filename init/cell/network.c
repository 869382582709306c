/* SPDX-License-Identifier: MIT
 * The service's network namespace, from its plan and from what PID 1 has passed on.
 * walls/network/network.h says who makes it and when.
 */
#include "base/errname.h"
#include "base/feature.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "cell/cell.h"
#include "walls/network/network.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Before anything is moved in: should we be killed in the middle, PID 1 can still give it back. */
static int send_namespace(struct cell *c, int ns)
{
	struct report r = {.kind = REPORT_NETWORK};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.space = {0}};
	struct iovec iov = {&r, sizeof(r)};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space)};
	struct cmsghdr *h = CMSG_FIRSTHDR(&msg);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(ns));
	memcpy(CMSG_DATA(h), &ns, sizeof(ns));
	return sendmsg(CELL_FD_REPORT, &msg, MSG_NOSIGNAL) < 0
		? wall_failed(&c->why, -errno, "handing it to PID 1")
		: 0;
}

/* With the new namespace `ns` entered and the host's rtnetlink socket still open. */
static int configure(struct cell *c, int host, int ns)
{
	int err = network_loopback_up(&c->why);
	if (err == 0 && c->network->flags & NETWORK_KEPT)
		err = send_namespace(c, ns);
	if (CONFIG_INTERFACES && err == 0 && host >= 0)
		err = network_configure(&c->plan, c->network, host, ns, &c->why);
	return err;
}

static int open_host(struct cell *c, int *host)
{
	*host = -1;
	if (!CONFIG_INTERFACES)
		return c->network->interfaces.count || c->network->bridge
			? wall_left_out(&c->why, 0, feature_name(OF(INTERFACES)))
			: 0;
	if (!network_is_configured(&c->plan, c->network))
		return 0;
	*host = network_socket(&c->why);
	return *host < 0 ? *host : 0;
}

static void shut(int fd)
{
	if (fd >= 0)
		close(fd);
}

static int make_kept(struct cell *c)
{
	int host;
	int err = open_host(c, &host);
	if (err == 0)
		err = network_make(&c->why);
	int ns = err == 0 ? openat(c->proc, "self/ns/net", O_RDONLY | O_CLOEXEC) : -1;
	if (err == 0)
		err = ns < 0 ? wall_failed(&c->why, -errno, "ns/net") : configure(c, host, ns);
	shut(ns);
	shut(host);
	return err;
}

/* On a kernel without user namespaces, which the file then lets be missing, it is the one we are
 * in. */
static int find_user(struct cell *c)
{
	struct stat owner, mine;
	if (fstatat(c->proc, "self/ns/user", &mine, 0) < 0)
		return errno == ENOENT ? 0 : wall_failed(&c->why, -errno, "ns/user");
	c->user_ns = ioctl(CELL_FD_NETWORK, NS_GET_USERNS);
	if (c->user_ns < 0 || fstat(c->user_ns, &owner) < 0)
		return wall_failed(&c->why, -errno, "user namespace of the network");
	if (owner.st_ino == mine.st_ino && owner.st_dev == mine.st_dev) {
		close(c->user_ns);
		c->user_ns = -1;
	}
	return 0;
}

/* An earlier command of this service has made it; its user namespace comes with it. */
static int enter_kept(struct cell *c)
{
	int err = c->network->flags & NETWORK_OWNED ? find_user(c) : 0;
	return err < 0 ? err : network_enter(CELL_FD_NETWORK, &c->why);
}

static int raise_private(struct cell *c)
{
	if (c->network->flags & NETWORK_KEPT && c->has_network)
		return enter_kept(c);
	if (c->network->flags & NETWORK_OWNED)
		return 0; /* cell_network_owned */
	if (c->network->flags & NETWORK_KEPT)
		return make_kept(c);
	if (!(c->service->clone_flags & CLONE_NEWNET))
		return wall_failed(&c->why, -EINVAL, "it is not in the flags of the clone");
	return network_loopback_up(&c->why);
}

int cell_network(struct cell *c)
{
	const char *name = plan_text(&c->plan, c->network->name);
	switch ((enum network_mode)c->network->mode) {
	case NETWORK_HOST:
		return 0;
	case NETWORK_PRIVATE:
		return raise_private(c);
	case NETWORK_JOIN:
		if (!c->has_network)
			return wall_failed2(&c->why, -ENOENT, "there is no network of", name);
		return network_enter(CELL_FD_NETWORK, &c->why);
	case NETWORK_NAMED:
		return network_enter_named(name, &c->why);
	}
	return wall_failed(&c->why, -EINVAL, "which one?");
}

bool cell_clones_network(const struct cell *c)
{
	return c->network->mode == NETWORK_PRIVATE && c->network->flags & NETWORK_OWNED &&
		!(c->network->flags & NETWORK_KEPT && c->has_network);
}

int cell_network_owned(struct cell *c, int pid)
{
	char path[32];
	struct fmt f;
	int host;
	fmt_init(&f, path, sizeof(path));
	fmt_i64(&f, pid);
	fmt_str(&f, "/ns/net");
	int err = open_host(c, &host);
	if (err < 0)
		return err;
	int ns = openat(c->proc, path, O_RDONLY | O_CLOEXEC);
	err = ns < 0 ? wall_failed(&c->why, -errno, "ns/net of the service")
				 : network_enter(ns, &c->why);
	if (err == 0)
		err = configure(c, host, ns);
	shut(ns);
	shut(host);
	return err;
}

/* ---- CELL_GIVE_BACK ---- */

static void say_failed(const char *what, int err)
{
	char text[160];
	struct fmt f;
	fmt_init(&f, text, sizeof(text));
	fmt_strs(&f, "bulkhead: interfaces: ", what, ": ", err_name(-err), "\n", NULL);
	ssize_t done = write(STDERR_FILENO, text, f.len);
	(void)done;
}

int cell_return_netdevs(struct cell *c)
{
	int err = cell_find_network(c);
	if (CONFIG_INTERFACES && err == 0) /* without them there is nothing to give back */
		err = network_return_netdevs(&c->plan, c->network, CELL_FD_NETWORK, &c->why);
	if (err < 0)
		say_failed(c->why.text, err);
	return err < 0;
}
