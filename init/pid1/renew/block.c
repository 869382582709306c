/* SPDX-License-Identifier: MIT
 * The state block for another plan: see block.h. All that holds a service's index is here; the core
 * moves its own (core_move).
 */
#include "pid1/renew/block.h"
#include "pid1/service/reap.h"
#include "pid1/watch.h"
#include <errno.h>
#include <stddef.h>
#include <string.h>

static uint32_t moved(const struct pid1 *s, const uint16_t *index, uint32_t i)
{
	return i < s->core.count ? index[i] : CORE_GONE;
}

static void move_runtime(struct pid1 *n, const struct pid1 *s, const uint16_t *index)
{
	reap_empty_runtime(n, CONFIG_MAX_SERVICES);
	for (uint32_t i = 0; i < s->core.count; i++) {
		uint32_t j = index[i];
		if (j == CORE_GONE)
			continue;
		n->runtime[j] = s->runtime[i];
		n->runtime[j].asked.service = (uint16_t)j;
		n->runtime[j].log_sent = 0; /* bulkhead-log is told of its new index */
	}
}

/* Who is in the middle of an answer about services would be told of others; who waits for one that
 * is not there any more waits for nothing. */
static void move_clients(struct pid1 *n, const struct pid1 *s, const uint16_t *index)
{
	for (uint32_t i = 0; i < CONFIG_MAX_CLIENTS; i++) {
		struct client *c = &n->client[i];
		uint32_t service = moved(s, index, c->cursor);
		if (c->service >= 0) {
			uint32_t of = moved(s, index, (uint32_t)c->service);
			c->service = of == CORE_GONE ? -1 : (int32_t)of;
		}
		if (c->state == CLIENT_WAITING && c->cursor == RELOAD_ALL)
			continue;
		if (c->state == CLIENT_WAITING && service != CORE_GONE) {
			c->cursor = service;
		} else if (c->state == CLIENT_WAITING || c->state == CLIENT_LISTING) {
			c->state = CLIENT_ENDING;
			c->cursor = UINT32_MAX;
			c->result = c->state == CLIENT_WAITING ? -ENOENT : -ECANCELED;
		} else if (c->state == CLIENT_ENDING) {
			c->cursor = service == CORE_GONE ? UINT32_MAX : service;
		}
	}
}

static void move_listeners(struct pid1 *n, const struct pid1 *s, const uint16_t *index)
{
	for (uint32_t i = 0; i < CONFIG_MAX_SOCKETS; i++) {
		struct listener *l = &n->listener[i];
		uint32_t service = moved(s, index, l->service);
		if (l->fd > 0 && service != CORE_GONE)
			l->service = (uint16_t)service;
		else
			*l = (struct listener){0};
	}
}

/* What comes back after it has stopped for the reload. */
static void call_back(struct pid1 *n, const struct pid1 *s, const struct plan *q,
	const uint16_t *index)
{
	for (uint32_t i = 0; i < s->core.count; i++) {
		const struct core_event ev = {.kind = EV_START, .service = index[i]};
		if (s->reload.back[i] && index[i] != CORE_GONE && !n->core.service[index[i]].wanted)
			core_event(&n->core, q, ev, now_ms());
	}
	memset(n->reload.back, 0, sizeof(n->reload.back));
}

void block_move(struct pid1 *n, const struct pid1 *s, const struct plan *q, const uint16_t *index)
{
	memcpy(n, s, offsetof(struct pid1, core));
	memcpy(n->client, s->client, sizeof(n->client));
	memcpy(n->listener, s->listener, sizeof(n->listener));
	core_move(&n->core, &s->core, q, index, now_ms());
	move_runtime(n, s, index);
	move_clients(n, s, index);
	move_listeners(n, s, index);
	n->hunt_for = moved(s, index, s->hunt_for);
	n->drain_at = 0;
	n->doing.kind = ACT_KIND_COUNT;
	n->log_epoch = s->log_epoch + 1;
	n->log_fence = s->log_fd >= 0;
	call_back(n, s, q, index);
}
