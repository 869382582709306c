/* SPDX-License-Identifier: MIT
 * The files that a plan is made from, relative to the root. The digest of the compiler and of PID 1
 * covers them (base/digest.h). A name that ends in '/' is a directory of service files.
 */
#pragma once
#include <stddef.h>

/* Exit status of the compiler: the plan was made, but had no room for all services. */
#define PLAN_LEFT_OUT 6

static const char *const plan_sources[] = {
	"usr/lib/bulkhead/services.d/",
	"usr/lib/bulkhead/profiles.d/",
	"etc/bulkhead/services.d/",
	"etc/bulkhead/profiles.d/",
	"etc/bulkhead/init.ini",
	"etc/fstab",
	"etc/passwd",
	"etc/group",
	NULL,
};
