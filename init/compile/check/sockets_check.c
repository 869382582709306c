/* SPDX-License-Identifier: MIT
 * [Socket] against the rest of the file and against other services, each message with a way out;
 * then its part of the plan.
 */
#include "compile/check/check.h"
#include "base/count.h"
#include "compile/unit/directives.h"
#include "compile/unit/users.h"
#include <stdio.h>
#include <string.h>

static bool says(const struct service *s, enum directive_id directive)
{
	for (size_t i = 0; i < s->set_count; i++)
		if (s->set[i].directive == directive && s->set[i].layer != LAYER_DEFAULTS)
			return true;
	return false;
}

static struct diag *at(struct service *s, const struct sockets_address *a)
{
	diag_place(&s->diag, a->place.file, a->place.line, "Socket", sockets_directive(a->kind));
	return &s->diag;
}

/* Not by way of [Defaults], which speak to those that have sockets. */
/* ---- lines without effect ---- */

enum about { ABOUT_ANY, ABOUT_PATH, ABOUT_INTERNET, ABOUT_QUEUE, ABOUT_COUNT };

static bool concerns(const struct sockets_address *a, enum about what)
{
	if (what == ABOUT_PATH)
		return a->family == SOCKET_PATH;
	if (what == ABOUT_INTERNET)
		return sockets_is_internet(a);
	return what == ABOUT_ANY || a->kind == SOCKET_STREAM || a->kind == SOCKET_SEQPACKET;
}

static void check_effects(struct service *s)
{
	static const char *const lacks[ABOUT_COUNT] = {
		[ABOUT_ANY] = "a Listen... line",
		[ABOUT_PATH] = "a path to listen at",
		[ABOUT_INTERNET] = "a port to listen at",
		[ABOUT_QUEUE] = "ListenStream or ListenSequentialPacket",
	};
	static const struct {
		enum directive_id directive;
		enum about what;
	} keys[] = {{D_Socket_SocketMode, ABOUT_PATH}, {D_Socket_SocketUser, ABOUT_PATH},
		{D_Socket_SocketGroup, ABOUT_PATH}, {D_Socket_Backlog, ABOUT_QUEUE},
		{D_Socket_BindToDevice, ABOUT_INTERNET}, {D_Socket_FreeBind, ABOUT_INTERNET},
		{D_Socket_ReusePort, ABOUT_INTERNET}, {D_Socket_FileDescriptorName, ABOUT_ANY},
		{D_Socket_Activate, ABOUT_ANY}};
	for (size_t k = 0; k < COUNT(keys); k++) {
		bool found = false;
		for (size_t i = 0; i < s->sockets.count; i++)
			found = found || concerns(&s->sockets.listen[i], keys[k].what);
		/* With a bad one among them it may be that one. */
		if (!found && s->diag.errors == 0 && says(s, keys[k].directive))
			diag_error(service_at(s, keys[k].directive), "has no effect without %s",
				lacks[s->sockets.count ? keys[k].what : ABOUT_ANY]);
	}
}

/* ---- the service ---- */

static void check_service_of(struct service *s)
{
	struct diag *d = at(s, &s->sockets.listen[0]);
	size_t n = s->sockets.count;
	int fd = s->unit.notification_fd;
	if (s->unit.type == TYPE_GROUP || s->unit.type == TYPE_ONESHOT)
		diag_error(d,
			"a %s has no process that stays and could be handed a socket: use Type = simple or notify",
			s->unit.type == TYPE_GROUP ? "group" : "oneshot");
	if (s->logger)
		diag_error(d,
			"the log program is handed other descriptors: open the socket in a service of its own");
	if (fd >= PLAN_FIRST_SOCKET && fd < PLAN_FIRST_SOCKET + (int)n)
		diag_error(service_at(s, D_Service_NotificationFD),
			"%d is one of the sockets, which are 3 to %d: choose %d or higher", fd,
			PLAN_FIRST_SOCKET + (int)n - 1, PLAN_FIRST_SOCKET + (int)n);
	if (s->sockets.names > 1 && s->sockets.names != n)
		diag_error(service_at(s, D_Socket_FileDescriptorName),
			"has %zu names for %zu sockets: give one for all, or one for each in the order of their lines",
			s->sockets.names, n);
}

static void check_owner(struct service *s)
{
	struct sockets_conf *c = &s->sockets;
	if (c->user.n > 0)
		users_find(c->user, &c->uid, &c->gid, service_at(s, D_Socket_SocketUser));
	if (c->group.n > 0)
		users_find_group(c->group, &c->gid, service_at(s, D_Socket_SocketGroup));
}

/* ---- addresses ---- */

