/* SPDX-License-Identifier: MIT
 * The compiler confines itself: see confine.h.
 */
#include "compile/confine.h"
#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define MEMORY_BYTES (64ul << 20)
/* a PC needs 1 or 2 for a hundred services, and a small ARM processor thirty times as long */
#define CPU_SECONDS 120

/* A limit that is lower already stays. */
static int limit(int resource, rlim_t value)
{
	struct rlimit r = {value, value}, now;
	if (getrlimit(resource, &now) < 0)
		return -errno;
	if (now.rlim_max < value)
		return 0;
	return setrlimit(resource, &r) < 0 ? -errno : 0;
}

int confine(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	int err = limit(RLIMIT_CORE, 0);
	if (err == 0)
		err = limit(RLIMIT_CPU, CPU_SECONDS);
	return err < 0 ? err : limit(RLIMIT_AS, MEMORY_BYTES);
}
