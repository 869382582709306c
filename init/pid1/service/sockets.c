/* SPDX-License-Identifier: MIT
 * Listening sockets: see sockets.h. There are few places, and they are searched from first to last.
 */
#include "pid1/service/sockets.h"
#include "engine/descriptors.h"
#include "engine/receive.h"
#include "pid1/service/ask.h"
#include "pid1/discard.h"
#include "pid1/service/label.h"
#include "pid1/service/sockets_far.h"
#include "pid1/watch.h"
#include <errno.h>
#include <sys/socket.h>

static const struct listener *find(const struct pid1 *s, uint32_t service, uint32_t index)
{
	for (uint32_t i = 0; i < CONFIG_MAX_SOCKETS; i++)
		if (s->listener[i].fd > 0 && s->listener[i].service == service &&
			s->listener[i].index == index)
			return &s->listener[i];
	return NULL;
}

static struct listener *find_free(struct pid1 *s)
{
	for (uint32_t i = 0; i < CONFIG_MAX_SOCKETS; i++)
		if (s->listener[i].fd <= 0)
			return &s->listener[i];
	return NULL;
}

/* Its place is written once it listens: a half-made one would be taken for a whole one after a
 * crash. */
static int keep(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t index, int fd,
	struct wall_why *why)
{
	const struct plan_socket *all = plan_elements(p, plan_service(p, service)->sockets,
		sizeof(*all));
	struct listener *place = find_free(s);
	if (!place || find(s, service, index)) {
		discard_close(s, &fd);
		return place ? 0
					 : wall_failed(why, -EMFILE, "no place for another one (CONFIG_MAX_SOCKETS)");
	}
	label_note(s, service, why);
	fd = descriptor_lift(fd);
	if (fd < 0)
		return wall_failed(why, fd, plan_text(p, all[index].text));
	*place = (struct listener){.service = (uint16_t)service, .index = (uint16_t)index};
	place->fd = fd;
	return 0;
}

int sockets_prepare(struct pid1 *s, const struct plan *p, const struct core_action *a,
	struct wall_why *why)
{
	const struct plan_list list = plan_service(p, a->service)->sockets;
	const struct plan_socket *all = plan_elements(p, list, sizeof(*all));
	struct sockets_label label;
	uint32_t far = 0;
	s->runtime[a->service].socket_files = 0; /* replaced */
	for (uint32_t i = 0; all && i < list.count && i < PLAN_MAX_SOCKETS; i++) {
		if (find(s, a->service, i))
			continue;
		if (sockets_far_is(p, &all[i])) {
			far |= 1u << i;
			continue;
		}
		label_of(s, p, a->service, &label);
		int fd = sockets_open(p, &all[i], &label, why);
		int err = fd < 0 ? fd : keep(s, p, a->service, i, fd, why);
		if (err < 0)
			return err;
	}
	if (!far)
		return 0;
	int err = sockets_far_open(s, p, a, far);
	return err == -EINPROGRESS ? err
							   : wall_failed(why, err, "no process can be started to open them");
}

/* ---- what a child has opened ---- */

/* SO_PEERCRED of who calls names who called listen(2) last: PID 1, and no child that is gone. */
static void listen_ourselves(const struct plan_socket *ps, int fd)
{
	if (ps->kind == SOCKET_STREAM || ps->kind == SOCKET_SEQPACKET)
		listen(fd, (int)ps->backlog);
}

/* All that is there. The first failure. */
static int take(struct pid1 *s, const struct plan *p, uint32_t service, struct wall_why *why)
{
	const struct plan_list list = plan_service(p, service)->sockets;
	const struct plan_socket *all = plan_elements(p, list, sizeof(*all));
	int err = 0, fd = -1;
	uint32_t index;
	for (uint32_t n = 0;
		 n <= PLAN_MAX_SOCKETS && err == 0 && sockets_far_next(s, service, &index, &fd, why); n++) {
		if (fd < 0 || !all || index >= list.count) {
			err = fd < 0 ? fd : -EPROTO;
			continue;
		}
		listen_ourselves(&all[index], fd);
		err = keep(s, p, service, index, fd, why);
		sockets_far_taken(s, service);
	}
	return err;
}

static int find_missing(const struct pid1 *s, const struct plan *p, uint32_t service)
{
	uint32_t count = plan_service(p, service)->sockets.count;
	for (uint32_t i = 0; i < count; i++)
		if (!find(s, service, i))
			return (int)i;
	return -1;
}

int sockets_heard(struct pid1 *s, const struct plan *p, uint32_t service, int result,
	struct wall_why *why)
{
	int err = take(s, p, service, why);
	if (err < 0)
		return err;
	if (result < 0 || find_missing(s, p, service) >= 0)
		return wall_failed(why, result == -EINTR || result == 0 ? -ECANCELED : result,
			"the process that opens them has not answered");
	return 0;
}

