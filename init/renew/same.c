/* SPDX-License-Identifier: MIT
 * Texts and walls of two plans: see same.h.
 */
#include "renew/same.h"
#include <string.h>

bool same_text(const struct pair *p, plan_str x, plan_str y)
{
	return strcmp(plan_text(p->a, x), plan_text(p->b, y)) == 0;
}

static bool same_elements(const struct pair *p, const struct shape *of, const void *x,
	const void *y)
{
	struct plan_list lx, ly;
	memcpy(&lx, x, sizeof(lx));
	memcpy(&ly, y, sizeof(ly));
	const unsigned char *ex = plan_elements(p->a, lx, of->size),
						*ey = plan_elements(p->b, ly, of->size);
	bool same = lx.count == ly.count && !ex == !ey;
	for (uint32_t i = 0; same && ex && ey && i < lx.count; i++)
		same = same_shape(p, of, ex + (size_t)i * of->size, ey + (size_t)i * of->size, SAME_ALL);
	return same;
}

static bool same_reference(const struct pair *p, const struct shape_reference *r,
	const unsigned char *x, const unsigned char *y)
{
	plan_str tx, ty;
	if (r->of)
		return same_elements(p, r->of, x + r->at, y + r->at);
	memcpy(&tx, x + r->at, sizeof(tx));
	memcpy(&ty, y + r->at, sizeof(ty));
	return same_text(p, tx, ty);
}

/* References deeply, and the bytes between them. Elements of lists are nested one deep. */
bool same_shape(const struct pair *p, const struct shape *shape, const unsigned char *x,
	const unsigned char *y, size_t but)
{
	size_t at = 0;
	for (uint32_t i = 0; i < shape->count; i++) {
		const struct shape_reference *r = &shape->reference[i];
		if (memcmp(x + at, y + at, r->at - at) != 0 ||
			(r->at != but && !same_reference(p, r, x, y)))
			return false;
		at = r->at + (r->of ? sizeof(struct plan_list) : sizeof(plan_str));
	}
	return memcmp(x + at, y + at, shape->size - at) == 0;
}

static const unsigned char *blob(const struct plan *p, const struct plan_blob *b, size_t size)
{
	const struct plan_list bytes = {b->off, b->size};
	return b->size == size ? plan_elements(p, bytes, 1) : NULL;
}

bool same_wall(const struct pair *p, uint32_t wall, const struct plan_blob *x,
	const struct plan_blob *y)
{
	const struct shape *shape = &shape_of_wall[wall];
	const unsigned char *bx = blob(p->a, x, shape->size), *by = blob(p->b, y, shape->size);
	if (x->size == 0 && y->size == 0)
		return true;
	return bx && by && same_shape(p, shape, bx, by, SAME_ALL);
}
