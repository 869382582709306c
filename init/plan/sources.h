/* SPDX-License-Identifier: MIT
 * The files a plan is made from, relative to the root: the compiler's digest and PID 1's are over
 * these (base/digest.h). A name that ends in '/' is a directory of service files.
 */
#pragma once
#include <stddef.h>

/* exit status of the compiler: the plan is made, and not all services had a place in it */
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
