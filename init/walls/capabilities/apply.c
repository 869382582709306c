/* SPDX-License-Identifier: MIT
 * Dropping capabilities around the change of ids: see capabilities.h and capabilities(7). What
 * matters is what execve leaves: the new permitted set comes from the bounding, inheritable and
 * ambient sets and from the file, never from the old permitted set.
 */
#include "walls/capabilities/capabilities.h"
#include "base/sys.h"
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>

#define MAX_CAPS 64u
/* Linux 3.16's; the kernel's own last one is found by asking */
#define OLDEST_LAST_CAP CAP_AUDIT_READ

static uint64_t cap_bit(unsigned cap)
{
	return 1ull << cap;
}

/* What this kernel does not have could neither be kept nor raised. */
static int check_named(const struct capabilities_plan *c, struct wall_why *why)
{
	for (unsigned cap = 0; cap < MAX_CAPS; cap++) {
		char text[] = "capability 00 is not in this kernel";
		if (!(c->named & (c->bounding | c->ambient) & cap_bit(cap)) ||
			prctl(PR_CAPBSET_READ, (unsigned long)cap, 0, 0, 0) >= 0)
			continue;
		text[11] = (char)('0' + cap / 10);
		text[12] = (char)('0' + cap % 10);
		return wall_failed(why, -errno, text);
	}
	return 0;
}

static int drop_bounding(uint64_t keep)
{
	for (unsigned cap = 0; cap < MAX_CAPS; cap++) {
		if (keep & cap_bit(cap))
			continue;
		if (prctl(PR_CAPBSET_DROP, (unsigned long)cap, 0, 0, 0) == 0)
			continue;
		/* EINVAL: beyond the last one that this kernel has, which may be newer than our headers. */
		return errno == EINVAL && cap > OLDEST_LAST_CAP ? 0 : -errno;
	}
	return 0;
}

int capabilities_bound(const struct capabilities_plan *c, struct wall_why *why)
{
	if (c->ambient & ~c->bounding)
		return wall_failed(why, -EINVAL, "ambient beyond bounding set");
	int err = check_named(c, why);
	if (err < 0)
		return err;
	err = drop_bounding(c->bounding);
	if (err < 0)
		return wall_failed(why, err, "bounding set");
	/* Leaving uid 0 shall not clear the sets yet: the ambient set and the last securebits need
	 * them. */
	if (prctl(PR_SET_SECUREBITS, (unsigned long)SECBIT_NO_SETUID_FIXUP, 0, 0, 0) < 0)
		return wall_failed(why, -errno, "securebits");
	return 0;
}

static int raise_ambient(uint64_t ambient, struct wall_why *why)
{
	uint64_t effective, permitted, inheritable;
	int err;
	if (ambient == 0)
		return 0;
	err = sys_capget(&effective, &permitted, &inheritable);
	if (err == 0)
		err = sys_capset(effective, permitted, ambient);
	if (err < 0)
		return wall_failed(why, err, "inheritable set");
	for (unsigned cap = 0; cap < MAX_CAPS; cap++) {
		if (!(ambient & cap_bit(cap)))
			continue;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (unsigned long)cap, 0, 0) < 0)
			return wall_failed(why, -errno, "ambient set");
	}
	return 0;
}

int capabilities_finish(const struct capabilities_plan *c, struct wall_why *why)
{
	uint64_t keep = c->ambient;
	int err = raise_ambient(c->ambient, why);
	if (err < 0)
		return err;
	/* After the raising: these may forbid it, and lock themselves. */
	if (prctl(PR_SET_SECUREBITS, (unsigned long)c->securebits, 0, 0, 0) < 0)
		return wall_failed(why, -errno, "securebits");
	/* seccomp(2) wants no_new_privs or this one. It is in no set that outlives execve. */
	if (!(c->flags & CAPS_NO_NEW_PRIVS))
		keep |= cap_bit(CAP_SYS_ADMIN);
	err = sys_capset(keep, keep, c->ambient);
	return err < 0 ? wall_failed(why, err, "permitted set") : 0;
}

int capabilities_no_new_privs(const struct capabilities_plan *c, struct wall_why *why)
{
	if (!(c->flags & CAPS_NO_NEW_PRIVS))
		return 0;
	return prctl(PR_SET_NO_NEW_PRIVS, 1ul, 0ul, 0ul, 0ul) < 0
		? wall_failed(why, -errno, "no_new_privs")
		: 0;
}
