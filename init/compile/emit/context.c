/* SPDX-License-Identifier: MIT
 * From the whole service to what each wall may know of it: see context.h.
 */
#include "compile/emit/context.h"
#include "compile/check/check.h"

/* Who else needs to get at a private network besides the one process it is made for? Then PID 1
 * keeps it. */
static bool keeps_network(const struct service *s)
{
	size_t commands = 0;
	for (int which = 0; which < EXEC_COUNT; which++)
		commands += s->exec_count[which];
	return s->network.mode == NETWORK_PRIVATE &&
		(s->joined || commands > 1 || network_conf_is_configured(&s->network));
}

static void add_streams(const struct service *s, struct wall_context *c)
{
	for (int fd = 0; fd < 3; fd++) {
		c->tty = s->unit.stdio[fd].kind == STDIO_TTY ? s->unit.tty : c->tty;
		c->console |= s->unit.stdio[fd].kind == STDIO_CONSOLE;
		c->kmsg |= s->unit.stdio[fd].kind == STDIO_KMSG;
	}
}

static void add_namespaces(const struct service *s, struct wall_context *c)
{
	uint32_t own = s->namespaces.own;
	c->own_mounts = own & NS_MOUNT;
	c->own_pids = own & NS_PID;
	c->own_user = own & NS_USER;
	c->own_network = own & NS_NETWORK;
}

struct rules {
	struct landlock_conf_rule *list;
	size_t count;
};

static void add_access(void *user, struct span path, uint32_t access)
{
	static const uint32_t may[] = {
		[FS_ACCESS_EXECUTE] = LANDLOCK_MAY_EXECUTE,
		[FS_ACCESS_MODIFY] = LANDLOCK_MAY_MODIFY,
		[FS_ACCESS_WRITE] = LANDLOCK_MAY_MODIFY | LANDLOCK_MAY_CREATE | LANDLOCK_MAY_CONTROL,
		[FS_ACCESS_DEVICES] = LANDLOCK_MAY_MODIFY | LANDLOCK_MAY_CONTROL,
	};
	struct rules *r = user;
	r->count = landlock_add(r->list, r->count, path, LANDLOCK_MAY_READ | may[access]);
}

/* Landlock's rules, from the file system's; 0: it is off, by the file or because the view is the
 * host's. */
static size_t landlock_rules(const struct service *s, struct landlock_conf_rule *list)
{
	struct rules r = {.list = list};
	if (s->landlock.mode == LANDLOCK_MODE_OFF || !(s->namespaces.own & NS_MOUNT))
		return 0;
	filesystem_writable(&s->filesystem, !(s->namespaces.own & NS_PID), add_access, &r);
	if (s->cgroup.delegate)
		add_access(&r, span_of("/sys/fs/cgroup"), FS_ACCESS_WRITE);
	return r.count;
}

const struct wall_context *context_of(const struct service *s)
{
	static struct landlock_conf_rule rules[LANDLOCK_MAX_RULES];
	static struct wall_context context;
	context = (struct wall_context){
		.service = s->name,
		.uid = s->ids.uid,
		.gid = s->ids.gid,
		.kernel_uid = s->ids.kernel_base + s->ids.uid,
		.kernel_gid = s->ids.kernel_base + s->ids.gid,
		.id_base = s->id_base,
		.ids = &s->ids,
		.bounding = capabilities_bounding(&s->capabilities),
		.no_new_privs = s->capabilities.no_new_privs,
		.host_network = s->network.mode == NETWORK_HOST,
		.network_kept = keeps_network(s),
		.network_owned = service_owns_network(s),
		.notify_socket = service_notifies(s),
		.delegate = s->cgroup.delegate,
		.device_rules = s->cgroup.devices_given,
		.own_root = filesystem_has_own_root(&s->filesystem),
		.loop = s->filesystem.root_image.n > 0,
		.nodes = s->filesystem.device,
		.node_count = s->filesystem.devices,
		.landlock = rules,
		.landlock_count = CONFIG_LANDLOCK ? landlock_rules(s, rules) : 0,
	};
	add_namespaces(s, &context);
	add_streams(s, &context);
	return &context;
}