/* They are opened in turn: the first that is missing is the one. */
void sockets_cut(struct pid1 *s, const struct plan *p, uint32_t service, struct wall_why *why)
{
	const struct plan_socket *all = plan_elements(p, plan_service(p, service)->sockets,
		sizeof(*all));
	take(s, p, service, why);
	int missing = find_missing(s, p, service);
	wall_failed2(why, 0, "nothing answers at",
		all && missing >= 0 ? plan_text(p, all[missing].text) : "");
}

static void watch(struct pid1 *s, uint32_t service, bool on)
{
	for (uint32_t i = 0; i < CONFIG_MAX_SOCKETS; i++) {
		const struct listener *l = &s->listener[i];
		if (l->fd <= 0 || l->service != service)
			continue;
		if (on)
			watch_add(s, l->fd, EPOLLIN, WATCH_SOCKET, i);
		else
			watch_remove(s, l->fd);
	}
}

void sockets_listen(struct pid1 *s, const struct plan *p, const struct core_action *a)
{
	struct wall_why why = {.optional = plan_service(p, a->service)->optional_walls};
	int err = sockets_prepare(s, p, a, &why);
	if (err == -EINPROGRESS)
		return;
	if (err < 0) {
		post_failed(s, p, a->service, SLOT_MAIN, "socket", err, why.text);
		return;
	}
	s->runtime[a->service].why[0] = 0;
	watch(s, a->service, true);
	core_opening(&s->core, a->service, false);
}

void sockets_called(struct pid1 *s, const struct plan *p, uint32_t place)
{
	if (place >= CONFIG_MAX_SOCKETS || s->listener[place].fd <= 0 ||
		s->listener[place].service >= s->core.count)
		return;
	uint32_t service = s->listener[place].service;
	watch(s, service, false);
	post_event(s, p, EV_CONNECT, service, SLOT_MAIN, 0);
}

int sockets_hand(const struct pid1 *s, const struct plan *p, uint32_t service, int *fd)
{
	uint32_t count = plan_service(p, service)->sockets.count;
	for (uint32_t i = 0; i < count; i++) {
		const struct listener *l = find(s, service, i);
		if (!l)
			return -ENOENT;
		fd[i] = l->fd;
	}
	return (int)count;
}

static bool is_over(const struct pid1 *s, uint32_t service)
{
	uint8_t state = service < s->core.count ? s->core.service[service].state : SVC_DOWN;
	return core_state_is(state, STATE_AT_REST);
}

/* A file goes first: who comes in between is turned away, and not kept waiting for nobody. Is there
 * one for a child? */
static bool shut(struct pid1 *s, const struct plan *p, const struct plan_socket *ps,
	struct listener *l)
{
	bool is_far = ps && sockets_far_is(p, ps);
	if (ps && !is_far)
		sockets_remove(p, ps);
	if (ps && ps->family != SOCKET_PATH) {
		watch_remove(s, l->fd);
		/* the service had it, and may have made a connection of it that lingers */
		receive_close(l->fd);
	} else {
		discard_close(s, &l->fd);
	}
	*l = (struct listener){0};
	return is_far && ps->kind != SOCKET_FIFO; /* which stays */
}

static void shut_all(struct pid1 *s, const struct plan *p, uint32_t service)
{
	const struct plan_list list = plan_service(p, service)->sockets;
	const struct plan_socket *all = plan_elements(p, list, sizeof(*all));
	uint32_t files = 0;
	for (uint32_t i = 0; i < CONFIG_MAX_SOCKETS; i++) {
		struct listener *l = &s->listener[i];
		uint16_t index = l->index;
		bool known = all && index < list.count && index < PLAN_MAX_SOCKETS;
		if (l->fd > 0 && l->service == service && shut(s, p, known ? &all[index] : NULL, l))
			files |= 1u << index;
	}
	s->runtime[service].socket_files = files;
	sockets_remove_left(s, p, service);
}

void sockets_remove_left(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct runtime *r = &s->runtime[service];
	if (!r->socket_files || !is_over(s, service) || ask_is_out(s, service))
		return;
	sockets_far_remove(s, p, service, r->socket_files);
	r->socket_files = 0;
}

void sockets_tidy(struct pid1 *s, const struct plan *p)
{
	for (uint32_t i = 0; i < CONFIG_MAX_SOCKETS; i++) {
		struct listener *l = &s->listener[i];
		if (l->fd <= 0 || !is_over(s, l->service))
			continue;
		if (l->service >= s->core.count)
			shut(s, p, NULL, l);
		else
			shut_all(s, p, l->service);
	}
}
