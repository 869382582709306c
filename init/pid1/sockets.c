/* SPDX-License-Identifier: MIT
 * Listening sockets: see sockets.h. The places are few and looked through from the first to the
 * last. */
#include "pid1/sockets.h"
#include "pid1/discard.h"
#include "pid1/loop.h"
#include "pid1/receive.h"
#include "pid1/spawn.h"
#include "pid1/sockets_far.h"
#include <errno.h>
#include <string.h>

static const struct listener *find(const struct pid1 *s, uint32_t service, uint32_t index)
{
	for (uint32_t i = 0; i < CONFIG_MAX_SOCKETS; i++)
		if (s->listener[i].fd > 0 && s->listener[i].service == service && s->listener[i].index == index)
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

void sockets_label_of(struct pid1 *s, const struct plan *p, uint32_t service, struct sockets_label *label)
{
	const struct plan_service *ps = plan_service(p, service);
	const char *context = plan_text(p, ps->socket_context);
	*label = (struct sockets_label){context[0] && s->selinux ? context : NULL, ps->flags & SERVICE_LABELLED};
	s->runtime[service].unlabelled = context[0] && !s->selinux;
}

void sockets_note_label(struct pid1 *s, uint32_t service, const struct wall_why *why)
{
	if (why->absent & OPTIONAL_SELINUX)
		s->runtime[service].unlabelled = 1;
}

/* Its place is written once it listens: a half-made one would be taken for a whole one after a
 * crash. */
static int open_one(struct pid1 *s, const struct plan *p, uint32_t service, uint32_t index, uint64_t end_ms, struct wall_why *why)
{
	const struct plan_service *ps = plan_service(p, service);
	const struct plan_socket *all = plan_elements(p, ps->sockets, sizeof *all);
	struct listener *place = find_free(s);
	struct sockets_label label;
	if (!place)
		return wall_failed(why, -EMFILE, "no place for another one (CONFIG_MAX_SOCKETS)");
	sockets_label_of(s, p, service, &label);
	int fd = sockets_far_open(s, p, &all[index], &label, end_ms, why);
	if (fd < 0)
		return fd;
	sockets_note_label(s, service, why);
	fd = spawn_lift(fd);
	if (fd < 0)
		return wall_failed(why, fd, plan_text(p, all[index].text));
	*place = (struct listener){.service = (uint16_t)service, .index = (uint16_t)index};
	place->fd = fd;
	return 0;
}

int sockets_prepare(struct pid1 *s, const struct plan *p, uint32_t service, struct wall_why *why)
{
	uint32_t count = plan_service(p, service)->sockets.count;
	uint64_t end_ms = now_ms() + SOCKETS_FAR_MS;
	for (uint32_t i = 0; i < count; i++) {
		int err = find(s, service, i) ? 0 : open_one(s, p, service, i, end_ms, why);
		if (err < 0)
			return err;
	}
	return 0;
}

static void watch(struct pid1 *s, uint32_t service, bool on)
{
	for (uint32_t i = 0; i < CONFIG_MAX_SOCKETS; i++) {
		const struct listener *l = &s->listener[i];
		if (l->fd <= 0 || l->service != service)
			continue;
		if (on)
			loop_watch(s, l->fd, EPOLLIN, WATCH_SOCKET, i);
		else
			loop_unwatch(s, l->fd);
	}
}

void sockets_listen(struct pid1 *s, const struct plan *p, uint32_t service)
{
	struct wall_why why = {.optional = plan_service(p, service)->optional_walls};
	int err = sockets_prepare(s, p, service, &why);
	if (err < 0) {
		spawn_failed(s, p, service, SLOT_MAIN, "socket", err, why.text);
		return;
	}
	s->runtime[service].why[0] = 0;
	watch(s, service, true);
}

void sockets_called(struct pid1 *s, const struct plan *p, uint32_t place)
{
	if (place >= CONFIG_MAX_SOCKETS || s->listener[place].fd <= 0 || s->listener[place].service >= s->core.count)
		return;
	uint32_t service = s->listener[place].service;
	watch(s, service, false);
	tell_core(s, p, EV_CONNECT, service, SLOT_MAIN, 0);
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

static bool is_over(const struct pid1 *s, const struct listener *l)
{
	uint8_t state = l->service < s->core.count ? s->core.service[l->service].state : SVC_DOWN;
	return state == SVC_DOWN || state == SVC_FAILED || state == SVC_REFUSED || state == SVC_SKIPPED;
}

/* The file goes first: who comes in between is turned away, and not kept waiting for nobody. */
static void shut(struct pid1 *s, const struct plan *p, struct listener *l)
{
	const struct plan_service *ps = plan_service(p, l->service);
	const struct plan_socket *all = ps ? plan_elements(p, ps->sockets, sizeof *all) : NULL;
	if (all && l->index < ps->sockets.count)
		sockets_far_remove(s, p, &all[l->index]);
	if (all && l->index < ps->sockets.count && all[l->index].family != SOCKET_PATH) {
		loop_unwatch(s, l->fd);
		receive_close(l->fd); /* the service had it, and may have made a connection of it that lingers */
	} else {
		discard_close(s, &l->fd);
	}
	*l = (struct listener){0};
}

void sockets_tidy(struct pid1 *s, const struct plan *p)
{
	for (uint32_t i = 0; i < CONFIG_MAX_SOCKETS; i++)
		if (s->listener[i].fd > 0 && is_over(s, &s->listener[i]))
			shut(s, p, &s->listener[i]);
}
