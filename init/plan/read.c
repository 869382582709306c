/* SPDX-License-Identifier: MIT
 * Total accessors of a plan: see plan.h. They rely on what plan_open() has checked about the
 * header, and on nothing else: every list and offset is checked again, so that no argument can lead
 * outside. A plan of all zeros reads as empty.
 */
#include "plan/plan.h"
#include "base/count.h"
#include <linux/audit.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the plan is little endian, and is read in place"
#endif

_Static_assert(sizeof(struct plan_header) % 8 == 0, "what follows the header is aligned to 8");
_Static_assert(sizeof(struct plan_service) % 8 == 0, "what follows the services is aligned to 8");

uint32_t plan_native_arch(void)
{
#if defined(__x86_64__)
	return AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
	return AUDIT_ARCH_AARCH64;
#elif defined(__arm__)
	return AUDIT_ARCH_ARM;
#else
#error "which AUDIT_ARCH_ is this?"
#endif
}

const char *plan_error_text(enum plan_error e)
{
	static const char *const text[] = {
		[PLAN_OK] = "no error",
		[PLAN_TOO_SMALL] = "shorter than its header",
		[PLAN_BAD_MAGIC] = "not a plan",
		[PLAN_BAD_VERSION] = "made for another version of bulkhead",
		[PLAN_BAD_ARCH] = "made for another architecture",
		[PLAN_BAD_SIZE] = "truncated, too large, or not aligned",
		[PLAN_BAD_CHECKSUM] = "damaged: the checksum does not match",
		[PLAN_BAD_STRINGS] = "its strings are out of bounds",
		[PLAN_BAD_SERVICE] = "a service has an impossible value",
		[PLAN_BAD_LIST] = "a list is out of bounds or has an impossible element",
		[PLAN_BAD_EDGE] = "a dependency has no target",
		[PLAN_BAD_BLOB] = "a wall is out of bounds",
		[PLAN_BAD_MACHINE] = "a setting of the machine is impossible",
	};
	unsigned i = (unsigned)e;
	return i < COUNT(text) ? text[i] : "unknown error";
}

const struct plan_header *plan_header(const struct plan *p)
{
	return p->size >= sizeof(struct plan_header) ? (const void *)p->base : NULL;
}

uint32_t plan_service_count(const struct plan *p)
{
	const struct plan_header *h = plan_header(p);
	return h ? h->services.count : 0;
}

/* `count` elements of `size` bytes at `off`: wholly behind the header and inside? Written so
 * that nothing can overflow. */
static const void *inside(const struct plan *p, uint32_t off, size_t count, size_t size)
{
	if (count == 0 || size == 0 || off % 8 != 0)
		return NULL;
	if (off < sizeof(struct plan_header) || off > p->size)
		return NULL;
	return count <= (p->size - off) / size ? p->base + off : NULL;
}

const void *plan_elements(const struct plan *p, struct plan_list list, size_t element_size)
{
	return inside(p, list.off, list.count, element_size);
}

const struct plan_service *plan_service(const struct plan *p, uint32_t index)
{
	if (index >= plan_service_count(p))
		return NULL;
	const struct plan_service *all = plan_elements(p, plan_header(p)->services, sizeof(*all));
	return all ? all + index : NULL;
}

int plan_find(const struct plan *p, const char *name)
{
	for (uint32_t i = 0; i < plan_service_count(p); i++) {
		const struct plan_service *s = plan_service(p, i);
		if (s && strcmp(plan_text(p, s->name), name) == 0)
			return (int)i;
	}
	return -1;
}

const char *plan_text(const struct plan *p, plan_str s)
{
	const struct plan_header *h = plan_header(p);
	/* The pool's last byte is NUL, so whatever starts inside it ends inside it. */
	return h && s > 0 && s < h->strings_size ? (const char *)p->base + h->strings_off + s : "";
}

const void *plan_wall(const struct plan *p, const struct plan_service *s, enum plan_wall wall,
	size_t size)
{
	if ((unsigned)wall >= WALL_COUNT || s->wall[wall].size < size)
		return NULL;
	return inside(p, s->wall[wall].off, s->wall[wall].size, 1);
}

bool plan_notifies(const struct plan_service *s)
{
	return (s->type == TYPE_NOTIFY && s->notification_fd < 0) || s->watchdog_ms != 0;
}