static bool is_link_local(const struct sockets_address *a)
{
	return a->family == SOCKET_IPV6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

/* By the cell at each start, or when the service stops. */
static bool is_emptied(const struct service *s, struct span path)
{
	const struct filesystem_conf *f = &s->filesystem;
	for (size_t i = 0;
		 f->runtime_ends != RUNTIME_STAYS && i < f->directory[DIRECTORY_RUNTIME].count; i++) {
		struct span name = f->directory[DIRECTORY_RUNTIME].name[i];
		if (path.n > 5 && span_starts(path, "/run/") &&
			span_below((struct span){path.p + 5, path.n - 5}, name))
			return true;
	}
	return false;
}

static void check_addresses(struct service *s)
{
	for (size_t i = 0; i < s->sockets.count; i++) {
		const struct sockets_address *a = &s->sockets.listen[i];
		if (is_link_local(a) && s->sockets.device.n == 0)
			diag_error(at(s, a),
				"%.*s is a link-local address, which every interface has: say which by BindToDevice",
				SPAN_ARGS(a->text));
		if (a->family == SOCKET_PATH && is_emptied(s, a->path))
			diag_error(at(s, a),
				"%.*s lies in RuntimeDirectory, which is emptied when the service stops: choose another path",
				SPAN_ARGS(a->path));
		/* A socket's packets are judged by the group in which it was made (cgroup_sk_alloc of
		 * the kernel): PID 1's. */
		if (sockets_is_internet(a) && s->cgroup.deny.count > 0)
			diag_error(at(s, a),
				"[Cgroup] IPAddressDeny does not reach sockets that PID 1 opens: leave out one of the two");
	}
}

void sockets_check(struct service *s)
{
	check_effects(s);
	if (s->sockets.count == 0)
		return;
	check_service_of(s);
	check_owner(s);
	check_addresses(s);
}

/* ---- between services ---- */

/* Of two that collide the later one is refused. */
static void check_pair(struct service *s, const struct service *other, bool later)
{
	for (size_t i = 0; i < s->sockets.count; i++) {
		if (s->sockets.listen[i].family == SOCKET_PATH &&
			is_emptied(other, s->sockets.listen[i].path))
			diag_error(at(s, &s->sockets.listen[i]),
				"%.*s lies in the RuntimeDirectory of %s, which is emptied when that stops: choose another path",
				SPAN_ARGS(s->sockets.listen[i].path), other->name);
		for (size_t k = 0; later && k < other->sockets.count; k++) {
			const struct sockets_address *a = &s->sockets.listen[i], *b = &other->sockets.listen[k];
			bool shared = sockets_is_internet(a) && s->sockets.reuse_port &&
				other->sockets.reuse_port;
			if (sockets_collide(a, b) && !shared)
				diag_error(at(s, a), "the service %s listens there too (%s = %.*s)%s", other->name,
					sockets_directive(b->kind), SPAN_ARGS(b->text),
					sockets_is_internet(a) ? ": choose another port, or say ReusePort = yes in both"
										   : ": choose another one");
		}
	}
}

void sockets_check_together(struct set *set)
{
	size_t total = 0;
	for (size_t i = 0; i < set->count; i++) {
		struct service *s = set->service[i];
		diag_silence(s->extra);
		for (size_t k = 0; k < set->count && s->diag.errors == 0; k++)
			if (k != i && set->service[k]->diag.errors == 0)
				check_pair(s, set->service[k], k < i);
		if (s->diag.errors == 0 && total + s->sockets.count > CONFIG_MAX_SOCKETS)
			diag_error(at(s, &s->sockets.listen[0]),
				"more than %d sockets in all services (CONFIG_MAX_SOCKETS)", CONFIG_MAX_SOCKETS);
		total += s->diag.errors == 0 ? s->sockets.count : 0;
	}
	diag_silence(false);
}

/* ---- the plan ---- */

static struct plan_socket encode(const struct sockets_conf *c, const struct sockets_address *a,
	struct plan_writer *w)
{
	struct plan_socket s = {
		.kind = a->kind,
		.family = a->family,
		.port = a->port,
		.flags = a->any ? SOCKET_ANY : 0,
		.path = plan_write_span(w, a->path),
		.text = plan_write_span(w, a->text),
		.protocol = a->protocol,
		.groups = a->groups,
		.backlog = concerns(a, ABOUT_QUEUE) ? c->backlog : 0,
	};
	memcpy(s.address, a->bytes, sizeof(s.address));
	if (sockets_is_internet(a)) {
		s.flags |= (c->free_bind ? SOCKET_FREE_BIND : 0u) |
			(c->reuse_port ? SOCKET_REUSE_PORT : 0u);
		s.device = plan_write_span(w, c->device);
	}
	if (a->family == SOCKET_PATH) {
		s.mode = c->mode;
		s.uid = c->uid;
		s.gid = c->gid;
	}
	return s;
}

static plan_str encode_names(const struct service *s, struct plan_writer *w)
{
	char text[PLAN_MAX_SOCKETS * 80] = "LISTEN_FDNAMES=";
	size_t n = strlen(text);
	for (size_t i = 0; i < s->sockets.count; i++) {
		struct span name = s->sockets.names == 0 ? span_of(s->name)
												 : s->sockets.name[s->sockets.names == 1 ? 0 : i];
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.*s", i ? ":" : "", SPAN_ARGS(name));
	}
	return plan_write_text(w, text);
}

void sockets_encode(const struct service *s, struct plan_service *p, struct plan_writer *w)
{
	const struct sockets_conf *c = &s->sockets;
	struct plan_socket list[PLAN_MAX_SOCKETS];
	p->socket_context = plan_write_span(w, s->selinux.socket);
	p->flags |= p->socket_context && s->selinux.required ? SERVICE_LABELLED : 0;
	if (!CONFIG_SOCKETS || c->count == 0)
		return;
	for (size_t i = 0; i < c->count; i++)
		list[i] = encode(c, &c->listen[i], w);
	p->sockets = plan_write_list(w, list, sizeof(list[0]), c->count);
	p->socket_names = encode_names(s, w);
	p->flags |= c->on_demand ? SERVICE_ON_DEMAND : 0;
}
