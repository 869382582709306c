/* SPDX-License-Identifier: MIT
 * Reading a plan. plan_open() checks everything once: magic, versions, architecture, size and
 * checksum; that every list and blob is inside and aligned, every string ends inside the pool,
 * every enum and index is in range, and the bounds of base/config.h hold. After that the accessors
 * are total: they never fail and never read outside, whatever their arguments. Pure; no allocation.
 */
#pragma once
#include "plan/format.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan {
	const unsigned char *base;
	size_t size;
};

enum plan_error {
	PLAN_OK,
	PLAN_TOO_SMALL,
	PLAN_BAD_MAGIC,
	PLAN_BAD_VERSION,
	PLAN_BAD_ARCH,
	PLAN_BAD_SIZE,
	PLAN_BAD_CHECKSUM,
	PLAN_BAD_STRINGS,
	PLAN_BAD_SERVICE,
	PLAN_BAD_LIST,
	PLAN_BAD_EDGE,
	PLAN_BAD_BLOB,
	PLAN_BAD_MACHINE,
};

/* AUDIT_ARCH_* of this build. */
uint32_t plan_native_arch(void);
/* Checks `bytes` and sets *plan. arch 0 accepts any architecture. The bytes stay the caller's, must
 * be aligned to 8 and must outlive *plan. */
enum plan_error plan_open(struct plan *plan, const void *bytes, size_t size, uint32_t arch);
const char *plan_error_text(enum plan_error e);

const struct plan_header *plan_header(const struct plan *p);
uint32_t plan_service_count(const struct plan *p);
/* NULL if `index` is out of range */
const struct plan_service *plan_service(const struct plan *p, uint32_t index);
int plan_find(const struct plan *p, const char *name); /* index of a service, or -1 */
/* The walls that are missing without an option of Kconfig (enum feature): bits of enum
 * plan_optional, 0 = none. */
uint32_t plan_option_walls(unsigned option);
/* The name of an option that this service needs and this build does not have, or NULL. Walls that
 * OptionalWalls allows to be missing are no reason; they are added to *absent. Every program that
 * carries out a part of a service checks this first. */
const char *plan_lacks(const struct plan_service *s, uint32_t *absent);
const char *plan_text(const struct plan *p, plan_str s); /* "" if absent or outside */
/* The elements of a list, or NULL if it is empty or not inside. */
const void *plan_elements(const struct plan *p, struct plan_list list, size_t element_size);
/* Whether the service uses sd_notify(3), and so has a readiness socket. */
bool plan_notifies(const struct plan_service *s);
/* The blob of a wall, or NULL if it has fewer than `size` bytes. */
const void *plan_wall(const struct plan *p, const struct plan_service *s, enum plan_wall wall,
	size_t size);
